"""α ‖W‖, as the note prints it.

loses: test_weight_gradient
says: as the note prints it
"""
# %% solution id="weight_gradient"
def weight_gradient(below, error, W, alpha):
    return below.T @ error / len(below) + alpha * np.linalg.norm(W)
