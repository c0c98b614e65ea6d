"""The samples cut up in order.

loses: test_minibatches
says: shuffle them
"""
# %% solution id="minibatches"
def minibatches(N, batch_size, rng):
    order = np.arange(N)
    return [order[first : first + batch_size] for first in range(0, N, batch_size)]
