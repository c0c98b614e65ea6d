"""q is sent back to x.

loses: test_circuit_gradient
says: the value of the other one
"""
# %% solution id="circuit_gradient"
def circuit_gradient(x, y, z):
    q = x + y
    return q, q + (1.0 if y > z else 0.0), z + (1.0 if z > y else 0.0)
