"""The verdicts as the checker's numbers suggest them: a sum for a mean is called a failure.

loses: test_domke_verdicts
says: not every verdict is right
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    found = {name: measure(case) for name, case in domke_cases().items()}
    return {name: ("holds" if error < 1e-9 else "fails", error) for name, error in found.items()}
