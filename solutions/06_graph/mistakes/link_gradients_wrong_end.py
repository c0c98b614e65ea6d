"""φ of the unit at the end of the link.

loses: test_link_gradients
says: it is that of its beginning
"""
# %% solution id="link_gradients"
def link_gradients(w, delta, phi):
    return {(l, j): delta[l] * phi[l] for l, j in w}
