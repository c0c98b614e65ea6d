"""numpy's own functions, and comparisons as numbers."""
# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    unit = step * np.eye(len(point))[k]
    return f(point + unit) / (2 * step) - f(point - unit) / (2 * step)


# %% solution id="max_gate"
def max_gate(y, z, dm):
    return dm * np.float64(y > z), dm * np.float64(z > y)


# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    return dL_du @ du_dx
