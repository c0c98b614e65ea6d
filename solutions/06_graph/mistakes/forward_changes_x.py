"""The caller's dict of inputs is filled up.

loses: test_forward
says: changed its argument x
"""
# %% solution id="forward"
def forward(w, order, x, sigma):
    a = {}
    for l in order:
        if l not in x:
            a[l] = sum(weight * x[j] for (target, j), weight in w.items() if target == l)
            x[l] = sigma(a[l])
    return a, x
