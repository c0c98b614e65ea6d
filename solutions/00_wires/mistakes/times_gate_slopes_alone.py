"""The slopes of the box, without what arrives.

loses: test_times_gate
says: multiply by what arrives
"""
# %% solution id="times_gate"
def times_gate(q, z, dp):
    return z, q
