"""The slopes scale the columns of W: silent when M = p.

loses: test_da_dx
says: row j belongs to unit j
"""
# %% solution id="da_dx"
def da_dx(W, slope):
    return W * slope if W.shape[1] == len(slope) else slope[:, None] * W
