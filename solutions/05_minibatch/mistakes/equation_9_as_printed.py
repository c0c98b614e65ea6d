"""Equation (9) with the sign of the print.

loses: test_output_gradients
says: this points downhill
"""
# %% solution id="output_gradients"
def output_gradients(Z, Y, Yhat):
    error = Y - Yhat
    return Z.T @ error, error.sum(axis=0)
