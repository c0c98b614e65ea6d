"""Student and tests in two processes, with values between them."""


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
        self.channel.receive(deadline), self._resolve)[1:]


def outputs_as_they_come():
    from autograder.exam import examiner, replies

    examiner.sound_outputs = replies.sound_outputs = lambda items: items


def requests_sent_ahead():
    """While a cell is run, a further request waits on the wire."""
    from autograder.exam.channel import Channel

    send = Channel.send
    Channel.send = lambda self, frame, *rest: send(
        self, frame * (2 if b"ahead:" in frame else 1), *rest)


def call_backs_for_ever():
    from autograder.exam import session

    session.Session.retire = lambda self, kept: None


def plain_counter():
    """Lines are counted by whatever ``mlpkit.testing`` holds just then."""
    from autograder.exam import candidate

    def count(function, calls):
        return [once(function, args, kwargs) for args, kwargs in calls]

    def once(function, args, kwargs):
        from mlpkit import testing

        values = []
        lines = testing.count_lines(lambda *a, **k: values.append(function(*a, **k)),
                                    *args, **kwargs)
        value = function(*args, **kwargs)
        return lines, values[0] if values else value, value

    candidate.make_counter = lambda: count


def counted_value_unseen():
    from autograder.exam import proxies

    proxies._alike = lambda value, other: True


def unbounded_wire():
    from autograder.exam import channel, wire

    channel.MAX_FRAME = wire.MAX_FRAME = wire.MAX_TREE = wire.MAX_DEPTH = (1 << 31) - 1
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
    from autograder.exam import names

    names.kind_of = lambda value: object()


def exceptions_as_they_are():
    """Whatever a student's code raises is raised in the test."""
    from autograder.exam import session

    class Itself(session.StudentError):
        def __new__(cls, sentence):
            return StopIteration(sentence)

    session.StudentError = Itself
