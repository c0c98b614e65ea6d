"""The second use of a wire replaces the first.

loses: test_backward, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: add, do not overwrite
"""
# %% solution id="backward"
def backward(tape):
    gradients = [np.zeros(shape) for shape, _, _ in tape]
    gradients[-1] = np.ones(tape[-1][0])
    for k in reversed(range(len(tape))):
        _, numbers, back = tape[k]
        for number, gradient in zip(numbers, back(gradients[k]) if numbers else ()):
            if number is not None:
                gradients[number] = unbroadcast(gradient, tape[number][0])
    return gradients
