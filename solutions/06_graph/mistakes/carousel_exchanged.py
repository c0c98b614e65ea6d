"""Gate and candidate exchanged.

loses: test_carousel_backward
says: i and g are swapped
"""
# %% solution id="carousel_backward"
def carousel_backward(direct, gate, candidate):
    epsilon = np.cumsum(direct[::-1], axis=0)[::-1]
    return epsilon * gate, epsilon * candidate
