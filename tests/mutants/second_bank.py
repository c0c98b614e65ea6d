"""Sixty further mistakes, each a whole body in a student's own words.

Written down before the first run, and after the operators that own_words.py led to; (assignment,
cell, body in place of the solution).
"""

SECOND_BANK = [
    # 00_wires
    ("00_wires", "values", "q = x + y\nm = max(y, z)\np = q * z\nreturn q, m, p, p - m"),
    ("00_wires", "nudge", "up = point.copy()\nup[k] += step\nreturn (f(up) - f(point)) / (2 * step)"),
    ("00_wires", "nudge", "return (f(point + step) - f(point - step)) / (2 * step)"),
    ("00_wires", "times_gate", "return z + dp, q + dp"),
    ("00_wires", "max_gate", "return (dm, dm) if y > z else (0.0, dm)"),
    ("00_wires", "circuit_gradient", "q = x + y\nif y > z:\n    return z, z + 1, q\nreturn z, z, q + z"),
    # 01_logistic
    ("01_logistic", "scores", "return X @ W * b"),
    ("01_logistic", "sigmoid", "return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 - np.exp(z)))"),
    ("01_logistic", "squared_loss", "return np.sum((y - s) ** 2)"),
    ("01_logistic", "squared_loss", "return 0.5 * np.sum(s - y) ** 2"),
    ("01_logistic", "dL_dyhat", "return y - s"),
    ("01_logistic", "sigmoid_slope", "return s * 1 - s"),
    ("01_logistic", "dsigma_dW", "return X * s * (1 - s)"),
    ("01_logistic", "squared_gradient", "d = (s - y) * s * (1 - s)\nreturn X.T @ d, d"),
    ("01_logistic", "cross_entropy", "s = sigmoid(z)\nreturn -np.sum(y * np.log(s) + (1 - y) * np.log(1 - s))"),
    ("01_logistic", "cross_entropy", "return np.sum(np.maximum(z, 0) - z * y + np.log(1 + np.exp(np.abs(z))))"),
    ("01_logistic", "dL_dsigma", "return -y / s + (1 - y) / s"),
    ("01_logistic", "two_terms", "return X.T @ ((1 - y) * s) + X.T @ (y * (1 - s))"),
    (
        "01_logistic",
        "gradient_descent",
        "losses = []\nfor _ in range(steps):\n    loss, dW, db = objective(W, b)\n    W = W - step_size * dW\n"
        "    b = b - step_size * db\n    losses.append(objective(W, b)[0])\nreturn W, b, np.array(losses)",
    ),
    # 02_momentum
    ("02_momentum", "predict", 'return params["c"] + params["V"] @ (params["b"] + np.tanh(params["W"] @ x))'),
    ("02_momentum", "loss", "e = np.exp(f - f.max())\nreturn -np.log(e[y]) / e.sum()"),
    ("02_momentum", "dlogsum_df", "e = np.exp(f - f.max())\nreturn np.log(e / e.sum())"),
    ("02_momentum", "dL_df", "p = np.exp(f - f.max())\np = p / p.sum()\np[y] = 1 - p[y]\nreturn p"),
    ("02_momentum", "dL_dc", "return df.sum()"),
    ("02_momentum", "dL_ds", "h = np.tanh(s)\nreturn 1 - h**2 * dh"),
    ("02_momentum", "dL_ds", "return dh / np.cosh(s)"),
    (
        "02_momentum",
        "dL_db",
        'h = np.tanh(params["b"] + params["W"] @ x)\nreturn (1 - h**2) * (params["V"].T @ h)',
    ),
    (
        "02_momentum",
        "risk_gradient",
        "W, b, V, c = (params[name] for name in 'WbVc')\nn = np.arange(len(y))\nH = np.tanh(W @ X.T + b[:, None])\n"
        "F = V @ H + c[:, None]\nF = F - F.max(axis=0)\nP = np.exp(F) / np.exp(F).sum(axis=0)\n"
        "R = -np.log(P[y, n]).sum()\nP[y, n] -= 1\nD = (V.T @ P) * (1 - H)\n"
        'return R, {"W": D @ X, "b": D.sum(axis=1), "V": P @ H.T, "c": P.sum(axis=1)}',
    ),
    (
        "02_momentum",
        "momentum_descent",
        "phi = np.zeros(len(theta))\npath, risks = [theta], []\nfor _ in range(steps):\n    R, g = objective(theta)\n"
        "    phi = alpha * phi + (1 - alpha) * g\n    theta = theta - phi\n    path.append(theta)\n    risks.append(R)\n"
        "return np.array(path), np.array(risks)",
    ),
    ("02_momentum", "step_matrix", "return np.array([[1, -gamma], [alpha * curvature, 1 - alpha]])"),
    # 03_relu_l2
    ("03_relu_l2", "affine", "return x @ W.T + b"),
    ("03_relu_l2", "relu", "return (D > 0).astype(float)"),
    ("03_relu_l2", "softmax", "e = np.exp(c - c.max(axis=0))\nreturn e / e.sum(axis=0)"),
    ("03_relu_l2", "penalty", "return alpha / 2 * (W1**2).sum() + (W2**2).sum()"),
    ("03_relu_l2", "penalty", "return alpha / 2 * np.sum(W1**2 + W2**2)"),
    ("03_relu_l2", "dq_m_dc", "n = np.arange(len(m))\nd = -q.copy()\nd[n, m] = 1 - q[n, m]\nreturn d"),
    ("03_relu_l2", "dL_dc", "d = q.copy()\nd[:, m] -= 1\nreturn d"),
    ("03_relu_l2", "dL_dc", "d = q.copy()\nd[np.arange(len(m)), m] -= 1\nreturn d / len(m)"),
    ("03_relu_l2", "weight_gradient", "return below.T @ error / len(below) + alpha / 2 * W"),
    ("03_relu_l2", "weight_gradient", "return (below.T @ error) / below.shape[1] + alpha * W"),
    ("03_relu_l2", "safe_step", "return np.min(np.abs(D[change != 0]), initial=np.inf)"),
    # 04_deep_mlp
    ("04_deep_mlp", "hidden", "return np.tanh(W @ x) + b"),
    ("04_deep_mlp", "cross_entropy", "k = y > 0\nreturn -np.mean(y[k] * np.log(yhat[k]))"),
    ("04_deep_mlp", "softmax_jacobian", "return np.diag(yhat * (1 - yhat))"),
    ("04_deep_mlp", "dL_dz_chain", "return dyhat * np.diag(J)"),
    ("04_deep_mlp", "dL_dz", "return yhat * (1 - y)"),
    ("04_deep_mlp", "dL_db", "return U.T @ dz * h**2"),
    ("04_deep_mlp", "slope", 'if name == "tanh":\n    return 1 - np.tanh(s) ** 2\nif name == "sigmoid":\n    z = np.exp(-np.logaddexp(0, -s))\n    return z * (1 - z) * s\nif name == "relu":\n    return np.where(s > 0, 1.0, 0.0)\nreturn np.ones(s.shape)'),
    ("04_deep_mlp", "forward", "xs, pres = [x], []\nfor (W, b), g in zip(layers, gs):\n    pres.append(x @ W.T + b)\n    x = g(pres[-1])\n    xs.append(x + b)\nreturn xs, pres"),
    # 05_minibatch
    ("05_minibatch", "loss", "return np.sum(np.maximum(T, 0) + T * Y + np.log1p(np.exp(-np.abs(T))))"),
    ("05_minibatch", "dW1_column", "return (yhat - y) @ W2[:, j] * z[j] * (1 - z[j]) * x"),
    ("05_minibatch", "hidden_one", "d = (yhat - y) @ W2.T * z\nreturn np.outer(x, d), d"),
    ("05_minibatch", "minibatches", "p = np.arange(N)\nrng.shuffle(p)\nreturn [p[i : i + batch_size] for i in range(0, N - 1, batch_size)]"),
    # 06_graph
    ("06_graph", "output_deltas", "return {u: 2 * (phi[u] - y[u]) * slope[u] for u in y}"),
    ("06_graph", "carousel_backward", "e = np.cumsum(direct, axis=0)\nreturn e * candidate, e * gate"),
    ("06_graph", "rnn_deltas", "out = np.zeros(direct.shape)\nd = np.zeros(len(W))\nfor t in reversed(range(len(direct))):\n    d = (direct[t] + W @ d) * slopes[t]\n    out[t] = d\nreturn out"),
    # 07_debug_the_notes
    ("07_debug_the_notes", "domke_dW", "return np.outer(slope, V.T @ df) @ x"),
    ("07_debug_the_notes", "li_dW1", "return X.T @ ((Yhat - Y) @ W2.T * (1 - Z**2))"),
    # 08_autodiff
    ("08_autodiff", "divide_rule", "return a / b, lambda G: (G / b, G * a / b**2)"),
    ("08_autodiff", "tanh_rule", "v = np.tanh(a)\nreturn v, lambda G: (G * 1 - v**2,)"),
]  # fmt: skip
