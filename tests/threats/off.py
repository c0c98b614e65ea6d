"""The layers of the exam, each switched off: what the tests of this folder must then notice.

This text is run in the test's own process and in the two that an exam starts (``switch``), so
each function brings its imports along. Nothing here is reachable from the product.
"""

ROLE = "test"  # or the exam's "examiner" and "candidate"; set by ``switch``
FOLDER = None  # the test's own, where it has one

# Rebuild and intake ------------------------------------------------------------------------------


def no_rebuild():
    """The submission's own cells are run, with all their metadata; tags mean what they say."""
    import json
    from dataclasses import replace

    from autograder.exam import examiner, steps

    begin, spared = examiner.Examiner.__init__, {"remove-cell", "parameters"}

    def trusting(self, prepared, submission, *rest):
        theirs = json.loads(submission)
        theirs["cells"] = [cell for cell in theirs["cells"]
                           if not spared & {*cell["metadata"].get("tags", ())}]
        begin(self, replace(prepared, source=theirs, steps=steps.read_steps(theirs), codes={}),
              submission, *rest)

    examiner.Examiner.__init__ = trusting


def schema_matters():
    """As for nbgrader, cells of another schema stop everything."""
    from autograder.exam import handed_in

    read = handed_in._cell

    def strict(cell, place):
        assert cell["metadata"].get("nbgrader", {}).get("schema_version", 3) == 3
        return read(cell, place)

    handed_in._cell = strict


def trusting_reader():
    """The file is taken for a notebook."""
    import json

    from autograder import intake
    from autograder.exam import handed_in

    intake.read_cells = lambda data: (
        [handed_in._cell(*pair[::-1]) for pair in enumerate(json.loads(data)["cells"])], "")


def only_utf8():
    from autograder.exam import handed_in

    handed_in._decode = lambda data: (data.decode(), "")


def only_nbformat_4():
    from autograder.exam import handed_in

    handed_in._old_cells = lambda notebook: []


def first_copy_counts():
    """Of several copies the first is taken, and nothing is said."""
    from autograder import intake

    def take(place, step, copies, matched, flags):
        for cell in copies:
            cell.used_for = place
        matched[place] = copies[0]

    intake._take = take


def only_grade_ids():
    """Cells are found by nbgrader's metadata alone, or by their names."""
    from autograder.exam import handed_in

    read = handed_in._cell

    def without_id(cell, place):
        return read({**cell, "id": ""}, place)

    handed_in._cell = without_id


def only_ids():
    """Cells are found by ids alone."""
    from autograder import intake

    intake._match_text = intake._match_names = lambda *arguments: None


def no_joining():
    from autograder import intake

    intake._joined = lambda parts: None


def no_cells_of_ones_own():
    from autograder import intake
    from autograder.exam.steps import EXTRA

    place = intake._place
    intake._place = lambda *arguments: [
        placed for placed in place(*arguments) if placed.step.kind != EXTRA]


def only_the_exact_file():
    from autograder import submissions

    submissions._choose = lambda folder, notebook, *rest: (
        path if (path := folder / f"{notebook}.ipynb").exists() else None)


def any_file_is_read():
    """A submission is opened whatever it is; bounded here, so that this machine survives."""
    import os
    from pathlib import Path

    from autograder import submissions

    def read(path, limit=0):
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read(1 << 20)

    submissions.read_regular = read
    Path.is_symlink = lambda self: False


# Split -------------------------------------------------------------------------------------------


def no_split():
    """The student's cells run in the process of the tests."""
    from autograder.exam import cells, examiner

    examiner.Examiner._student = lambda self, cell_id, text, names=(): cells.run_cell(
        self.shell, text, self.limits.output_bytes).outputs
    examiner.Examiner._bind = lambda self: None


def tests_through_ipython():
    """Test cells take IPython's way, as in a kernel."""
    from autograder.exam import cells, prepared

    cells.compile_cell = prepared.compile_cell = lambda source, name: None


