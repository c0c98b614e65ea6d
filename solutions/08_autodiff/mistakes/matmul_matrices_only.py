"""Right for matrices; a vector stops it.

loses: test_matmul_rule, test_gradient, test_gradients_of_li, test_gradients_of_galvan
says: ValueError
"""
# %% solution id="matmul_rule"
def matmul_rule(a, b):
    return a @ b, lambda G: (G @ b.T, a.T @ G)
