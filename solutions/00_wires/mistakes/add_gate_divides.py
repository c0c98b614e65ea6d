"""As if the gradient were divided among the inputs.

loses: test_add_gate
says: not divided among the inputs
"""
# %% solution id="add_gate"
def add_gate(x, y, dq):
    return dq / 2, dq / 2
