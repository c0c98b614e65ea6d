"""The imaginary part, not divided.

loses: test_forward_gradient
says: divide by the step
"""
# %% solution id="forward_gradient"
def forward_gradient(loss, params, step=1e-20):
    found = {}
    for name, value in params.items():
        found[name] = np.zeros(np.shape(value))
        for index in np.ndindex(np.shape(value)):
            moved = np.array(value, dtype=complex)
            moved[index] += 1j * step
            found[name][index] = loss({**params, name: moved}).imag
    return found
