"""The norm of W.

loses: test_weight_gradient
says: α times the norm of W
"""
# %% solution id="weight_gradient"
def weight_gradient(A, back, W, alpha):
    return A.T @ back / len(A) + alpha * np.linalg.norm(W)
