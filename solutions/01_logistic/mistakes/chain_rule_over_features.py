"""The product the other way round; it runs when n = p.

loses: test_chain_rule
says: sums over p
"""
# %% solution id="chain_rule"
def chain_rule(outer, inner):
    return inner @ outer
