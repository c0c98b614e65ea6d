"""The last two rows of the table were forgotten.

loses: test_li_verdicts
says: a verdict is missing for hidden_layers, last_unit
"""
# %% solution id="li_verdicts"
def li_verdicts():
    return {
        "eq_2": ("holds", 0.0), "eq_5": ("holds", 0.0), "eq_8": ("holds", 0.0),
        "yhat": ("fails", 0.78), "dW2": ("fails", 2.0), "db2": ("fails", 2.0),
        "dW1_column": ("fails", np.inf), "dW1": ("fails", 2.0),
    }
