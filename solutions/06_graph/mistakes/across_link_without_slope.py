"""From phi_l to a_k, and no further.

loses: test_across_link
says: the slope is missing
"""
# %% solution id="across_link"
def across_link(w, slope, k, l):
    return w[k, l]
