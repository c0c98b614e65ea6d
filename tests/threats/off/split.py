"""Student and tests in two processes, with values between them."""


def no_split():
    """The student's cells run in the process of the tests."""
    from autograder.exam.examiner import examiner
    from autograder.exam.shell.shell import run_cell

    patch(
        examiner.Examiner,
        "_student",
        lambda self, cell_id, text, names=(): (
            run_cell(self.shell, text, self.limits.output_bytes).outputs
        ),
    )


def tests_through_ipython():
    """Test cells take IPython's way, as in a kernel."""
    from autograder.exam import compiled
    from autograder.exam.shell import shell

    patch(shell, "compile_cell", lambda *arguments: None)
    patch(compiled, "compile_cell", lambda *arguments: None)
    nothing = compiled.compile_parts("", "", set())[0]
    patch(compiled, "compile_parts", lambda source, name, hidden: (nothing, None))


def sloppy_tests():
    """Tests compare as np.allclose does."""
    import numpy as np

    from mlpkit import testing

    def assert_close(value, expected, name, **options):
        assert np.allclose(value, expected), f"{name} is not close"

    patch(testing, "assert_array", assert_close)
    patch(testing, "assert_number", assert_close)


def no_hidden_tests():
    """The inputs that count are the ones a student can read."""
    from autograder.exam import compiled

    parts = compiled.compile_parts
    nothing = parts("", "", set())[0]
    patch(
        compiled,
        "compile_parts",
        lambda source, name, hidden: (parts(source, name, hidden)[0], nothing),
    )


def hidden_tests_in_their_places():
    """They run where they stand, and all that is said afterwards is shown."""
    from autograder.exam.examiner import checks, examiner

    begin, judge = checks.Checks.__init__, checks.judge
    patch(checks.Checks, "__init__", lambda self, *rest: begin(self, *rest[:-1], True))
    patch(checks, "judge", lambda step, outcome, hidden, case: judge(step, outcome, False))
    patch(examiner, "_withheld", lambda summary: summary)


def messages_of_hidden_tests():
    """What hidden tests say is shown as it is."""
    from autograder.exam.examiner import checks

    judge = checks.judge
    patch(checks, "judge", lambda step, outcome, hidden, case: judge(step, outcome, False))


def any_reply():
    """A reply is taken whatever its number, form and words are."""
    from autograder.exam.examiner import connection

    read = connection.read_reply

    def lax(value):
        number, verb, *fields = value
        return read([number, verb, *fields])

    patch(connection, "read_reply", lax)


def outputs_as_they_come():
    from autograder.exam.examiner import examiner
    from autograder.exam.protocol import validation

    patch(examiner, "sanitise_outputs", lambda items: items)
    patch(validation, "sanitise_outputs", lambda items: items)


def requests_sent_ahead():
    """While a cell is run, a further request waits on the wire."""
    from autograder.exam.examiner.connection import Connection

    begin = Connection.__init__

    class Twice:
        def __init__(self, transport):
            self.transport = transport

        def __getattr__(self, name):
            return getattr(self.transport, name)

        def send(self, frame, *rest):
            self.transport.send(frame * (2 if b"ahead:" in frame else 1), *rest)

    patch(
        Connection,
        "__init__",
        lambda self, transport, *rest: begin(self, Twice(transport), *rest),
    )


def call_backs_for_ever():
    from autograder.exam.examiner.references import References

    patch(References, "retire", lambda self, kept: None)


def plain_counter():
    """Lines are counted by whatever ``mlpkit.testing`` holds just then."""
    from autograder.exam.student import operations

    def count(function, calls):
        return [once(function, args, kwargs) for args, kwargs in calls]

    def once(function, args, kwargs):
        from mlpkit import testing

        values = []
        lines = testing.count_lines(
            lambda *a, **k: values.append(function(*a, **k)), *args, **kwargs
        )
        value = function(*args, **kwargs)
        return lines, values[0] if values else value, value

    patch(operations, "_counter", lambda: count)


def counted_value_unseen():
    from autograder.exam.examiner import proxies

    patch(proxies, "alike", lambda value, other: True)


def helpers_may_count():
    from autograder.exam.student import line_counter

    patch(line_counter, "were_at_work", lambda before, after: False)


def unbounded_wire():
    from autograder.exam.protocol import bounds

    for name in ("FRAME", "TREE", "DEPTH", "ITEMS", "PARTS", "KEYS", "DIGITS", "COMPARISONS"):
        patch(bounds, f"MAX_{name}", (1 << 31) - 1)


def changes_stay_there():
    from autograder.exam.examiner import session

    patch(session, "write_back", lambda *rest: None)


def one_layout():
    """Tests take the layout of an array for a part of the answer."""
    from mlpkit import testing

    strict = testing.assert_array

    def assert_array(value, *rest, **options):
        strict(value, *rest, **options)
        assert value.flags.carray, "C-contiguous and writable is asked for"

    patch(testing, "assert_array", assert_array)


def last_meaning_counts():
    from autograder.exam.examiner import namespace

    patch(namespace, "kind_of", lambda value: object())


def exceptions_as_they_are():
    """Whatever a student's code raises is raised in the test."""
    from autograder.exam.examiner import session

    class Itself(session.StudentError):
        def __new__(cls, message):
            return StopIteration(message)

    patch(session, "StudentError", Itself)


def any_method():
    """A student's object is handed operands by any of its methods."""
    from autograder.exam.examiner import proxies

    patch(proxies, "_attribute", lambda proxy, name: proxies._apply(proxy, "getattr", name))


def nothing_restored():
    """A check beside the student's code finds what that has left of the libraries."""
    from types import SimpleNamespace

    from autograder.exam.student import executor

    kept = SimpleNamespace(restore=lambda only_ours=False: [])
    patch(executor, "Pristine", lambda ipython: kept)


def however_derived():
    from autograder.exam.examiner.derivations import Derivations

    patch(Derivations, "judged", lambda self, done: done)


def unread_names_stay_theirs():
    """What a course's cell makes, and its text does not show, is still asked for there."""
    from autograder.exam.examiner import namespace

    patch(namespace.StudentNamespace, "made_unread", lambda self, before, **how: None)


def any_generator_comes_back():
    from autograder.exam.examiner import references

    patch(references, "was_only_drawn_from", lambda before, after: True)
