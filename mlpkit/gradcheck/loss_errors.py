"""Small errors that no cause explains: mistakes of the gradient, or errors of the loss?

A loss that is an approximation (solved to a tolerance) has slopes that are slightly off. Such
errors are small and in every entry, and no rule explains them exactly.
"""

from collections.abc import Sequence

import numpy as np

from mlpkit.gradcheck.explain.causes import FULL, HIDDEN
from mlpkit.gradcheck.measure.derivative import COMPLEX, Engine
from mlpkit.gradcheck.measure.detect import Detector, Failure
from mlpkit.gradcheck.measure.direction import Entries
from mlpkit.gradcheck.report import PARTLY, REST, Finding

SMALL = 0.3  # relative errors below this may be the loss's
FAINT = 1e-3  # these may be the loss's even where nothing speaks for it
LOOSE = 3e-2  # and these, where it is seen to run an iteration
UNEXPLAINED = (None, REST, HIDDEN)
FACTOR = "the right one times"  # a constant without a name


def look_again(
    detector: Detector, failed: Sequence[Failure], findings: Sequence[Finding]
) -> list[Failure] | None:
    """What is wrong if the errors of the loss are taken for noise; None where it has none."""
    pairs = list(zip(failed, findings, strict=True))
    sizes = {name: g.size for name, g in detector.screen.gradient.items()}
    loose = [failure for failure, f in pairs if _is_loose(f) and not _is_few(f, sizes[f.parameter])]
    detector.look_for_rounds(loose)
    again = _beside_a_kink(detector, pairs)
    if again is not None:
        return again
    again = detector.blame_rounds(loose)
    if again is not None:
        return again
    doubtful = [
        failure
        for failure, finding in pairs
        if _is_unexplained(finding)
        and not _is_few(finding, sizes[finding.parameter])
        and not (finding.where.startswith("entry ") and finding.largest_error > FAINT)
    ]
    return detector.find_again(doubtful[0]) if doubtful else None


def _beside_a_kink(
    detector: Detector, pairs: Sequence[tuple[Failure, Finding]]
) -> list[Failure] | None:
    """What is wrong by smaller steps, if those agree with what looked wrong; else None."""
    for failure, finding in pairs:
        direction, gap = {failure.name: failure.direction}, abs(failure.residual.value)
        if finding.where.startswith("entry "):
            entry = finding.entries[0]
            number = np.ravel_multi_index(entry.index, detector.screen.gradient[failure.name].shape)
            direction = {failure.name: Entries(np.array([number]), np.ones(1))}
            gap = abs(entry.yours - entry.right)
        elif not _is_unexplained(finding):
            continue
        again = detector.look_closer(direction, gap)
        if again is not None:
            return again
    return None


def may_be_the_loss(findings: Sequence[Finding], engine: Engine) -> bool:
    """Whether what was found is so little that nobody can tell whose error it is."""
    if engine.method == COMPLEX:
        return engine.is_solved and all(_is_loose(f) and _size(f) < LOOSE for f in findings)
    return all(_is_unexplained(f) and _size(f) < _limit(f, engine) for f in findings)


def _limit(finding: Finding, engine: Engine) -> float:
    """How large a real difference's error may be and still be the loss's."""
    if not finding.where.startswith("entr"):
        return LOOSE if engine.is_solved else FAINT
    is_small = finding.parameter in engine.point and engine.point[finding.parameter].size <= FULL
    return FAINT if engine.is_solved and is_small else 0.0


def _size(finding: Finding) -> float:
    return max(finding.relative_error, finding.largest_error)


def _is_unexplained(finding: Finding) -> bool:
    is_explained = finding.cause not in UNEXPLAINED and not finding.is_rounding
    return finding.relative_error < SMALL and not is_explained


def _is_loose(finding: Finding) -> bool:
    """Unexplained, or explained by what a small error of any kind looks like in a small array."""
    is_vague = PARTLY in (finding.cause or "") or FACTOR in (finding.cause or "")
    return finding.relative_error < SMALL and (is_vague or _is_unexplained(finding))


def _is_few(finding: Finding, size: int) -> bool:
    """A few entries of many: no error of the loss chooses so."""
    return finding.where.startswith("entr") and size > FULL
