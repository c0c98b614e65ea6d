"""One row for each sample.

loses: test_bias_gradient
says: this is (7) and (9) as printed
"""
# %% solution id="bias_gradient"
def bias_gradient(back):
    return back / len(back)
