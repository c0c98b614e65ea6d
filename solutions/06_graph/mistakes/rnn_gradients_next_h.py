"""δ_t against the h that it made.

loses: test_rnn_gradients
says: the link begins at h_t
"""
# %% solution id="rnn_gradients"
def rnn_gradients(deltas, H, X):
    return deltas.T @ H[1:], deltas.T @ X
