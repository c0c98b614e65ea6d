"""The outer product the wrong way round.

loses: test_output_one
says: transposed
"""
# %% solution id="output_one"
def output_one(z, y, yhat):
    return np.outer(yhat - y, z), yhat - y
