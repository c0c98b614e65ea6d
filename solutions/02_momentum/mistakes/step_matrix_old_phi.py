"""theta moves by the old phi.

loses: test_step_matrix
says: the old φ
"""
# %% solution id="step_matrix"
def step_matrix(curvature, gamma, alpha):
    return np.array([[1.0, -gamma], [alpha * curvature, 1 - alpha]])
