"""The slope put on what comes back from the next step, and not on the loss's own part.

loses: test_rnn_deltas
says: not to d_t
"""
# %% solution id="rnn_deltas"
def rnn_deltas(W, slopes, direct):
    deltas, delta = np.zeros(direct.shape), np.zeros(len(W))
    for t in reversed(range(len(direct))):
        delta = direct[t] + (W.T @ delta) * slopes[t]
        deltas[t] = delta
    return deltas
