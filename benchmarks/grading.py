"""Grading a class: against other graders, against the limit, and as the class grows.

Every command is run as its user would type it. Costs per submission leave start-up out: they are
the difference of two runs, over few submissions and over many.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.course.directory import Course
from autograder.grading.new_course import init
from benchmarks import peers
from benchmarks.classes import course_of
from benchmarks.cluster import Cluster
from benchmarks.measure import Cost, cost_of

MAIN, OTHERS = "02_momentum", ("01_logistic", "04_deep_mlp")
FEW, MANY = 32, 288  # few, too, meet every set of hidden inputs
SIZES = (10, 100, 1_000, 5_000)
WHOLE, CORES = 50_000, 64
WHY = """### What is above the limit

Two forks instead of one: a process of its own for either side of each notebook. An idle fork costs
2 ms, and what a child first touches, a page fault each, some 1 300 for a student process and 2 000
for an examiner. Then the calls of students' functions, which cross to another process and back as
bytes, 120 times for 02_momentum and 340 times for 04_deep_mlp. Then the coordinator: reading a
submission, keeping its result, its rows and its notebook. The sandbox itself costs nothing that can
be seen. A notebook whose own compute is small, as that of 01_logistic, shows all this more."""


def run(quick: bool = False, sizes: Sequence[int] = SIZES, dask: int = 5_000) -> str:
    """The section of BENCHMARKS.md; hours less of it when ``quick``."""
    few, many, stock = (2, 8, 2) if quick else (FEW, MANY, 4)
    if quick:
        sizes, dask = (4, 12), 12
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        bench = Bench(Path(name))
        parts = [
            compare(bench, assignment, few, many, stock)
            for assignment in ((MAIN,) if quick else (MAIN, *OTHERS))
        ]
        grown, memory = growth(bench, sizes)
        parts += [WHY, grown, cluster(bench, dask, memory)]
    return "\n\n".join([head(), *parts])


def head() -> str:
    """What was measured on what."""
    cores = len(os.sched_getaffinity(0))
    return (
        "## Grading\n\n"
        f"{cores} shared cores ({_processor()}), Python {platform.python_version()}; BLAS on one "
        "thread. Every submission differs from every other (a comment with a number): the "
        "reference, correct variants and known mistakes in turn. The limit is the mean of two "
        "measurements, before and after the others. CPU is of all processes "
        "together; wall and CPU per submission leave start-up out, and with it the reference's own "
        "exam, one for each of eight sets of hidden inputs."
    )


class Bench:
    """A folder with one fresh course to copy, and our command on copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fresh = init(folder / "fresh").root
        self.count = 0

    def new(self) -> Path:
        self.count += 1
        return self.folder / str(self.count)

    def course(self, assignment: str, count: int) -> Course:
        return course_of(self.new(), assignment, count, self.fresh)

    def grade(self, course: Course, assignment: str, *options: str) -> tuple[Cost, list[float]]:
        """`autograder grade`, and the scores it gives."""
        found = course.root / "scores.json"
        command = [sys.executable, "-m", "autograder", "grade", course.root, assignment]
        cost = cost_of([*command, "--enrol", "--json", found, *options])
        return cost, [one["score"] for one in json.loads(found.read_text())]

    def each(self, assignment: str, few: int, many: int, *options: str) -> dict:
        """Wall and CPU of one of our submissions, and the scores of ``many``."""
        runs = []
        for count in (few, many):
            course = self.course(assignment, count)
            runs.append(self.grade(course, assignment, *options))
            shutil.rmtree(course.root)
        cost = peers.each(runs[0][0], runs[1][0], many - few)
        return {**cost, "scores": runs[1][1]}

    def limit(self, assignment: str, count: int) -> dict[str, float]:
        command = [sys.executable, "-m", "benchmarks.limit", assignment, str(count)]
        return json.loads(cost_of(command).output.splitlines()[-1])


def compare(bench: Bench, assignment: str, few: int, many: int, stock: int) -> str:
    """One assignment by every grader, the same submissions, one after the other."""
    limit = bench.limit(assignment, many)
    course = bench.course(assignment, stock + 1)
    nbgrader, scores = peers.stock(course, assignment, stock)
    rows = [("nbgrader autograde", "kernel, one at a time", nbgrader)]
    for name, words, measure in (
        ("otter run", "one command a notebook", lambda: peers.otter(bench.new(), assignment, 2)[0]),
        ("nbclient alone", "no scores", lambda: peers.nbclient(bench.new(), assignment, stock)),
    ):
        (bench.folder / str(bench.count + 1)).mkdir()
        rows.append((name, words, measure()))
    same = []
    for tier, jobs in _plans(assignment):
        ours = bench.each(assignment, few, many, "--isolation", tier, "--jobs", str(jobs))
        same.append(ours["scores"][: len(scores)] == scores)
        words = f"{tier}, {jobs} job{'s' * (jobs > 1)}"
        rows.append(("**autograder grade**", words, ours))
    again = bench.limit(assignment, many)  # the machine's pace changes in minutes
    limit = {name: (limit[name] + again[name]) / 2 for name in limit}
    rows.append(("the limit", "exec in a warm fork, one core", limit))
    head = ["", "", "wall", "CPU", "a minute", "of nbgrader's", "CPU of the limit's"]
    lines = [_line(head), _line(["---"] * 2 + ["--:"] * 5)]
    for name, words, cost in rows:
        per_minute, base = 60 / cost["wall"], 60 / nbgrader["wall"]
        cells = [f"{cost['wall']:.3f} s", f"{cost['cpu']:.3f} s", f"{per_minute:.0f}"]
        cells += [f"{per_minute / base:.1f}×", f"{cost['cpu'] / limit['cpu']:.2f}×"]
        lines.append(_line([name, words, *cells]))
    verdict = "the same scores." if all(same) else "**other scores**."
    if assignment == MAIN:
        verdict += _refused()
    note = f"N = {many} (ours, limit), {stock} (nbgrader, nbclient), 2 (otter, start-up included)."
    return "\n".join(
        [f"### {assignment}", "", *lines, "", f"{note} nbgrader and ours give {verdict}"]
    )


