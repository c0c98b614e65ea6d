"""The mean over the batch where the sum is asked for.

loses: test_backward
says: this is the mean over the samples
"""
# %% solution id="backward"
def backward(weights, slopes, xs, error):
    delta, gradients = error / len(error), []
    for i in reversed(range(len(weights))):
        gradients.append((delta.T @ xs[i], delta.sum(axis=0)))
        if i > 0:
            delta = (delta @ weights[i]) * slopes[i - 1]
    return gradients[::-1]
