"""The maximum sends to both of its inputs.

loses: test_circuit_gradient
says: nothing to the smaller input
"""
# %% solution id="circuit_gradient"
def circuit_gradient(x, y, z):
    return z, z + 1.0, x + y + 1.0
