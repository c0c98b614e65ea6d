"""A path with the integer dtype of the start: every fraction is cut off.

loses: test_gradient_descent
says: whole numbers
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    path = np.zeros((steps + 1, len(theta)), dtype=theta.dtype)
    risks = np.zeros(steps)
    path[0] = theta
    for r in range(steps):
        risks[r], gradient = objective(path[r])
        path[r + 1] = path[r] - gamma * gradient
    return path, risks
