"""The one exception that becomes a sentence: whoever typed the command reads its text."""


class AutograderError(Exception):
    """The grader or its arguments are at fault; the text says what, and what to do next."""
