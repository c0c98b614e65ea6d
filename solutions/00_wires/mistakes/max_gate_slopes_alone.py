"""0 and 1, without what arrives.

loses: test_max_gate
says: multiply by what arrives
"""
# %% solution id="max_gate"
def max_gate(y, z, dm):
    return float(y > z), float(z > y)
