"""A word that is no verdict.

loses: test_domke_verdicts
says: the verdict on loss is 'wrong'
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    return {name: ("wrong", measure(case)) for name, case in domke_cases().items()}
