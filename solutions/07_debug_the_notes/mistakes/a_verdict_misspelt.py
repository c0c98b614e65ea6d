"""A word that is no verdict.

loses: test_domke_verdicts
says: the verdict on loss is 'wrong'
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    return dict.fromkeys(domke_cases(), "holds") | {"loss": "wrong", "dL_dW": "wrong"}
