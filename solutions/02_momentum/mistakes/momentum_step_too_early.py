"""The step is taken before phi is updated.

loses: test_momentum_descent
says: before φ is updated
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        theta = theta - gamma * phi
        phi = (1 - alpha) * phi + alpha * gradient
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
