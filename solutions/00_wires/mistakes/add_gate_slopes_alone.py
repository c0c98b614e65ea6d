"""What arrives is forgotten.

loses: test_add_gate
says: multiply by what arrives
"""
# %% solution id="add_gate"
def add_gate(x, y, dq):
    return 1.0, 1.0
