"""One verdict wrong: the convention at a kink is called a failure.

loses: test_galvan_hao_verdicts
says: not every verdict is right
"""
# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    holds = ("galvan_7", "galvan_11", "hao_dc")
    return {
        name: ("holds" if name in holds else "fails", measure(case))
        for name, case in galvan_hao_cases().items()
    }
