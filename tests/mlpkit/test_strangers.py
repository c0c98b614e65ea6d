"""Right gradients of scipy, numpy and scikit-learn: none is called wrong.

``python -m benchmarks strangers`` asks the same of eleven libraries, and of the peers.
"""

from collections import Counter

import numpy as np
import pytest

from benchmarks.stranger_cases import learning, of, special
from benchmarks.strangers import FALSE, RIGHT, ours, usable, verdict

LIBRARIES = {"scipy and numpy": special.problems, "scikit-learn": learning.scikit_learn}


@pytest.mark.filterwarnings("ignore")  # the libraries' own, at zeros and in fits that are cut short
@pytest.mark.parametrize("library", LIBRARIES)
def test_right_gradients_of_other_libraries_are_right(library):
    pytest.importorskip("sklearn")
    with np.errstate(all="ignore"):
        cases = [case for problem in LIBRARIES[library]() for case in of(problem, seeds=1)]
        said = [(case, ours(case)) for case in filter(usable, cases)]
    verdicts = Counter(verdict(report, case) for case, report in said)
    assert len(said) >= 50
    assert not [
        f"{case.problem.name}, {case.point}: {report}"
        for case, report in said
        if verdict(report, case) == FALSE
    ]
    assert verdicts[RIGHT] >= 0.98 * len(said)
