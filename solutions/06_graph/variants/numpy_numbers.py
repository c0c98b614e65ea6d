"""Numbers of numpy's types, lists in tuples, loops over index pairs."""
# %% solution id="dataset"
def dataset(X, Y):
    return [(X[i], Y[i]) for i in range(X.shape[0])]

# %% solution id="fed_by"
def fed_by(w, l):
    return sorted({link[0] for link in w.keys() if link[1] == l})

# %% solution id="forward"
def forward(w, order, x, sigma):
    phi, a = {**x}, {}
    for l in order:
        if l in x:
            continue
        total = np.float64(0)
        for link in w:
            if link[0] == l:
                total += w[link] * phi[link[1]]
        a[l], phi[l] = total, np.float64(sigma(total))
    return a, phi

# %% solution id="mean_over_data"
def mean_over_data(of_sample, data):
    results = [of_sample(*pair) for pair in data]
    links = results[0][1].keys()
    mean = {link: np.mean([gradient[link] for _, gradient in results]) for link in links}
    return np.mean([L for L, _ in results]), mean

# %% solution id="layers_as_graph"
def layers_as_graph(Ws):
    begins = np.cumsum([0] + [W.shape[1] for W in Ws])
    return {
        (int(begins[i + 1]) + r, int(begins[i]) + c): Ws[i][r, c]
        for i in range(len(Ws))
        for r in range(Ws[i].shape[0])
        for c in range(Ws[i].shape[1])
    }

# %% solution id="across_link"
def across_link(w, slope, k, l):
    return np.float64(np.prod([slope[l], w[(k, l)]]))
