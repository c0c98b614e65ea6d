"""Which of a few sets of hidden inputs a submission meets."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

DRAWS = 8  # sets of hidden inputs; each costs one exam of the reference solution
# How the secret is asked for: ``mlpkit.testing.secret``, or the variable MLPKIT_SEED itself.
_READERS = b"mlpkit", b"MLPKIT"


def drawn(secret: str, student: str, submission: bytes, number: int = DRAWS) -> str:
    """The secret of one of so many sets of hidden inputs, by who handed in what.

    Code may remember what a check called it with, and a later cell print it. Once handed in
    again, it most likely meets other numbers; which, nobody can choose without the secret.
    """
    message = student.encode(errors="surrogateescape") + b"\0" + submission
    draw = hmac.digest(secret.encode(), message, "sha256")[0] % number
    return f"{secret}-{draw}"


def number_of_draws(texts: Iterable[bytes]) -> int:
    """How many sets of hidden inputs there are; one where nothing can ask for the secret.

    ``texts`` are the source notebook and the course's files next to it.
    """
    return DRAWS if any(reader in text for text in texts for reader in _READERS) else 1
