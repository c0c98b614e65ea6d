"""Words alone: nothing was measured.

loses: test_gutfreund_verdicts
says: expected a pair (verdict, evidence)
"""
# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    holds = ("dz", "db_second", "product_form")
    return {name: "holds" if name in holds else "fails" for name in gutfreund_cases()}
