"""Of two entries taken from one place the last counts.

loses: test_take_rule
says: keeps the last
"""
# %% solution id="take_rule"
def take_rule(a, index):
    def back(G):
        gradient = np.zeros(a.shape)
        gradient[index] += G
        return (gradient,)

    return a[index], back