def sloppy_tests():
    """Tests compare as np.allclose does."""
    import numpy as np

    from mlpkit import testing

    def assert_close(value, expected, name, **options):
        assert np.allclose(value, expected), f"{name} is not close"

    testing.assert_array = testing.assert_number = assert_close


def no_hidden_tests():
    """The inputs that count are the ones a student can read."""
    from dataclasses import replace

    from autograder.exam import prepared

    code = prepared._code
    prepared._code = lambda step: code(
        replace(step, source=step.released) if step.kind == "test" else step)


def any_reply():
    """A reply is taken whatever its number, form and words are."""
    from autograder.exam import session, wire

    session.Session._answer = lambda self, verb, deadline: wire.decode(
        self.channel.receive(10), self._resolve)[1:]


def outputs_as_they_come():
    from autograder.exam import examiner, replies

    examiner.sound_outputs = replies.sound_outputs = lambda items: items


def requests_sent_ahead():
    """While a cell is run, a further request waits on the wire."""
    from autograder.exam import wire

    send = wire.Channel.send
    wire.Channel.send = lambda self, frame, *rest: send(
        self, frame * (2 if b"ahead:" in frame else 1), *rest)


def call_backs_for_ever():
    from autograder.exam import session

    session.Session.retire = lambda self, kept: None


def plain_counter():
    """Lines are counted by whatever ``mlpkit.testing`` holds just then."""
    from autograder.exam import candidate

    def count(function, *args, **kwargs):
        from mlpkit import testing

        values = []
        lines = testing.count_lines(lambda *a, **k: values.append(function(*a, **k)),
                                    *args, **kwargs)
        return lines, values[0] if values else function(*args, **kwargs)

    candidate.make_counter = lambda: count


def counted_value_unseen():
    from autograder.exam import proxies

    proxies._alike = lambda value, other: True


def unbounded_wire():
    from autograder.exam import wire

    wire.MAX_FRAME = wire.MAX_TREE = wire.MAX_DEPTH = (1 << 31) - 1
    wire.MAX_ITEMS = wire.MAX_PARTS = wire.MAX_KEYS = wire.MAX_DIGITS = (1 << 31) - 1


def changes_stay_there():
    from autograder.exam import session

    session.Session._bring_back = lambda self, *rest: None


def one_layout():
    """Tests take the layout of an array for a part of the answer."""
    from mlpkit import testing

    strict = testing.assert_array

    def assert_array(value, *rest, **options):
        strict(value, *rest, **options)
        assert value.flags.carray, "C-contiguous and writable is asked for"

    testing.assert_array = assert_array


def last_meaning_counts():
    from autograder.exam import session

    session.kind_of = lambda value: object()


def exceptions_as_they_are():
    """Whatever a student's code raises is raised in the test."""
    from autograder.exam import session

    class Itself(session.StudentError):
        def __new__(cls, sentence):
            return StopIteration(sentence)

    session.StudentError = Itself


# Sandbox -----------------------------------------------------------------------------------------


def no_sandbox():
    """Isolation "none"."""
    from autograder.exam import sandbox

    sandbox.choose = lambda requested="auto": "none"


def folder_shown():
    """bubblewrap, with the test's folder shown in it, writable."""
    from autograder.exam import sandbox

    whole = sandbox._bwrap

    def showing(*arguments):
        name, *options = whole(*arguments)
        way = [word for parent in [*reversed(FOLDER.parents)][1:]
               for word in ("--perms", "0755", "--dir", str(parent))]
        return [name, *way, "--bind", str(FOLDER), str(FOLDER), *options]

    sandbox._bwrap = showing


def leftovers_stay():
    from autograder.exam import confine

    confine.kill_leftovers = lambda: ""


