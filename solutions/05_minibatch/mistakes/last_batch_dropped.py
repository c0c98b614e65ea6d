"""Full batches only.

loses: test_minibatches
says: the last, smaller batch was dropped
"""
# %% solution id="minibatches"
def minibatches(N, batch_size, rng):
    order = rng.permutation(N)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(N // batch_size)]
