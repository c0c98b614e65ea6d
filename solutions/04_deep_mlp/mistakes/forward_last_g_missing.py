"""The last layer left linear.

loses: test_forward
says: the last g is missing
"""
# %% solution id="forward"
def forward(layers, gs, x):
    xs, pres = [x], []
    for (W, b), g in zip(layers, gs):
        pres.append(xs[-1] @ W.T + b)
        xs.append(g(pres[-1]))
    xs[-1] = pres[-1]
    return xs, pres
