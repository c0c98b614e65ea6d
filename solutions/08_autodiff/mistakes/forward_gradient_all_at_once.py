"""One pass for a whole array.

loses: test_forward_gradient
says: dL/da
"""
# %% solution id="forward_gradient"
def forward_gradient(loss, params, step=1e-20):
    return {
        name: np.full(np.shape(value), loss({**params, name: value + 1j * step}).imag / step)
        for name, value in params.items()
    }
