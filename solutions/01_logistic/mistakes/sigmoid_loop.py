"""Right, but one score at a time.

loses: test_sigmoid
says: loops over the samples
"""
# %% solution id="sigmoid"
def sigmoid(z):
    s = []
    for score in z:
        small = np.exp(-abs(score))
        s.append((1 if score >= 0 else small) / (1 + small))
    return np.array(s)
