"""The gradient is summed, only the loss is averaged.

loses: test_mean_over_data
says: this is the sum over the pairs
"""
# %% solution id="mean_over_data"
def mean_over_data(of_sample, data):
    L, total = 0.0, {}
    for x, y in data:
        loss, gradient = of_sample(x, y)
        L += loss / len(data)
        for link, number in gradient.items():
            total[link] = total.get(link, 0.0) + number
    return L, total
