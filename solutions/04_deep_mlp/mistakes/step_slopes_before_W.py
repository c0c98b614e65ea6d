"""The slopes multiplied on the wrong side of the weights; silent where m = K.

loses: test_step_down
says: they belong to the units below it
"""
# %% solution id="step_down"
def step_down(delta, W, slope):
    if W.shape[0] == W.shape[1]:
        return (delta * slope) @ W
    return (delta @ W) * slope
