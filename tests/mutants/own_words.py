"""Ninety more mistakes as students make them, each a whole body in a student's own words.

Written before the operators of `autograder.mutants` were read, and never fitted to them:
(assignment, cell, body in place of the solution). See also natural.py, whose mistakes are edits.
"""

OWN_WORDS = [
    # 00_wires
    ("00_wires", "values", "q = x + y\nm = max(y, z)\np = q + z\nreturn (q, m, p, p + m)"),
    ("00_wires", "values", "q = x + y\nm = min(y, z)\nreturn q, m, q * z, q * z + m"),
    ("00_wires", "values", "q = x + y\nreturn [q, max(y, z), q * z, q * z + max(y, z)]"),
    (
        "00_wires",
        "nudge",
        "up, down = point.copy(), point.copy()\nup[k] += step\ndown[k] -= step\n"
        "return (f(up) - f(down)) / 2 * step",
    ),
    ("00_wires", "nudge", "up = point\nup[k] += step\nreturn (f(up) - f(point)) / step"),
    ("00_wires", "times_gate", "return q * z * dp, q * z * dp"),
    ("00_wires", "max_gate", "if y > z:\n    return 1, 0\nreturn 0, 1"),
    ("00_wires", "chain_rule", "return dL_du * du_dx"),
    (
        "00_wires",
        "circuit_gradient",
        "q = x + y\ndx = z\ndy = z\ndz = q\nif y > z:\n    dy = 1\nelse:\n    dz = 1\n"
        "return dx, dy, dz",
    ),
    # 01_logistic
    ("01_logistic", "scores", "return X * W + b"),
    ("01_logistic", "scores", "return X.T @ W + b"),
    ("01_logistic", "sigmoid", "return 1 / (1 + np.exp(z))"),
    ("01_logistic", "sigmoid", "return 1 / (1 + np.exp(-z))"),
    ("01_logistic", "decide", "return 1 / (1 + np.exp(-z)) > 0.5"),
    ("01_logistic", "squared_loss", "return np.sum(0.5 * s - y) ** 2"),
    ("01_logistic", "sigmoid_slope", "e = 1 / (1 + np.exp(-s))\nreturn e * (1 - e)"),
    ("01_logistic", "dsigma_dW", "return (s * (1 - s)) @ X"),
    (
        "01_logistic",
        "squared_gradient",
        "error = s - y\ndW = X.T @ error\ndb = np.sum(error)\nreturn dW, db",
    ),
    (
        "01_logistic",
        "cross_entropy",
        "s = 1 / (1 + np.exp(-z))\nreturn -np.mean(y * np.log(s) + (1 - y) * np.log(1 - s))",
    ),
    ("01_logistic", "dL_dsigma", "return y / s - (1 - y) / (1 - s)"),
    ("01_logistic", "dL_dsigma", "return (s - y) / s * (1 - s)"),
    ("01_logistic", "two_terms", "return X.T @ (y * (1 - s) - (1 - y) * s)"),
    (
        "01_logistic",
        "cross_entropy_gradient",
        "dz = (s - y) * s * (1 - s)\nreturn X.T @ dz, dz.sum()",
    ),
    (
        "01_logistic",
        "gradient_descent",
        "losses = []\nfor i in range(steps):\n    loss, dW, db = objective(W, b)\n"
        "    W -= step_size * dW\n    b -= step_size * db\n    losses.append(loss)\n"
        "return W, b, np.array(losses)",
    ),
    (
        "01_logistic",
        "gradient_descent",
        "losses = []\nfor i in range(steps):\n    loss, dW, db = objective(W, b)\n"
        "    W = W + step_size * dW\n    b = b + step_size * db\n    losses.append(loss)\n"
        "return W, b, np.array(losses)",
    ),
    # 02_momentum
    (
        "02_momentum",
        "predict",
        'h = np.tanh(params["W"] @ x + params["b"])\nreturn np.tanh(params["V"] @ h + params["c"])',
    ),
    (
        "02_momentum",
        "predict",
        'h = np.tanh(params["W"] @ x)\nreturn params["V"] @ h + params["c"]',
    ),
    ("02_momentum", "loss", "return np.log(np.sum(np.exp(f))) - f[y]"),
    ("02_momentum", "loss", "p = np.exp(f - f.max())\nreturn -p[y] / p.sum()"),
    ("02_momentum", "dL_df", "p = np.exp(f - f.max())\np /= p.sum()\nreturn p - y"),
    ("02_momentum", "dL_dV", "return np.outer(h, df)"),
    ("02_momentum", "dL_dh", "return V @ df"),
    ("02_momentum", "dL_ds", "return (1 - s**2) * dh"),
    (
        "02_momentum",
        "dL_dW",
        'h = np.tanh(params["W"] @ x + params["b"])\n'
        'return np.outer(params["V"].T @ df * (1 - h), x)',
    ),
    (
        "02_momentum",
        "risk",
        'total = 0\nfor n in range(len(y)):\n    h = np.tanh(params["W"] @ X[n] + params["b"])\n'
        '    f = params["V"] @ h + params["c"]\n    f = f - f.max()\n'
        "    total += np.log(np.exp(f).sum()) - f[y[n]]\nreturn total / len(y)",
    ),
    (
        "02_momentum",
        "momentum_descent",
        "phi = np.zeros(len(theta))\npath, risks = [theta], []\nfor _ in range(steps):\n"
        "    R, g = objective(theta)\n    theta = theta - gamma * phi\n"
        "    phi = (1 - alpha) * phi + alpha * g\n    path.append(theta)\n    risks.append(R)\n"
        "return np.array(path), np.array(risks)",
    ),
    (
        "02_momentum",
        "gradient_descent",
        "path, risks = [], []\nfor _ in range(steps):\n    R, g = objective(theta)\n"
        "    theta = theta - gamma * g\n    path.append(theta)\n    risks.append(R)\n"
        "return np.array(path), np.array(risks)",
    ),
    # 03_relu_l2
    ("03_relu_l2", "softmax", "e = np.exp(c - c.max())\nreturn e / e.sum(axis=1)"),
    ("03_relu_l2", "relu", "return np.maximum(0, D) / D.max()"),
    ("03_relu_l2", "penalty", "return alpha / 2 * (W1.sum() ** 2 + W2.sum() ** 2)"),
    ("03_relu_l2", "dL_dq_m", "return -1 / q[m]"),
    ("03_relu_l2", "dL_dq_m", "return -np.log(q[np.arange(len(m)), m])"),
    ("03_relu_l2", "dL_dc", "q[np.arange(len(m)), m] -= 1\nreturn q"),
    ("03_relu_l2", "dL_dh", "return W2.T @ dc"),
    ("03_relu_l2", "dL_dD", "return np.maximum(D, 0) * dh"),
    (
        "03_relu_l2",
        "weight_gradient",
        "return below.T @ error / len(error) + alpha * np.sum(W**2)",
    ),
    ("03_relu_l2", "bias_gradient", "return np.mean(error)"),
    ("03_relu_l2", "one_sided", "return (D >= 0) * dh, (D > 0) * dh"),
    # 04_deep_mlp
    ("04_deep_mlp", "softmax", "e = np.exp(z)\nreturn e / np.sum(e)"),
    ("04_deep_mlp", "cross_entropy", "return -np.sum(y * np.log(yhat))"),
    (
        "04_deep_mlp",
        "dL_dyhat",
        "out = np.zeros(len(y))\nfor k in range(len(y)):\n    if y[k] > 0:\n"
        "        out[k] = -1 / yhat[k]\nreturn out",
    ),
    ("04_deep_mlp", "softmax_jacobian", "return np.outer(yhat, 1 - yhat)"),
    ("04_deep_mlp", "dL_dz", "return yhat * (1 - yhat) * (yhat - y)"),
    ("04_deep_mlp", "da_dx", "return W * slope"),
    (
        "04_deep_mlp",
        "forward",
        "xs, pres = [x], []\nfor (W, b), g in zip(layers, gs):\n    pres.append(xs[-1] @ W.T + b)\n"
        "    xs.append(np.tanh(pres[-1]))\nreturn xs, pres",
    ),
    ("04_deep_mlp", "step_down", "return (delta @ W.T) * slope"),
    ("04_deep_mlp", "step_down", "return delta @ W * slope * (1 - slope)"),
    (
        "04_deep_mlp",
        "backward",
        "grads = []\ndelta = error\nfor i in range(len(weights) - 1, -1, -1):\n"
        "    grads.append((delta.T @ xs[i], delta.sum(axis=0)))\n    if i > 0:\n"
        "        delta = delta @ weights[i] * slopes[i - 1]\nreturn grads",
    ),
    (
        "04_deep_mlp",
        "backward",
        "grads = []\ndelta = error\nfor i in range(len(weights) - 1, -1, -1):\n"
        "    grads.insert(0, (delta.T @ xs[i] / len(delta), delta.mean(axis=0)))\n    if i > 0:\n"
        "        delta = delta @ weights[i] * slopes[i - 1]\nreturn grads",
    ),
    # 05_minibatch
    ("05_minibatch", "sigmoid", "return np.exp(t) / (1 + np.exp(t))"),
    ("05_minibatch", "loss", "return np.sum(np.log(1 + np.exp(T)) - Y * T) / len(T)"),
    ("05_minibatch", "dW2_column", "return (y[i] - yhat[i]) * z"),
    ("05_minibatch", "output_gradients", "E = Yhat - Y\nreturn Z.T @ E / len(Z), E.sum(axis=0)"),
    (
        "05_minibatch",
        "hidden_gradients",
        "E = (Yhat - Y) @ W2.T\nD = E * (Z * (1 - Z))\nreturn X.T @ D, D.sum(axis=1)",
    ),
    (
        "05_minibatch",
        "hidden_gradients",
        "D = (Yhat - Y) @ W2.T * (1 - Z**2)\nreturn X.T @ D, D.sum(axis=0)",
    ),
    (
        "05_minibatch",
        "loss_and_gradient",
        'Z, T = forward(params, X)\nE = T - Y\nD = E @ params["W2"].T * Z * (1 - Z)\n'
        'return loss(T, Y), {"W1": X.T @ D, "b1": D.sum(axis=0), "W2": Z.T @ E, '
        '"b2": E.sum(axis=0)}',
    ),
    (
        "05_minibatch",
        "loss_and_gradient",
        'Z, T = forward(params, X)\nE = sigmoid(T) - Y\nD = E @ params["W2"].T\n'
        'return loss(T, Y), {"W1": X.T @ D, "b1": D.sum(axis=0), "W2": Z.T @ E, '
        '"b2": E.sum(axis=0)}',
    ),
    (
        "05_minibatch",
        "minibatches",
        "p = rng.permutation(N)\nreturn np.array_split(p, N // batch_size)",
    ),
    (
        "05_minibatch",
        "sgd",
        "losses = []\nfor e in range(epochs):\n    total = 0\n    for rows in batches():\n"
        "        L, g = objective(params, X[rows], Y[rows])\n        total += L\n"
        "        params = {k: params[k] - step_size * g[k] for k in params}\n"
        "    losses.append(total / len(X))\nreturn params, np.array(losses)",
    ),
    # 06_graph
    ("06_graph", "fed_by", "return sorted(j for k, j in w if k == l)"),
    (
        "06_graph",
        "forward",
        "a, phi = {}, dict(x)\nfor l in order:\n    if l not in x:\n"
        "        a[l] = sum(w[k, j] * phi[j] for k, j in w if k == l)\n        phi[l] = a[l]\n"
        "return a, phi",
    ),
    ("06_graph", "output_deltas", "return {u: (y[u] - phi[u]) * slope[u] for u in y}"),
    ("06_graph", "across_link", "return w[k, l] * slope[k]"),
    (
        "06_graph",
        "backward",
        "delta = dict(delta_out)\nfor l in reversed(order):\n    if l in slope and l not in delta:\n"
        "        delta[l] = sum(delta[k] * w[k, j] for k, j in w if j == l)\nreturn delta",
    ),
    (
        "06_graph",
        "layer_deltas",
        "deltas = [delta_last]\nfor i in range(len(Ws) - 1, 0, -1):\n"
        "    deltas.append(Ws[i].T @ deltas[-1] * slopes[i - 1])\nreturn deltas",
    ),
    ("06_graph", "layer_gradients", "return [np.outer(p, d) for d, p in zip(deltas, phis)]"),
    (
        "06_graph",
        "rnn_deltas",
        "T = len(direct)\ndeltas = np.zeros(direct.shape)\nd = np.zeros(len(W))\n"
        "for t in range(T - 1, -1, -1):\n    d = direct[t] * slopes[t] + W.T @ d\n"
        "    deltas[t] = d\nreturn deltas",
    ),
    # 07_debug_the_notes
    ("07_debug_the_notes", "domke_loss", "return -f[y] + np.log(np.sum(f))"),
    ("07_debug_the_notes", "layer_delta", "return W @ delta * slope"),
    ("07_debug_the_notes", "li_outputs", "return Z @ W2 + b2"),
    (
        "07_debug_the_notes",
        "li_output_gradients",
        "return Z.T @ (Y - Yhat), (Y - Yhat).sum(axis=0)",
    ),
    ("07_debug_the_notes", "bias_gradient", "return back.sum(axis=0)"),
    # 08_autodiff
    ("08_autodiff", "multiply_rule", "return a * b, lambda G: (G * a, G * b)"),
    ("08_autodiff", "exp_rule", "value = np.exp(a)\nreturn value, lambda G: (G * a * value,)"),
    ("08_autodiff", "power_rule", "return a**n, lambda G: (G * n * a**n - 1, None)"),
    ("08_autodiff", "maximum_rule", "return np.maximum(a, b), lambda G: (a > b, b >= a)"),
    (
        "08_autodiff",
        "relative_error",
        "return float(np.max(np.abs(given - right)) / np.max(np.abs(right)))",
    ),
    (
        "08_autodiff",
        "backward",
        "gradients = [np.zeros(shape) for shape, _, _ in tape]\n"
        "gradients[-1] = np.ones(tape[-1][0])\nfor k in reversed(range(len(tape))):\n"
        "    _, numbers, back = tape[k]\n    if not numbers:\n        continue\n"
        "    for number, g in zip(numbers, back(gradients[k])):\n        if number is not None:\n"
        "            gradients[number] = unbroadcast(g, tape[number][0])\nreturn gradients",
    ),
]
