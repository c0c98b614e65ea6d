"""The verdict "fails" on everything that was measured, in all four sections.

loses: test_domke_verdicts, test_gutfreund_verdicts, test_galvan_hao_verdicts, test_li_verdicts
says: not every verdict is right
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    return {name: ("fails", measure(case)) for name, case in domke_cases().items()}

# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    return {name: ("fails", measure(case)) for name, case in gutfreund_cases().items()}

# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    return {name: ("fails", measure(case)) for name, case in galvan_hao_cases().items()}

# %% solution id="li_verdicts"
def li_verdicts():
    return {name: ("fails", measure(case)) for name, case in li_cases().items()}
