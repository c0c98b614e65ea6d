"""The next level gets a in place of φ.

loses: test_forward_layers
says: the nonlinearity σ is missing
"""
# %% solution id="forward_layers"
def forward_layers(Ws, x, sigma):
    a, phis = [], [x]
    for W in Ws:
        a.append(W @ (a[-1] if a else x))
        phis.append(sigma(a[-1]))
    return a, phis
