"""Each input gets its own value.

loses: test_times_gate
says: the value of the other one
"""
# %% solution id="times_gate"
def times_gate(q, z, dp):
    return q * dp, z * dp
