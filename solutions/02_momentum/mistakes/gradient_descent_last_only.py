"""Only the last θ returned.

loses: test_gradient_descent
says: only the last
"""
# %% solution id="gradient_descent"
def gradient_descent(objective, theta, gamma, steps):
    risks = []
    for _ in range(steps):
        R, gradient = objective(theta)
        theta = theta - gamma * gradient
        risks.append(R)
    return theta, np.array(risks)
