"""One sample after the other.

loses: test_forward
says: loops over the samples
"""
# %% solution id="forward"
def forward(layers, gs, x):
    xs, pres = [x], []
    for (W, b), g in zip(layers, gs):
        if x.ndim == 1:
            pres.append(W @ xs[-1] + b)
        else:
            pres.append(np.array([W @ row + b for row in xs[-1]]))
        xs.append(g(pres[-1]))
    return xs, pres
