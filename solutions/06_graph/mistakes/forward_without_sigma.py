"""The sums run over a, not over φ.

loses: test_forward
says: the nonlinearity σ is missing on the way
"""
# %% solution id="forward"
def forward(w, order, x, sigma):
    a, phi = dict(x), dict(x)
    for l in order:
        if l not in x:
            a[l] = sum(weight * a[j] for (target, j), weight in w.items() if target == l)
            phi[l] = sigma(a[l])
    return {l: number for l, number in a.items() if l not in x}, phi
