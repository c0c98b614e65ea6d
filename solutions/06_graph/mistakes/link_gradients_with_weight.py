"""The weight as a third factor.

loses: test_link_gradients
says: the weight does not belong here
"""
# %% solution id="link_gradients"
def link_gradients(w, delta, phi):
    return {(l, j): weight * delta[l] * phi[j] for (l, j), weight in w.items()}
