"""The links followed the wrong way round.

loses: test_forward
says: a key (l, j) is a link from j to l
"""
# %% solution id="forward"
def forward(w, order, x, sigma):
    a, phi = {}, dict(x)
    for l in order:
        if l not in x:
            a[l] = sum(weight * phi.get(j, 0.0) for (j, target), weight in w.items() if target == l)
            phi[l] = sigma(a[l])
    return a, phi
