"""The shift of the scores forgotten: exp(1000) is infinite.

loses: test_softmax
says: subtract the maximum before exp
"""
# %% solution id="softmax"
def softmax(z):
    powers = np.exp(z)
    return powers / powers.sum()
