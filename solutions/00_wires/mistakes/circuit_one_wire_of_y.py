"""The second wire of y is forgotten.

loses: test_circuit_gradient
says: with respect to y
"""
# %% solution id="circuit_gradient"
def circuit_gradient(x, y, z):
    return z, z, x + y + (1.0 if z > y else 0.0)
