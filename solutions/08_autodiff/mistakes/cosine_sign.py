"""The gradient of the similarity, not of the distance.

loses: test_cosine_gradient
says: the sign
"""
# %% solution id="cosine_gradient"
def cosine_gradient(u, v):
    a, b = u / np.sqrt(u @ u), v / np.sqrt(v @ v)
    return (b - (a @ b) * a) / np.sqrt(u @ u)
