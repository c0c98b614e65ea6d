"""The mean over the samples; the gradients do not suffer for it.

loses: test_loss, test_loss_and_gradient
says: this is the mean over the samples
"""
# %% solution id="loss"
def loss(T, Y):
    return np.sum(np.logaddexp(0, T) - T * Y) / len(T)
