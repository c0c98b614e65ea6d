"""The two safe forms under np.where, which computes both for every z.

loses: test_sigmoid
says: thrown away
"""
# %% solution id="sigmoid"
def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