def _plans(assignment: str) -> list[tuple[str, int]]:
    """Isolation tiers and jobs; all that work here for the main assignment."""
    from autograder.sandbox.launch import probe

    tiers = [tier for tier in ("landlock", "bwrap") if not probe(tier)]
    tiers = ["none", *tiers] if assignment == MAIN else ["bwrap"]
    return [(tier, jobs) for tier in tiers for jobs in (1, 2)]


def _refused() -> str:
    """Why a tier is not in the table."""
    from autograder.sandbox.launch import probe

    tiers = ("landlock", "bwrap")
    return "".join(f" Not measured, {tier}: {reason}" for tier in tiers if (reason := probe(tier)))


def growth(bench: Bench, sizes: Sequence[int]) -> tuple[str, dict]:
    """One assignment, more and more submissions; each class graded twice."""
    lines = [
        _line(["submissions", "wall", "CPU each", "coordinator's CPU each",
               "coordinator's memory", "largest worker", "second run"]),
        _line(["--:"] * 7),
    ]  # fmt: skip
    first, base, runs = None, None, {}
    for size in sizes:
        course = bench.course(MAIN, size)
        cost, scores = bench.grade(course, MAIN)
        again, unchanged = bench.grade(course, MAIN)
        assert scores == unchanged
        shutil.rmtree(course.root)
        first = first or cost
        cells = [f"{size:,}".replace(",", " "), f"{cost.wall:.1f} s"]
        if cost is first:
            cells += ["", ""]
        else:
            cpu = (cost.cpu - first.cpu) / (size - sizes[0])
            own = (cost.own_cpu - first.own_cpu) / (size - sizes[0])
            base = base or (cpu, cost.memory)
            runs = {"cpu": cpu, "own": own, "scores": scores}
            cells += [f"{cpu:.3f} s", f"{1e3 * own:.1f} ms"]
        cells += [f"{cost.memory / 2**20:.0f} MB", f"{cost.largest / 2**20:.0f} MB"]
        cells.append(f"{again.wall:.1f} s ({100 * again.wall / cost.wall:.1f} %)")
        lines.append(_line(cells))
    spread = f"CPU each at {sizes[-1]} is {runs['cpu'] / base[0]:.2f} of that at {sizes[1]}"
    spread += f", the coordinator's memory {cost.memory / base[1]:.2f} times as much."
    rest = WHOLE * (runs["cpu"] - runs["own"]) / CORES
    own = WHOLE * runs["own"]
    projection = (
        f"Projected, not measured: {WHOLE} submissions on {CORES} cores like these take "
        f"{rest / 60:.0f} min of every core for the exams, and {own / 60:.0f} min of one core for "
        f"the coordinator, which works at the same time: {max(rest, own) / 60:.0f} min in all."
    )
    words = f"bwrap, 2 jobs, {MAIN}. The second run finds every submission unchanged."
    text = "\n".join(["### A class grows", "", words, "", *lines, "", spread, "", projection])
    return text, runs


def cluster(bench: Bench, count: int, grown: dict) -> str:
    """The same by Dask, while a worker is killed and another started every few seconds."""
    every = 2.0 if count < 100 else 15.0
    course = bench.course(MAIN, count)
    here = bench.new()
    here.mkdir()
    with Cluster(here) as dask:
        dask.wait(2)
        dask.disturb(every)
        cost, scores = bench.grade(course, MAIN, "--scheduler", dask.address)
        killed = dask.killed
    calm = grown["scores"][:count]
    same = scores[: len(calm)] == calm
    return "\n".join([
        "### On a Dask cluster whose workers die",
        "",
        f"{count} submissions, two workers of one thread, one killed (SIGKILL) and another started "
        f"every {every:g} s: {cost.wall:.0f} s, {killed} killed, coordinator "
        f"{cost.memory / 2**20:.0f} MB; "
        f"{'the same scores as the undisturbed run' if same else '**other scores**'}.",
    ])  # fmt: skip


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "?")


if __name__ == "__main__":
    print(run(quick="quick" in sys.argv))
