"""What a student process says about a cell, and what a file says it printed: a stranger's words.

Everything is checked and rebuilt, so that what goes into the notebook that stays is nbformat,
whatever a student's code has sent, or a student's editor has written.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from autograder.exam.protocol.codec import ProtocolError
from autograder.exam.protocol.differentiators import WORDS
from autograder.exam.protocol.messages import Raised
from autograder.notebook.safe_outputs import sanitise_outputs

MAX_PRINTED = 2**16  # characters that one call printed


def is_keywords(value: Any) -> bool:
    """Whether a value can be a call's keyword arguments."""
    return type(value) is dict and all(type(name) is str for name in value)


def read_summary(value: Any) -> dict[str, Any]:
    """``{"outputs", "error", "message"}`` of a cell that ran; ProtocolError for anything else."""
    if not isinstance(value, dict) or value.keys() != {"outputs", "error", "message"}:
        raise ProtocolError("no account of a cell.")
    error = value["error"]
    if not isinstance(error, str | None) or not isinstance(value["message"], str):
        raise ProtocolError("an account of a cell in the wrong words.")
    return {
        "outputs": sanitise_outputs(value["outputs"]),
        "message": value["message"][:2_000],
        "error": error if error is None else error[:100] or "an error",
    }


def read_found(value: Any, asked: Container[str]) -> dict[str, dict[str, Any]]:
    """``{name: {"frame": bytes}, {"unportable": message} or {"gone": True}}``, of names asked for.

    ProtocolError for anything else.
    """
    if not isinstance(value, dict):
        raise ProtocolError("no list of names.")
    for name, item in value.items():
        if not (
            isinstance(name, str)
            and name in asked
            and isinstance(item, dict)
            and len(item) == 1
            and (
                isinstance(item.get("frame"), bytes)
                or isinstance(item.get("unportable"), str)
                or item.get("gone") is True
            )
        ):
            raise ProtocolError("a name without a value.")
    return value


def read_raised(value: Raised) -> tuple[list[str], str, str]:
    """Names of an exception's classes, its text and its line; ProtocolError for less."""
    kinds = value.kinds
    if not (isinstance(kinds, list) and kinds and all(isinstance(kind, str) for kind in kinds)):
        raise ProtocolError("an exception of no kind.")
    return [kind[:100] for kind in kinds[:50]], str(value.message)[:4_000], str(value.line)[:4_000]


def read_imports(value: Any) -> list[str]:
    """Names of modules; what is no name is left out."""
    return [name for name in value if type(name) is str] if type(value) is list else []


def read_watched(value: Any, asked: int) -> list[str]:
    """How each of so many functions computes, as a short word; ProtocolError for anything else."""
    if not (isinstance(value, list) and len(value) == asked):
        raise ProtocolError("no account of how functions compute.")
    return [word if isinstance(word, str) and word in WORDS else "" for word in value]


def read_aside(value: Any) -> tuple[str, Any]:
    """What was printed, and the state of the random generators; ProtocolError for anything else."""
    if value is None:
        return "", None
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)):
        raise ProtocolError("an aside of an unknown form.")
    return value[0][:MAX_PRINTED], value[1]
