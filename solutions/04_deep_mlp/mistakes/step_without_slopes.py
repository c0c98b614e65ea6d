"""Back through the weights only.

loses: test_step_down
says: the slopes are missing
"""
# %% solution id="step_down"
def step_down(delta, W, slope):
    return delta @ W
