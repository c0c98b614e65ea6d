"""Right, but one sample at a time.

loses: test_risk
says: loops over the samples
"""
# %% solution id="risk"
def risk(params, X, y):
    total = 0.0
    for i in range(len(y)):
        h = np.tanh(params["b"] + params["W"] @ X[i])
        f = params["c"] + params["V"] @ h
        total += f.max() + np.log(np.exp(f - f.max()).sum()) - f[y[i]]
    return total
