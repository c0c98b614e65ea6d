"""Right numbers, by a loop over time.

loses: test_rnn_gradients
says: loop
"""
# %% solution id="rnn_gradients"
def rnn_gradients(deltas, H, X):
    dW = np.zeros((deltas.shape[1], H.shape[1]))
    dU = np.zeros((deltas.shape[1], X.shape[1]))
    for t in range(len(deltas)):
        dW += np.outer(deltas[t], H[t])
        dU += np.outer(deltas[t], X[t])
    return dW, dU
