"""What it costs to name causes: grading a class of nothing but mistakes, with causes and without.

``python -m benchmarks.diagnosis ASSIGNMENT ROUNDS [without]`` prints the CPU seconds of each round.
"""

import itertools
import json
import os
import statistics
import sys
import time

from autograder.authoring.answer_bank import fill, read_mistakes
from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.exam import pool, server_process
from autograder.sandbox.monitor import cpu_of_tree
from benchmarks.measure import cost_of

ASSIGNMENTS = "02_momentum", "04_deep_mlp", "08_autodiff"
ROUNDS = 5


def run() -> str:
    """The section of BENCHMARKS.md."""
    lines = [
        "## Naming causes",
        "",
        "CPU seconds of all processes, `python -m benchmarks diagnosis`: one submission for each "
        "of an assignment's mistakes, the median of "
        f"{ROUNDS} rounds with and without causes, in turn. In a class some hand in what is right, "
        "and the share is smaller.",
        "",
        "| assignment | mistakes | without causes | with | more | for each |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for assignment in ASSIGNMENTS:
        times: dict[bool, list[float]] = {False: [], True: []}
        for _, named in itertools.product(range(ROUNDS), (False, True)):
            command = [sys.executable, "-m", "benchmarks.diagnosis", assignment, "1"]
            output = cost_of([*command, *["without"] * (not named)]).output
            times[named] += json.loads(output.splitlines()[-1])["seconds"]
            count = json.loads(output.splitlines()[-1])["count"]
        without, with_causes = (statistics.median(times[named]) for named in (False, True))
        more = with_causes - without
        lines.append(
            f"| {assignment} | {count} | {without:.2f} s | {with_causes:.2f} s | "
            f"{more / without:.1%} | {1000 * more / count:.0f} ms |"
        )
    return "\n".join(lines)


def main(assignment: str, rounds: int, named: bool) -> None:
    if not named:
        server_process.MODULES["examiner"] = "benchmarks.undiagnosed"
    path = course_sources()[assignment]
    source = read_source(path)
    text = json.dumps(source)
    wrong = [
        json.dumps(fill(source, source, one)).encode() for one in read_mistakes(path.parent, source)
    ]
    pool.examine(text, wrong[0], seed="class")  # the reference's own exam, warm processes
    seconds = []
    for _ in range(rounds):
        before = cpu_of_tree(os.getpid())
        for one in wrong:
            pool.examine(text, one, seed="class")
        time.sleep(0.3)  # for the last processes to be waited for
        seconds.append(cpu_of_tree(os.getpid()) - before)
    pool.shutdown()
    print(json.dumps({"count": len(wrong), "seconds": seconds}))


if __name__ == "__main__":
    name, rounds, *rest = sys.argv[1:]
    main(name, int(rounds), "without" not in rest)
