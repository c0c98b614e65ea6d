"""The corrected functions by einsum."""
# %% solution id="domke_dW"
def domke_dW(slope, V, df, x):
    return np.einsum("m,km,k,p->mp", slope, V, df, x)

# %% solution id="sample_gradients"
def sample_gradients(error, U, h, x):
    db = np.einsum("k,km,m->m", error, U, 1 - h**2)
    return np.einsum("k,m->km", error, h), error.copy(), np.einsum("m,p->mp", db, x), db

# %% solution id="layer_delta"
def layer_delta(W, delta, slope):
    return np.einsum("ij,i,j->j", W, delta, slope)

# %% solution id="weight_gradient"
def weight_gradient(A, back, W, alpha):
    return np.einsum("ni,nj->ij", A, back) / A.shape[0] + alpha * W

# %% solution id="li_dW1"
def li_dW1(X, Z, W2, Y, Yhat):
    return np.einsum("np,nk,mk,nm->pm", X, Yhat - Y, W2, Z * (1 - Z))
