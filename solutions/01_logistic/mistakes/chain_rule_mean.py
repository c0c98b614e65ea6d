"""The mean over the examples.

loses: test_chain_rule
says: mean over the examples
"""
# %% solution id="chain_rule"
def chain_rule(outer, inner):
    return np.mean(outer[:, None] * inner, axis=0)
