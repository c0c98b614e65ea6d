"""The length of u as a constant.

loses: test_cosine_gradient
says: this is the printed one
"""
# %% solution id="cosine_gradient"
def cosine_gradient(u, v):
    return -v / (np.sqrt(v @ v) * np.sqrt(u @ u))
