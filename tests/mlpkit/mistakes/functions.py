"""What many of the right models are made of; complex numbers go through, as the complex step needs."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(scores):
    e = np.exp(scores - scores.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_sum_exp(scores):
    top = scores.real.max(axis=-1, keepdims=True)
    return np.log(np.exp(scores - top).sum(axis=-1)) + top[..., 0]
