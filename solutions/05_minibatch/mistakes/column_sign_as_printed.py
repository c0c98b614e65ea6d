"""y - yhat, as section 2 of the note prints it.

loses: test_dW2_column
says: this points downhill
"""
# %% solution id="dW2_column"
def dW2_column(z, y, yhat, i):
    return (y[i] - yhat[i]) * z
