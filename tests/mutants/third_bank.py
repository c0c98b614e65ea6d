"""Sixty mistakes from all nine notebooks, each a whole body as a student may have written it.

Written down before their first run, by someone who had read the operators but asked none of them:
what is believed wrongly comes from the derivations, not from the syntax. (assignment, cell, body in
place of the solution). See also natural.py, own_words.py and second_bank.py.
"""

THIRD_BANK = [
    # 00_wires: a wire too many or too few, the chain broken, a loss without its derivative
    ("00_wires", "values", "q = x + y\nm = max(y, z)\np = q * m\nreturn q, m, p, p + z"),
    ("00_wires", "values", "q = x + y\nm = max(q, z)\np = q * z\nreturn q, m, p, p + m"),
    (
        "00_wires",
        "nudge",
        "up = point.copy()\ndown = point.copy()\nup[k] = up[k] + step\ndown[k] = down[k] - step\n"
        "return f(up) - f(down) / (2 * step)",
    ),
    ("00_wires", "times_gate", "return q * dp, z * dp"),
    ("00_wires", "max_gate", "m = max(y, z)\nreturn (m * dm, 0.0) if y > z else (0.0, m * dm)"),
    ("00_wires", "chain_rule", "return sum(dL_du) * sum(du_dx)"),
    ("00_wires", "chain_rule", "return (dL_du / du_dx).sum()"),
    ("00_wires", "circuit_gradient", "q = x + y\nif y > z:\n    return z, 1.0, q\nreturn z, z, q + 1"),
    # 01_logistic
    ("01_logistic", "sigmoid", "e = np.exp(-np.abs(z))\nreturn 1 / (1 + e)"),
    ("01_logistic", "decide", "return (z >= 1).astype(int)"),
    ("01_logistic", "squared_loss", "d = s - y\nreturn np.sqrt((d * d).sum())"),
    ("01_logistic", "dL_dyhat", "return 0.5 * (s - y) ** 2"),
    ("01_logistic", "sigmoid_slope", "return s**2 * (1 - s)"),
    ("01_logistic", "squared_gradient", "d = (s - y) * s\nreturn X.T @ d, d.sum()"),
    ("01_logistic", "dL_dsigma", "return (1 - y) / s - y / (1 - s)"),
    ("01_logistic", "two_terms", "return ((1 - y) * s + y * (1 - s)) @ X"),
    ("01_logistic", "cross_entropy_gradient", "r = y - s\nreturn X.T @ r, r.sum()"),
    (
        "01_logistic",
        "gradient_descent",
        "losses = []\nfor k in range(steps):\n    loss, dW, db = objective(W, b)\n    W = W - step_size * dW\n"
        "    b = b + step_size * db\n    losses.append(loss)\nreturn W, b, np.array(losses)",
    ),
    # 02_momentum
    ("02_momentum", "loss", "f = f - f.max()\nreturn np.log(np.exp(f).sum()) + f[y]"),
    ("02_momentum", "dL_df", "e = np.exp(f - f.max())\ng = e / e.sum()\ng[y] = g[y] + 1\nreturn g"),
    ("02_momentum", "dL_dh", "return df @ V.T if V.shape[0] == V.shape[1] else V.sum(axis=0)"),
    ("02_momentum", "dL_ds", "slope = 1 - np.tanh(s) ** 2\nreturn slope + dh"),
    (
        "02_momentum",
        "dL_db",
        's = params["b"] + params["W"] @ x\nreturn (1 - s**2) * (params["V"].T @ df)',
    ),
    (
        "02_momentum",
        "dL_dW",
        'h = np.tanh(params["b"] + params["W"] @ x)\nreturn np.outer(params["V"].T @ df, x)',
    ),
    (
        "02_momentum",
        "gradient_descent",
        "path, risks = [theta], []\nfor _ in range(steps):\n    R, g = objective(theta)\n"
        "    theta = theta + gamma * g\n    path.append(theta)\n    risks.append(R)\n"
        "return np.array(path), np.array(risks)",
    ),
    (
        "02_momentum",
        "momentum_descent",
        "phi = 0\npath, risks = [theta], []\nfor _ in range(steps):\n    R, g = objective(theta)\n"
        "    phi = (1 - alpha) * phi + g\n    theta = theta - gamma * phi\n    path.append(theta)\n"
        "    risks.append(R)\nreturn np.array(path), np.array(risks)",
    ),
    # 03_relu_l2
    ("03_relu_l2", "affine", "return x @ W - b"),
    ("03_relu_l2", "softmax", "e = np.exp(c - c.max())\nreturn e / e.sum(axis=0)"),
    ("03_relu_l2", "penalty", "return alpha / 2 * (np.abs(W1).sum() + np.abs(W2).sum())"),
    ("03_relu_l2", "dL_dq_m", "return -np.log(q[np.arange(len(m)), m])"),
    ("03_relu_l2", "dq_m_dc", "d = np.zeros(q.shape)\nd[np.arange(len(m)), m] = 1\nreturn d - q"),
    ("03_relu_l2", "dL_dc", "d = np.zeros(q.shape)\nd[np.arange(len(m)), m] = 1\nreturn d - q"),
    ("03_relu_l2", "dL_dD", "return np.maximum(D, 0) * dh"),
    ("03_relu_l2", "weight_gradient", "return below.T @ error / len(below) - alpha * W"),
    ("03_relu_l2", "bias_gradient", "return error.sum(axis=0) / error.shape[1]"),
    # 04_deep_mlp
    ("04_deep_mlp", "softmax", "e = np.exp(-z)\nreturn e / e.sum()"),
    ("04_deep_mlp", "dyhat_own", "return yhat - yhat * yhat.sum()"),
    ("04_deep_mlp", "softmax_jacobian", "return np.outer(yhat, yhat) - np.diag(yhat)"),
    ("04_deep_mlp", "da_dx", "return slope * W if len(slope) == W.shape[1] else slope[:, None] + W"),
    ("04_deep_mlp", "dL_db", "return (1 - h**2) * (U.T @ dz) * h"),
    ("04_deep_mlp", "dL_dW", "return db[:, None] + x[None, :]"),
    ("04_deep_mlp", "step_down", "return delta @ W"),
    (
        "04_deep_mlp",
        "backward",
        "delta, gradients = error, []\nfor i in reversed(range(len(weights))):\n"
        "    gradients.append((delta.T @ xs[i], delta.mean(axis=0)))\n    if i > 0:\n"
        "        delta = (delta @ weights[i]) * slopes[i - 1]\nreturn gradients[::-1]",
    ),
    # 05_minibatch
    ("05_minibatch", "unit_input", "return W1[:, j] @ x - b1[j]"),
    ("05_minibatch", "output_one", "db2 = (yhat - y) * yhat * (1 - yhat)\nreturn np.outer(z, db2), db2"),
    ("05_minibatch", "output_gradients", "E = Yhat - Y\nreturn Z.T @ E / len(Z), E.sum(axis=0) / len(Z)"),
    ("05_minibatch", "hidden_slope", "return z - z**3"),
    ("05_minibatch", "dLk_dzj", "return yhat[k] * (1 - yhat[k]) * W2[j, k]"),
    ("05_minibatch", "dW1_column", "return (yhat - y) @ W2[j] * z[j] * x"),
    # 06_graph
    ("06_graph", "fed_by", "return sorted(j for k, j in w if k == l)"),
    ("06_graph", "output_deltas", "return {u: phi[u] * slope[u] for u in y}"),
    ("06_graph", "link_gradients", "return {(l, j): delta[l] for l, j in w}"),
    ("06_graph", "layer_gradients", "return [np.outer(p, d) for d, p in zip(deltas, phis)]"),
    (
        "06_graph",
        "rnn_deltas",
        "out, d = np.zeros(direct.shape), np.zeros(len(W))\nfor t in range(len(direct))[::-1]:\n"
        "    d = direct[t] * slopes[t] + W.T @ d\n    out[t] = d\nreturn out",
    ),
    # 07_debug_the_notes
    ("07_debug_the_notes", "layer_delta", "return (W.T @ delta) * slope * (1 - slope)"),
    ("07_debug_the_notes", "weight_gradient", "return A.T @ back + alpha * W"),
    ("07_debug_the_notes", "li_outputs", "return 1 / (1 + np.exp(-Z @ W2 + b2))"),
    # 08_autodiff
    ("08_autodiff", "power_rule", "return a**n, lambda G: (G * n * a**n, None)"),
    ("08_autodiff", "divide_rule", "return a / b, lambda G: (G / b, -G * a / b)"),
    ("08_autodiff", "exp_rule", "return np.exp(a), lambda G: (np.exp(a),)"),
    ("08_autodiff", "multiply_rule", "return a * b, lambda G: (G * a, G * b)"),
]  # fmt: skip
