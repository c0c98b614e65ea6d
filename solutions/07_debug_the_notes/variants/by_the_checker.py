"""Verdicts that ask the checker, and a person for the rest."""
# %% solution id="domke_verdicts"
def domke_verdicts():
    found = {}
    for name, case in domke_cases().items():
        word = "holds" if getattr(judge(case), "ok", False) else "fails"
        found[name] = ("convention" if name == "average" else word, measure(case))
    return found

# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    verdicts = {}
    for name, case in gutfreund_cases().items():
        report = judge(case)
        word = "holds" if not isinstance(report, str) and report.ok else "fails"
        verdicts[name] = [word, np.float64(measure(case))]
    return verdicts

# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    verdicts = {}
    for name, case in galvan_hao_cases().items():
        report = judge(case)
        word = "convention" if report.kinks else "holds" if report.ok else "fails"
        verdicts[name] = (word, measure(case))
    return verdicts
