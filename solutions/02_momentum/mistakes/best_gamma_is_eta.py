"""Polyak's step size returned as Domke's.

loses: test_best_gamma_alpha
says: Polyak's η
"""
# %% solution id="best_gamma_alpha"
def best_gamma_alpha(smallest, largest):
    total = np.sqrt(largest) + np.sqrt(smallest)
    beta = ((np.sqrt(largest) - np.sqrt(smallest)) / total) ** 2
    return 4 / total**2, 1 - beta
