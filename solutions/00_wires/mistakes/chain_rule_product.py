"""All slopes in one product.

loses: test_chain_rule
says: side by side
"""
# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    return np.prod(dL_du) * np.prod(du_dx)
