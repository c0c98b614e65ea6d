"""Right, but the caller's array is gone.

loses: test_chain_rule
says: in place
"""
# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    dL_du *= du_dx
    return dL_du.sum()
