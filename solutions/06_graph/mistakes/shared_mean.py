"""The mean over the copies.

loses: test_shared_gradient
says: this is the mean over the copies
"""
# %% solution id="shared_gradient"
def shared_gradient(gradient, name_of):
    copies = {}
    for link, number in gradient.items():
        copies.setdefault(name_of[link], []).append(number)
    return {name: sum(numbers) / len(numbers) for name, numbers in copies.items()}
