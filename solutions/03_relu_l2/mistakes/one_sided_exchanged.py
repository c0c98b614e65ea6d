"""Right before left.

loses: test_one_sided
says: left and right are swapped
"""
# %% solution id="one_sided"
def one_sided(D, dh):
    return (D >= 0) * dh, (D > 0) * dh
