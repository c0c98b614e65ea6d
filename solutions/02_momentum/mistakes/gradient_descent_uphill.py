"""A step along the gradient, not against it.

loses: test_gradient_descent
says: uphill
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        risks.append(R)
        theta = theta + gamma * gradient
        path.append(theta)
    return np.array(path), np.array(risks)
