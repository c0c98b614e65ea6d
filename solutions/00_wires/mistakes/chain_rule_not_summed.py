"""One number for each wire.

loses: test_chain_rule
says: expected a single number
"""
# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    return dL_du * du_dx
