"""Verdicts that ask the checker, and a person for the rest."""
# %% solution id="domke_verdicts"
def domke_verdicts():
    found = {name: judge(case) for name, case in domke_cases().items()}
    return {
        name: "holds" if getattr(report, "ok", False) else "fails"
        for name, report in found.items()
    } | {"average": "convention"}

# %% solution id="gutfreund_verdicts"
def gutfreund_verdicts():
    verdicts = {}
    for name, case in gutfreund_cases().items():
        report = judge(case)
        verdicts[name] = "holds" if not isinstance(report, str) and report.ok else "fails"
    return verdicts

# %% solution id="galvan_hao_verdicts"
def galvan_hao_verdicts():
    verdicts = {}
    for name, case in galvan_hao_cases().items():
        report = judge(case)
        verdicts[name] = "convention" if report.kinks else "holds" if report.ok else "fails"
    return verdicts
