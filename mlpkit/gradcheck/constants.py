"""Names for numbers: which symbol of the problem is the factor 0.142857?"""

from collections.abc import Mapping

TOLERANCE = 1e-6


class Names:
    """Expressions of the problem's constants, to be recognised by their value."""

    def __init__(self, constants: Mapping[str, float] | None = None) -> None:
        self.constants = {name: float(value) for name, value in (constants or {}).items()}
