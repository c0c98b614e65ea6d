"""One verdict wrong: the convention at a kink is called a failure.

loses: test_galvan_hao_verdicts
says: 1 of 10 verdicts
"""
# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    holds = ("galvan_7", "galvan_11", "hao_dc")
    return {name: "holds" if name in holds else "fails" for name in galvan_hao_cases()}
