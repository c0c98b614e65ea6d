"""∂L/∂φ in place of ∂L/∂a.

loses: test_output_deltas
says: the slope σ'(a_u) is missing
"""
# %% solution id="output_deltas"
def output_deltas(phi, y, slope):
    return {u: phi[u] - y[u] for u in y}
