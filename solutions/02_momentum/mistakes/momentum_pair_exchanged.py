"""(risks, path): the pair exchanged.

loses: test_momentum_descent
says: in this order
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        phi = (1 - alpha) * phi + alpha * gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(risks), np.array(path)
