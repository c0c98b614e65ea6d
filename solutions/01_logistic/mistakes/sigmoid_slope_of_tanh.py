"""The slope of the other S-shaped curve.

loses: test_sigmoid_slope
says: the slope of tanh
"""
# %% solution id="sigmoid_slope"
def sigmoid_slope(s):
    return 1 - s**2
