"""A word that is no verdict.

loses: test_domke_verdicts
says: 'wrong', expected one of
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    return dict.fromkeys(domke_cases(), "holds") | {"loss": "wrong", "dL_dW": "wrong"}
