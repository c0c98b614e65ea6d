"""An examiner's fork server that names no causes: for the cost of naming them."""

from typing import Any

from autograder.exam import forkserver
from autograder.exam.examiner.causes import Causes


def _told(self: Causes, step: Any, message: str, *_: Any) -> str:
    return message


if __name__ == "__main__":
    Causes.told = _told  # type: ignore[assignment,method-assign]
    forkserver.main()
