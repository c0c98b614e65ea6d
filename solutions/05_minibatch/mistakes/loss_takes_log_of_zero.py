"""Written as printed, from the outputs: -log 0 for outputs that are sure and wrong.

loses: test_loss, test_loss_and_gradient
says: infinite
"""
# %% solution id="loss"
def loss(T, Y):
    Yhat = sigmoid(T)
    with np.errstate(all="ignore"):
        terms = np.where(Y == 1, -np.log(Yhat), -np.log(1 - Yhat))
    return terms.sum()
