"""G in the first places.

loses: test_take_rule, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: where it was taken from
"""
# %% solution id="take_rule"
def take_rule(a, index):
    def back(G):
        gradient = np.zeros(a.shape)
        gradient.flat[: np.size(G)] = np.ravel(G)
        return (gradient,)

    return a[index], back
