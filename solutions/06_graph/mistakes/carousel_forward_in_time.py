"""The running sum from the beginning.

loses: test_carousel_backward
says: the sum runs forward in time
"""
# %% solution id="carousel_backward"
def carousel_backward(direct, gate, candidate):
    epsilon = np.cumsum(direct, axis=0)
    return epsilon * candidate, epsilon * gate
