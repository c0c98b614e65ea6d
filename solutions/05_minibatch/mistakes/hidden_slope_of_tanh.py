"""The slope of another activation.

loses: test_hidden_slope
says: this is the slope of tanh
"""
# %% solution id="hidden_slope"
def hidden_slope(z):
    return 1 - z**2
