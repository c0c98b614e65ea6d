"""Each unit sends its blame back along its links; a depth-first order; einsum."""
# %% solution id="topological_order"
def topological_order(w, units):
    sources = {l: [j for target, j in w if target == l] for l in units}
    order, state = [], {}

    def visit(l):
        if state.get(l) == "done":
            return True
        if state.get(l) == "open":
            return False
        state[l] = "open"
        if not all([visit(j) for j in sources[l]]):
            return False
        state[l] = "done"
        order.append(l)
        return True

    return order if all([visit(l) for l in units]) else None

# %% solution id="backward"
def backward(w, order, slope, delta_out):
    blame = dict.fromkeys(slope, 0.0)
    delta = {}
    for k in order[::-1]:
        if k not in slope:
            continue
        delta[k] = delta_out[k] if k in delta_out else slope[k] * blame[k]
        for target, j in w:
            if target == k and j in blame:
                blame[j] += w[target, j] * delta[k]
    return delta

# %% solution id="rnn_gradients"
def rnn_gradients(deltas, H, X):
    dW = np.einsum("ti,tj->ij", deltas, H[: len(deltas)])
    return dW, np.einsum("ti,tj->ij", deltas, X)
