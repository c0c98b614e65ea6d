"""The operator's own day: runs, gradebook, pages."""


def trusts_the_file():
    """A file under autograded/ settles a submission, and is written before the gradebook's row."""
    import time

    from autograder.grading import batch

    settle = batch.Batch._settle

    def file_first(self, work, result):
        write = self.book.write

        def late(*arguments):
            time.sleep(0.5)
            write(*arguments)

        self.book.write = lambda *arguments: None
        named = settle(self, work, result)
        late(named, work.submission.notebook, work.submission.timestamp)
        del self.book.write
        return named

    def settled(self, student, notebook, entries):
        submission = self.read(student, notebook)
        key = self.key(submission)
        kept = self.caches[notebook].head(key)
        there = kept and batch.autograded_key(self._file(submission)) == key
        return self._about(kept, submission) if there else None

    patch(batch.Batch, "_settle", file_first)
    patch(batch.Batch, "_settled", settled)


def a_new_secret_each_time():
    import secrets

    from autograder.course.directory import Course

    patch(Course, "seed", lambda self: secrets.token_hex())


def errors_as_they_come():
    """No message for what the disk or the database says."""
    from autograder.gradebook.database import Database
    from autograder.grading import batch

    work_off = batch.Batch._work_off

    def bare(self, *arguments):
        try:
            return work_off(self, *arguments)
        except batch.AutograderError as error:
            raise error.__cause__ from None

    patch(batch.Batch, "_work_off", bare)
    patch(Database, "_fault", lambda self, error: error)


def files_written_in_place():
    """The autograded file is overwritten in place, and first."""
    from autograder.grading import batch

    def write(path, data, mode=0o644):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)

    patch(batch, "write_atomically", write)
    patch(batch.Batch, "_remember", lambda self, work, result: True)


def uncaught():
    """The command says what Python says."""
    from autograder.cli import commands
    from autograder.cli import main as cli

    def main(arguments):
        args = cli.parser().parse_args(arguments)
        return getattr(commands, args.command)(args)

    patch(cli, "main", main)


def any_gradebook():
    """A gradebook is used whatever version it is of."""
    import contextlib

    from autograder.errors import AutograderError
    from autograder.gradebook.database import Database

    prepare = Database._prepare

    def unchecked(self):
        with contextlib.suppress(AutograderError):
            prepare(self)

    patch(Database, "_prepare", unchecked)


def tests_are_right():
    """A check that the course's own solution fails is a student's failure."""
    from autograder.exam import pool

    patch(pool, "with_broken_checks", lambda result, broken: result)


def regrade_writes(**options):
    """A regrade does what was not asked for."""
    from autograder.grading import regrade

    regrade_class = regrade.regrade_class

    def writing(*arguments, **asked):
        return regrade_class(*arguments, **{**asked, **options})

    patch(regrade, "regrade_class", writing)


def unsanitised():
    from autograder.reports import html

    patch(html, "_clean", lambda text: text)


def formulas():
    from autograder.reports import spreadsheet

    patch(spreadsheet, "harmless", lambda text: text)
