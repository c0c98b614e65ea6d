"""A dict of parts and a comprehension; descent as Polyak writes it."""
# %% solution id="risk_gradient"
def risk_gradient(params, X, y):
    H = np.tanh(params["W"] @ X.T + params["b"].reshape(-1, 1))
    F = params["V"] @ H + params["c"].reshape(-1, 1)
    F = F - F.max(axis=0)
    losses = np.log(np.exp(F).sum(axis=0)) - F[y, np.arange(y.size)]
    dF = np.exp(F) / np.exp(F).sum(axis=0) - np.eye(len(F))[:, y]
    dS = (1 - H) * (1 + H) * (params["V"].T @ dF)
    factors = {"W": (dS, X), "b": (dS, np.ones(y.size)), "V": (dF, H.T), "c": (dF, np.ones(y.size))}
    return losses.sum().item(), {name: left @ right for name, (left, right) in factors.items()}

# %% solution id="momentum_descent"
def momentum_descent(objective, theta, gamma, alpha, steps):
    eta, beta = gamma * alpha, 1 - alpha
    path, risks = [theta, theta], []
    for _ in range(steps):
        R, gradient = objective(path[-1])
        risks.append(R)
        path.append(path[-1] - eta * gradient + beta * (path[-1] - path[-2]))
    return np.stack(path[1:]), np.array(risks)

# %% solution id="step_matrix"
def step_matrix(curvature, gamma, alpha):
    return np.array(
        [
            [1 - gamma * alpha * curvature, -gamma * (1 - alpha)],
            [alpha * curvature, 1 - alpha],
        ]
    )

# %% solution id="best_gamma_alpha"
def best_gamma_alpha(smallest, largest):
    middle = (smallest * largest) ** 0.5
    return 1 / middle, 4 * middle / (smallest**0.5 + largest**0.5) ** 2
