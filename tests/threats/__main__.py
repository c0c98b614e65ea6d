"""How many attacks the tests try, by kind: ``python -m tests.threats``.

Those of a kind that is tried on both tiers of the sandbox are counted once.
"""

from tests.exam import test_frame_work, test_one_process, test_operators, test_policy
from tests.threats import (
    hostile_outputs,
    leaks,
    test_attacks,
    test_forging,
    test_fuzz,
    test_reaching,
    test_strangers_downloads,
    test_strangers_files,
)
from tests.threats.test_layers_off import ROWS, cases

KINDS = {
    "numbered cases, each a test of its own": cases(),
    "layers switched off, by which a case then fails": ROWS,
    "system calls": test_attacks.CALLS,
    "system calls with arguments": test_attacks.WITH_ARGUMENTS,
    "lines that read, write, reach or raise something": test_attacks.LINES,
    "ways to hold memory or disk unseen": test_attacks.UNSEEN,
    "derivatives by numbers": test_policy.NUMERICAL | test_policy.HIDDEN,
    "forged answers and harnesses": test_attacks.FORGED,
    "values that lie": test_forging.LIARS,
    "methods and containers that say yes": test_operators.TOLD,
    "libraries that tests use, patched": test_forging.PATCHES,
    "ways to forge a check beside the student's code": test_one_process.FORGED,
    "of these, against a way to compare": [
        *list(test_one_process.FORGED) * len(test_one_process.COMPARED)
    ],
    "keys of equal hashes": test_frame_work.COLLIDING,
    "frames that take minutes": test_frame_work.REFUSED,
    "few bytes that become large": test_frame_work.BOMBS,
    "ways to tell hidden inputs": leaks.LEAKS,
    "hostile outputs": hostile_outputs.OUTPUTS,
    "hostile Markdown": hostile_outputs.MARKDOWN,
    "hostile attachments": hostile_outputs.ATTACHMENTS,
    "timestamps": test_strangers_files.TIMES,
    "names in a download that are somebody else's": test_strangers_downloads.INSIDE,
    "platforms whose downloads they lie in": test_strangers_downloads.PLATFORMS,
    "archives that take long": test_strangers_downloads.BOMBS,
    "formulas in tables": test_reaching.FORMULAS,
    "mutations of a notebook's parts, drawn 300 times": test_fuzz.ODD,
}

if __name__ == "__main__":
    for kind, tried in KINDS.items():
        print(f"{len(tried):>5}  {kind}")
