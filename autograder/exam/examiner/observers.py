"""Who is told of the calls that checks make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from autograder.exam.examiner.proxies import Proxy


class CallObserver(Protocol):
    """What is told of the calls that checks make."""

    def called(
        self, name: str, target: Proxy, args: list[Any], kwargs: dict[str, Any]
    ) -> Callable[[Any], None] | None:
        """A call begins; what is to be told the value or StudentError that it ends in, if any."""
