"""y - φ in place of φ - y.

loses: test_output_deltas
says: the sign
"""
# %% solution id="output_deltas"
def output_deltas(phi, y, slope):
    return {u: (y[u] - phi[u]) * slope[u] for u in y}
