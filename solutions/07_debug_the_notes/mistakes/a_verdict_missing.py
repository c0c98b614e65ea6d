"""The last two rows of the table were forgotten.

loses: test_li_verdicts
says: a verdict is missing for hidden_layers, last_unit
"""
# %% solution id="li_verdicts"
def li_verdicts():
    return {
        "eq_2": "holds", "eq_5": "holds", "eq_8": "holds", "yhat": "fails",
        "dW2": "fails", "db2": "fails", "dW1_column": "fails", "dW1": "fails",
    }
