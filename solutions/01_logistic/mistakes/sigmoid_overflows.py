"""The formula as it stands: exp(1000) is infinite on the way to a right value.

loses: test_sigmoid
says: overflow encountered in exp
"""
# %% solution id="sigmoid"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
