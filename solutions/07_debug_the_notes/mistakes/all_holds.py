"""The verdict "holds" on everything, in all four sections.

loses: test_domke_verdicts, test_gutfreund_verdicts, test_galvan_hao_verdicts, test_li_verdicts
says: verdicts are not right
"""
# %% solution id="domke_verdicts"
def domke_verdicts():
    return dict.fromkeys(domke_cases(), "holds")

# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    return dict.fromkeys(gutfreund_cases(), "holds")

# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    return dict.fromkeys(galvan_hao_cases(), "holds")

# %% solution id="li_verdicts"
def li_verdicts():
    return dict.fromkeys(li_cases(), "holds")
