"""One copy overwrites the other.

loses: test_shared_gradient
says: only the last copy counts
"""
# %% solution id="shared_gradient"
def shared_gradient(gradient, name_of):
    return {name_of[link]: number for link, number in gradient.items()}
