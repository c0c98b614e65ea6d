"""The heavy ball: another convention, a wrong answer in this one.

loses: test_momentum_descent
says: heavy ball
"""
# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    phi = np.zeros(len(theta))
    path, risks = [theta], []
    for _ in range(steps):
        R, gradient = objective(theta)
        phi = (1 - alpha) * phi + gradient
        theta = theta - gamma * phi
        path.append(theta)
        risks.append(R)
    return np.array(path), np.array(risks)
