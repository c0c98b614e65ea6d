"""Nesterov's step: the gradient at the point ahead.

loses: test_momentum_descent
says: ahead of θ
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, _ = objective(theta)
        _, gradient = objective(theta - gamma * (1 - alpha) * phi)
        phi = (1 - alpha) * phi + alpha * gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
