"""alpha and 1 - alpha swapped.

loses: test_momentum_descent
says: alpha and 1 - alpha are swapped
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        phi = alpha * phi + (1 - alpha) * gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
