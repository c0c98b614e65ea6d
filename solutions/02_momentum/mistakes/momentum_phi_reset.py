"""φ starts again at every step.

loses: test_momentum_descent
says: φ starts again at 0
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        phi = np.zeros(len(theta))
        phi = (1 - alpha) * phi + alpha * gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
