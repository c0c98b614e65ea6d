"""Both inputs are sent what arrives.

loses: test_max_gate
says: without m noticing
"""
# %% solution id="max_gate"
def max_gate(y, z, dm):
    return dm, dm