def one_process_for_all():
    """The warm process runs the notebooks itself instead of forking for each."""
    import os
    import socket

    from autograder.exam import nursery

    class Control:
        """The control socket: when the answer to "fork" is out, the notebook is run here."""

        def __init__(self, there, control):
            self.there, self.control, self.place = there, control, None

        def __getattr__(self, name):
            return getattr(self.control, name)

        def send(self, data):
            from autograder.exam import candidate
            from autograder.exam.limits import Limits
            from autograder.exam.wire import Channel

            self.control.send(data)
            place, self.place = self.place, None
            if place is not None:
                channel = Channel(socket.socket(fileno=place))
                candidate.sit(channel, self.there.shell, Limits())

    begin = nursery.Nursery.__init__

    def start(self, role, control):
        begin(self, role, control)
        self.control = Control(self, control)

    def fork(self, descriptors, **request):
        self.control.place = os.dup(descriptors[0])
        return {"pid": 0}

    if ROLE == "candidate":
        nursery.Nursery.__init__, nursery.Nursery.fork = start, fork


def pipe_in_reach():
    from autograder.exam import nursery

    nursery._silence = lambda: None


def work_folder_first():
    """The work folder is the first place of imports, and nothing was imported before."""
    import sys

    from autograder.exam import candidate

    sit = candidate.sit

    def late(*arguments):
        sys.path.insert(0, "")
        for name in [*sys.modules]:
            if name.partition(".")[0] in ("mlpkit", "random"):
                del sys.modules[name]
        sit(*arguments)

    candidate.sit = late


def leans_on_the_work_folder():
    """The harness keeps a file where the student's cells run."""
    from autograder.exam import candidate

    run = candidate.Candidate.run

    def leaning(self, cell_id, *rest):
        if self.number == 1:
            open("harness", "w").close()
        open("harness").close()
        run(self, cell_id, *rest)

    candidate.Candidate.run = leaning


# Limits and life ---------------------------------------------------------------------------------


def lift(**limits):
    """Other limits than those of the test; never without any bound."""
    from dataclasses import replace

    from autograder.exam import session

    begin = session.Session.__init__
    session.Session.__init__ = lambda self, control, asked, *rest: begin(
        self, control, replace(asked, **limits), *rest)


def scratch_of(size, files):
    from dataclasses import replace

    from autograder.exam import sandbox
    from autograder.exam.limits import Limits

    sandbox.Limits = lambda: replace(Limits(), scratch_size=size, scratch_files=files)


def seconds_of_a_test(seconds):
    """A test's own time; shortened only, so that nothing here takes a minute."""
    from autograder.exam import examiner

    examiner.TEST_SECONDS = seconds


def call_backs_stop_the_clock():
    import time

    from autograder.exam import session

    serve, answer = session.Session._serve_callback, session.Session._answer

    class Again(Exception):
        pass

    def served(self, *arguments):
        serve(self, *arguments)
        raise Again

    def patient(self, verb, deadline):
        seconds = deadline - time.monotonic()
        while True:
            try:
                return answer(self, verb, time.monotonic() + seconds)
            except Again:
                pass

    session.Session._serve_callback, session.Session._answer = served, patient


def no_recursion_limit():
    import sys

    sys.setrecursionlimit(1 << 30)


def unwatched():
    from autograder.exam import watch

    watch.excess = lambda *arguments: ""


def unbounded_outputs():
    from autograder.exam import cells

    class Outputs(cells.Outputs):
        limit = property(lambda self: 1 << 40, lambda self, limit: None)

    cells.Outputs, cells.MAX_OUTPUTS = Outputs, 1 << 40


def unbounded_notebook():
    from autograder.exam import examiner

    examiner.Examiner._fitting = lambda self, outputs: outputs


def any_length():
    from autograder.exam import handed_in

    handed_in.MAX_LETTERS = handed_in.MAX_CODE = 1 << 40


def whole_messages():
    from autograder.exam import examiner

    examiner.MAX_MESSAGE = 1 << 40


def no_replay():
    from autograder.exam import session

    session.Session._replay = lambda self: None


def called_again_and_again():
    from autograder.exam import session

    session.DEADLY = 1 << 30


