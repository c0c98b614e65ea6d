"""y - ŷ: the sign.

loses: test_dL_dyhat
says: the sign: does the loss rise or fall
"""
# %% solution id="dL_dyhat"
def dL_dyhat(s, y):
    return y - s
