"""Without brackets.

loses: test_domke_dW
says: this is the printed form without brackets
"""
# %% solution id="domke_dW"
def domke_dW(slope, V, df, x):
    return slope * ((V.T @ df)[:, None] @ x[None])