def waits_for_the_end():
    """The candidate ends as a Python does, and is waited for."""
    import os
    import sys
    from types import SimpleNamespace

    from autograder.exam import nursery, seat

    if ROLE == "test":
        seat.START_SECONDS = 10.0
    elif ROLE == "candidate":
        nursery.os = SimpleNamespace(**{**vars(os), "_exit": sys.exit, "kill": lambda *a: None})


# Accidents ---------------------------------------------------------------------------------------


def no_answer_to_input():
    import builtins

    from autograder.exam import cells

    cells._no_input = builtins.input


def stderr_counts():
    """What is written to stderr during a check fails it, as with nbgrader."""
    from autograder.exam import candidate

    def write(self, text):
        raise RuntimeError("something was written")

    candidate._Sink.write = write


def shown_with_the_next_cell():
    """What a check makes a function show is shown by the cell after it."""
    from autograder.exam import cells

    run = cells.run_cell

    def showing(shell, *arguments, **options):
        late = shell.capture.outputs.items
        outcome = run(shell, *arguments, **options)
        shell.capture.outputs = cells.Outputs(1 << 20)
        outcome.outputs[:0] = late
        return outcome

    cells.run_cell = showing


def windows():
    """%matplotlib asks for what the student named."""
    from autograder.exam import cells

    build = cells.build_shell

    def with_windows():
        shell = build()
        del shell.ipython.enable_matplotlib
        return shell

    cells.build_shell = with_windows


def only_python():
    """Cells with magics are run as Python."""
    from IPython.core.interactiveshell import InteractiveShell

    run = InteractiveShell.run_cell

    def plain(self, source, **options):
        compile(source, "<cell>", "exec")
        return run(self, source, **options)

    if ROLE == "candidate":
        InteractiveShell.run_cell = plain


def shell_commands_run():
    import os

    from autograder.exam import cells

    cells._no_system = lambda command, **options: os.system(command)


# The operator's day ------------------------------------------------------------------------------


def trusts_the_file():
    """A file under autograded/ settles a submission, and is written before the gradebook's row."""
    import time

    from autograder import batch

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
        submission = batch.read_submission(self.course, self.assignment, student, notebook)
        key = self._key(submission)
        kept = self.cache.head(key)
        there = kept and batch.autograded_key(self._file(submission)) == key
        return self._about(kept, submission) if there else None

    batch.Batch._settle, batch.Batch._settled = file_first, settled


def a_new_secret_each_time():
    import secrets

    from autograder.course import Course

    Course.seed = lambda self: secrets.token_hex()


def errors_as_they_come():
    """No sentence for what the disk or the database says."""
    from autograder import batch
    from autograder.database import Database

    work_off = batch.Batch._work_off

    def bare(self, *arguments):
        try:
            return work_off(self, *arguments)
        except batch.AutograderError as error:
            raise error.__cause__ from None

    batch.Batch._work_off = bare
    Database._sentence = lambda self, error: error


def files_written_in_place():
    """The autograded file is overwritten in place, and first."""
    from autograder import batch

    def write(path, data, mode=0o644):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with open(path, "wb", buffering=0) as file:
            file.write(data)
            file.write(data)

    batch.write_atomically = write
    batch.Batch._remember = lambda self, work, result: True


def uncaught():
    """The command says what Python says."""
    from autograder import cli, commands

    def main(arguments):
        args = cli._parser().parse_args(arguments)
        return getattr(commands, args.command)(args)

    cli.main = main


def any_gradebook():
    from autograder.database import Database

    Database._prepare = lambda self: None


def tests_are_right():
    """A check that the course's own solution fails is a student's failure."""
    from autograder.exam import seat

    seat._with_doubts = lambda result, broken: result


def regrade_writes(**options):
    """A regrade does what was not asked for."""
    from autograder import regrade

    regrade_class = regrade.regrade_class

    def writing(*arguments, **asked):
        return regrade_class(*arguments, **{**asked, **options})

    regrade.regrade_class = writing


def unsanitised():
    from autograder import rendering

    rendering._clean = lambda text: text


def formulas():
    from autograder import spreadsheet

    spreadsheet.harmless = lambda text: text
