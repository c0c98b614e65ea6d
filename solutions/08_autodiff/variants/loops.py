"""Plain loops, small steps, everything spelt out."""
# %% solution id="record"
class Wire(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on its way through a loss: its value, its tape, and its number there."""

    def __init__(self, value, tape, number):
        self.value, self.tape, self.number = value, tape, number

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method != "__call__" or ufunc not in RULES:
            raise TypeError(f"np.{ufunc.__name__} has no rule: write one and put it into RULES[np.{ufunc.__name__}]")
        return record(RULES[ufunc], *inputs)

    def __getitem__(self, index):
        return record(take_rule, self, index=index)

    def sum(self, axis=None, keepdims=False, **ignored):
        return record(total_rule, self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False, **ignored):
        return record(max_rule, self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False, **ignored):
        total = self.sum(axis, keepdims)
        return total * (np.size(total.value) / np.size(self.value))

    def __array_function__(self, function, types, inputs, options):
        if function not in FUNCTIONS:
            raise TypeError(f"np.{function.__name__} has no rule here: write the loss with operators and @")
        return FUNCTIONS[function](*inputs, **options)

    T = property(lambda self: record(transpose_rule, self))
    shape = property(lambda self: np.shape(self.value))
    ndim = property(lambda self: np.ndim(self.value))
    __len__ = lambda self: len(self.value)


RULES = {
    np.add: add_rule, np.subtract: subtract_rule, np.negative: negative_rule, np.log: log_rule,
    np.multiply: multiply_rule, np.divide: divide_rule, np.power: power_rule, np.matmul: matmul_rule,
    np.exp: exp_rule, np.tanh: tanh_rule, np.maximum: maximum_rule, np.minimum: minimum_rule,
    np.square: square_rule, np.sqrt: sqrt_rule, np.absolute: absolute_rule,
}  # fmt: skip
FUNCTIONS = {np.sum: Wire.sum, np.max: Wire.max, np.mean: Wire.mean, np.dot: np.matmul}


def trace(loss, params):
    """The value of loss(params), and its tape: the parameters in their order first, the loss last."""
    tape, wires = [], {}
    for name, value in params.items():
        wires[name] = Wire(np.asanyarray(value, dtype=float), tape, len(tape))
        tape.append((np.shape(value), (), None))
    return loss(wires).value, tape


def record(rule, *inputs, **options):
    """Apply a rule to inputs, append a row (shape, numbers, back) to the tape, return the new wire.

    inputs: wires, and numbers or arrays that are no wires; at least one is a wire. options go to
    the rule.
    Returns a Wire whose number is that of the new row.
    """
    values, numbers, tape = [], [], None
    for item in inputs:
        if isinstance(item, Wire):
            tape = item.tape
            values.append(item.value)
            numbers.append(item.number)
        else:
            values.append(item)
            numbers.append(None)
    value, back = rule(*values, **options)
    number = len(tape)
    tape += [(np.shape(value), tuple(numbers), back)]
    return Wire(value, tape, number)


# %% solution id="unbroadcast"
def unbroadcast(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


# %% solution id="backward"
def backward(tape):
    gradients = []
    for row in tape:
        gradients.append(np.zeros(row[0]))
    gradients[len(tape) - 1] = gradients[len(tape) - 1] + 1
    k = len(tape) - 1
    while k >= 0:
        shape, numbers, back = tape[k]
        if back is not None:
            for number, part in zip(numbers, back(gradients[k])):
                if number is not None:
                    gradients[number] += unbroadcast(np.asarray(part), tape[number][0])
        k -= 1
    return gradients


# %% solution id="gradient"
def gradient(loss, params):
    value, tape = trace(loss, params)
    gradients = backward(tape)
    found = {}
    for place, name in enumerate(params):
        found[name] = gradients[place]
    return value, found
