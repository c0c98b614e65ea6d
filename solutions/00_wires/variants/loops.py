"""Loops, as somebody new to numpy writes them."""
# %% solution id="nudge"
def nudge(f, point, k, step=1e-4):
    ends = []
    for sign in (1, -1):
        moved = np.array([value + sign * step if i == k else value for i, value in enumerate(point)])
        ends.append(f(moved))
    return (ends[0] - ends[1]) / (step + step)


# %% solution id="chain_rule"
def chain_rule(dL_du, du_dx):
    total = 0.0
    for k in range(len(dL_du)):
        total += dL_du[k] * du_dx[k]
    return total
