"""One array changed in place: every row of the path is the last point.

loses: test_gradient_descent
says: every row is the last
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    theta = theta.astype(float)
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        risks.append(R)
        theta -= gamma * gradient
        path.append(theta)
    return np.array(path), np.array(risks)
