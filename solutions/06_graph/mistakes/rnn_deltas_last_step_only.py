"""Only the last step's loss is seen.

loses: test_rnn_deltas
says: of the steps before the last is missing
"""
# %% solution id="rnn_deltas"
def rnn_deltas(W, slopes, direct):
    deltas = np.zeros(direct.shape)
    deltas[-1] = direct[-1] * slopes[-1]
    for t in reversed(range(len(direct) - 1)):
        deltas[t] = (W.T @ deltas[t + 1]) * slopes[t]
    return deltas
