"""The exceptions whose text is meant for whoever typed the command: one tree.

    AutograderError            the grader or its arguments are at fault
        Stopped                Ctrl-C; what was done before is kept
        ExamError              one exam could not be held; the others go on
            ProcessGone    a process died, not of the student's code: may be tried again
        SandboxError           the sandbox asked for does not hold here
            ConfineError       a process could not be confined
        SourceError, MarkerError, AnswerError, BuildError, ExecutionError
                               an assignment that is written wrongly, with file and line

Inside the exam, ``ProtocolError`` (an invalid message) and ``StudentError`` (the student's code
raised, died or is missing) never leave it: they become a check's message.
"""


class AutograderError(Exception):
    """The grader or its arguments are at fault; the text says what, and what to do next."""


class Stopped(AutograderError):
    """Ctrl-C; what was done before is kept."""


class ExamError(AutograderError):
    """One exam could not be held; the text says what happened. Never the student's zero."""


class ProcessGone(ExamError):
    """A process of the exam was killed or does not answer: the exam can be held again."""


class SandboxError(AutograderError):
    """The sandbox asked for does not hold here; the text says why and what to do."""
