"""The sum over the wrong index of the Jacobian; softmax's own is symmetric and hides it.

loses: test_dL_dz_chain
says: the second index of J
"""
# %% solution id="dL_dz_chain"
def dL_dz_chain(dyhat, J):
    return J @ dyhat
