"""W in place of its transpose.

loses: test_rnn_deltas
says: the transpose of W is missing
"""
# %% solution id="rnn_deltas"
def rnn_deltas(W, slopes, direct):
    deltas, delta = np.zeros(direct.shape), np.zeros(len(W))
    for t in reversed(range(len(direct))):
        delta = deltas[t] = (direct[t] + W @ delta) * slopes[t]
    return deltas
