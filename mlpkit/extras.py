"""What the notebooks need beside numpy, and what to type where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

COURSE = ("matplotlib", "sklearn", "pooch", "requests", "tqdm")


@contextmanager
def course_extra() -> Iterator[None]:
    """Around imports of COURSE: a missing one is named with the line that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in COURSE:
            raise
        raise ModuleNotFoundError(
            f"{package} is not installed. It comes with: pip install 'mlpkit[course]'",
            name=error.name,
        ) from None
