"""The note's recursion: gradients first, slopes after.

loses: test_backward
says: the slopes of the layer itself are missing
"""
# %% solution id="backward"
def backward(weights, slopes, xs, error):
    delta, gradients = error, []
    for i in reversed(range(len(weights))):
        gradients.append((delta.T @ xs[i], delta.sum(axis=0)))
        if i < len(weights) - 1:
            delta = delta * slopes[i]
        delta = delta @ weights[i]
    return gradients[::-1]
