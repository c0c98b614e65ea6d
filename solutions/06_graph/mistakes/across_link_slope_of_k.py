"""The slope at the far end of the link.

loses: test_across_link
says: the slope is that of k
"""
# %% solution id="across_link"
def across_link(w, slope, k, l):
    return w[k, l] * slope[k]
