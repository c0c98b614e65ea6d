"""The transposes are missing.

loses: test_matmul_rule, test_gradient, test_gradients_of_li, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: a transpose is missing
"""
# %% solution id="matmul_rule"
def matmul_rule(a, b):
    return a @ b, lambda G: (G @ b, a @ G)
