"""The note's second form: the product ends one layer above.

loses: test_product_form
says: as in the note's second form
"""
# %% solution id="product_form"
def product_form(weights, slopes, xs, error, i):
    n = len(weights)
    db = error
    if i < n - 1:
        db = db @ weights[n - 1]
        for j in range(n - 2, i, -1):
            db = (db * slopes[j]) @ weights[j]
    return np.outer(db, xs[i]), db
