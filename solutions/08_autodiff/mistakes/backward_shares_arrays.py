"""The first gradient is kept as it came, and changed in place by the second.

loses: test_gradient
says: two wires share one array
"""
# %% solution id="backward"
def backward(tape):
    gradients = {len(tape) - 1: np.ones(tape[-1][0])}
    for k in reversed(range(len(tape))):
        shape, numbers, back = tape[k]
        gradients.setdefault(k, np.zeros(shape))
        for number, gradient in zip(numbers, back(gradients[k]) if numbers else ()):
            if number is None:
                continue
            if np.shape(gradient) != tape[number][0]:
                gradient = unbroadcast(gradient, tape[number][0])
            if number in gradients:
                gradients[number] += gradient
            else:
                gradients[number] = gradient
    return [gradients[k] for k in range(len(tape))]


# %% solution id="total_rule"
def total_rule(a, axis=None, keepdims=False):
    def back(G):
        if axis is not None and not keepdims:
            G = np.expand_dims(G, axis)
        return (np.ones(a.shape) * G,)

    return np.sum(a, axis=axis, keepdims=keepdims), back
