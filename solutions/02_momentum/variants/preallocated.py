"""Arrays of the final size, filled row by row; phi as a correction of its old value."""
# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    path, risks = np.empty((steps + 1, len(theta))), np.empty(steps)
    path[0] = theta
    for r in range(steps):
        risks[r], gradient = objective(path[r])
        path[r + 1] = path[r] - gamma * gradient
    return path, risks

# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    path, risks = np.empty((steps + 1, len(theta))), np.empty(steps)
    path[0], phi = theta, 0.0
    for r in range(steps):
        risks[r], gradient = objective(path[r])
        phi += alpha * (gradient - phi)
        path[r + 1] = path[r] - gamma * phi
    return path, risks
