"""The submission rebuilt, and the file it came in."""


def no_rebuild():
    """The submission's own cells are run, with all their metadata; tags mean what they say."""
    import json
    from dataclasses import replace

    from autograder.exam.examiner import examiner
    from autograder.notebook import source_cells
    from autograder.notebook.output_cells import plain_cells

    begin, spared = examiner.Examiner.__init__, {"remove-cell", "parameters"}

    def trusting(self, prepared, submission, *rest):
        theirs = json.loads(submission)
        theirs["cells"] = [
            cell for cell in theirs["cells"] if not spared & {*cell["metadata"].get("tags", ())}
        ]
        theirs_read = source_cells.read_source_cells(theirs)
        plain = plain_cells(theirs, theirs_read)
        begin(
            self,
            replace(prepared, source=theirs, steps=theirs_read, plain=plain, codes={}),
            submission,
            *rest,
        )

    patch(examiner.Examiner, "__init__", trusting)


def schema_matters():
    """As for nbgrader, cells of another schema stop everything."""
    from autograder.notebook import submitted_cells

    read = submitted_cells._cell

    def strict(cell, place):
        assert cell["metadata"].get("nbgrader", {}).get("schema_version", 3) == 3
        return read(cell, place)

    patch(submitted_cells, "_cell", strict)


def trusting_reader():
    """The file is taken for a notebook."""
    import json

    from autograder.notebook import rebuild, submitted_cells

    patch(
        rebuild,
        "read_cells",
        lambda data: (
            [submitted_cells._cell(*pair[::-1]) for pair in enumerate(json.loads(data)["cells"])],
            "",
        ),
    )


def only_utf8():
    from autograder.notebook import submitted_cells

    patch(submitted_cells, "_decode", lambda data: (data.decode(), ""))


def only_nbformat_4():
    from autograder.notebook import submitted_cells

    patch(submitted_cells, "_old_cells", lambda notebook: [])


def first_copy_counts():
    """Of several copies the first is taken, and nothing is said."""
    from autograder.notebook import rebuild

    def take(place, step, copies, matched, flags):
        for cell in copies:
            cell.used_for = place
        matched[place] = copies[0]

    patch(rebuild, "_take", take)


def only_grade_ids():
    """Cells are found by nbgrader's metadata alone, or by their names."""
    from autograder.notebook import submitted_cells

    read = submitted_cells._cell

    def without_id(cell, place):
        return read({**cell, "id": ""}, place)

    patch(submitted_cells, "_cell", without_id)


def only_ids():
    """Cells are found by ids alone."""
    from autograder.notebook import rebuild

    patch(rebuild, "_match_text", lambda *arguments: None)
    patch(rebuild, "_match_names", lambda *arguments: None)


def no_joining():
    from autograder.notebook import rebuild

    patch(rebuild, "_joined", lambda parts: None)


def no_cells_of_ones_own():
    from autograder.notebook import rebuild
    from autograder.notebook.source_cells import EXTRA

    place = rebuild._place
    patch(
        rebuild,
        "_place",
        lambda *arguments: [placed for placed in place(*arguments) if placed.step.kind != EXTRA],
    )


def only_the_exact_file():
    from autograder.course import submissions

    patch(
        submissions,
        "_choose",
        lambda folder, notebook, *rest: (
            path if (path := folder / f"{notebook}.ipynb").exists() else None
        ),
    )


def any_file_is_read():
    """A submission is opened whatever it is; bounded here, so that this machine survives."""
    import os
    from pathlib import Path

    from autograder.course import submissions

    def read(path, limit=0):
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read(1 << 20)

    patch(submissions, "read_regular", read)
    patch(Path, "is_symlink", lambda self: False)
