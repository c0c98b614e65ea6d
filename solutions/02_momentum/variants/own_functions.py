"""Each box calls the functions above it, as the note derives them."""
# %% solution id="loss"
def loss(y, f):
    return np.logaddexp.reduce(f) - f[y]

# %% solution id="dlogsum_df"
def dlogsum_df(f):
    return np.exp(f - np.logaddexp.reduce(f))

# %% solution id="dL_df"
def dL_df(y, f):
    return dlogsum_df(f) - np.eye(len(f))[y]

# %% solution id="dL_dc"
def dL_dc(df):
    return df.copy()

# %% solution id="dL_dV_entry"
def dL_dV_entry(df, h, k, j):
    return np.outer(df, h)[k, j]

# %% solution id="dL_dV"
def dL_dV(df, h):
    return np.array([[dL_dV_entry(df, h, k, j) for j in range(len(h))] for k in range(len(df))])

# %% solution id="dL_db"
def dL_db(params, x, df):
    return dL_ds(params["b"] + params["W"] @ x, dL_dh(params["V"], df))

# %% solution id="dL_dW"
def dL_dW(params, x, df):
    return dL_dV(dL_db(params, x, df), x)
