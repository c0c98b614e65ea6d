"""Names for numbers: which of the problem's constants is the factor 0.142857?"""

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

TOLERANCE = 1e-6  # relative; coarser than any fit that is accepted
COUNTS = {"N", "n", "m", "B", "batch", "samples", "n_samples"}  # a mean divides by these
CHANCE = 20  # whole numbers up to here are met by chance
PLAIN = {1.0: "1", 2.0: "2", 0.5: "1/2", 4.0: "4", 0.25: "1/4", 3.0: "3", 1.5: "3/2"}
ANGLES = {math.pi / 180: "pi/180", 180 / math.pi: "180/pi"}  # degrees for radians
CERTAIN = 1000  # whole numbers up to here may explain a single number


class Names:
    """Expressions in the problem's constants, recognised by their value."""

    def __init__(
        self,
        constants: Mapping[str, float] | None = None,
        scalars: Mapping[str, float] | None = None,
    ) -> None:
        """``scalars``: parameters that are one number, which may be a factor too."""
        self.scalars = dict(scalars or {})
        self.constants = {name: float(value) for name, value in (constants or {}).items()}
        self.table = [(value, text) for value, text in self._expressions() if value]

    def _expressions(self) -> Iterator[tuple[float, str]]:
        """Simple ones first."""
        c = self.constants
        yield from PLAIN.items()
        yield from ANGLES.items()
        for name, value in c.items():
            yield value, name
            yield 2 * value, f"2 {name}"
            yield value / 2, f"{name}/2"
            if value:
                yield 1 / value, f"1/{name}"
                yield 2 / value, f"2/{name}"
                yield 1 / (2 * value), f"1/(2 {name})"
        for (one, a), (two, b) in combinations(c.items(), 2):
            yield a * b, f"{one} {two}"
            if a and b:
                yield 1 / (a * b), f"1/({one} {two})"
                yield a / b, f"{one}/{two}"
                yield b / a, f"{two}/{one}"
        for name, value in c.items():
            yield value**2, f"{name}^2"
            if value:
                yield 1 / value**2, f"1/{name}^2"
            if value > 0:
                yield math.sqrt(value), f"sqrt({name})"
                yield 1 / math.sqrt(value), f"1/sqrt({name})"
            if name in COUNTS and value > 1:
                yield value - 1, f"({name} - 1)"
                yield 1 / (value - 1), f"1/({name} - 1)"
                yield value / (value - 1), f"{name}/({name} - 1)"
                yield (value - 1) / value, f"({name} - 1)/{name}"

    def find(self, number: float) -> str | None:
        """The simplest expression with this value, of either sign; None if there is none."""
        sign = "-" if number < 0 else ""
        for value, text in self.table:
            if abs(abs(number) - value) <= TOLERANCE * abs(value):
                return sign + text
        return None

    def is_simple(self, number: float) -> bool:
        """Whether one number alone may be explained so: -1, 2, 1/2, N, 1/N and the like."""
        if _same(number, 1):  # too near to nothing at all
            return False
        size = abs(number)
        values = [1.0, 2.0, *ANGLES, *self.constants.values()]
        whole = round(max(size, 1 / size)) if 1 / CERTAIN <= size <= CERTAIN else 0
        return any(v and (_same(size, v) or _same(size, 1 / v)) for v in [*values, whole])

    def show(self, number: float) -> str:
        """The expression, or the digits."""
        return self.find(number) or f"{number:.6g}"

    def _of_scalars(self, f: float) -> str:
        """What a parameter makes of itself that has this value."""
        for name, value in self.scalars.items():
            for text, one in functions(name, np.array(value)):
                if _same(f, float(one)):
                    return f" ({text} here)"
                if one and _same(f, float(1 / one)):
                    return f" (1/({text}) here)" if " " in text else f" (1/{text} here)"
        return ""

    def factor(self, f: float) -> str:
        """The sentence for: yours = f * right."""
        if _same(f, 1):
            return f"yours is the right one times 1 {f - 1:+.1e}"
        if _same(f, -1):
            return "yours is the right one times -1: the sign"
        size = self._size(abs(f))
        if size is None:
            return f"yours is the right one times {f:.6g}, in every entry{self._of_scalars(f)}"
        return size + (", and it has the wrong sign" if f < 0 else "")

    def _size(self, f: float) -> str | None:
        """For a positive factor that is known."""
        if _same(f, 2):
            return f"yours is twice the right one: a factor 2 too many{self._also(f)}"
        if _same(f, 0.5):
            return f"yours is half of the right one: a factor 2 is missing{self._also(f)}"
        for name, value in self.constants.items():
            if value and _same(f, 1 / value):
                mean = ": a mean where the sum is meant" * (name in COUNTS) + _or_plain(value)
                return f"yours is the right one divided by {name} = {value:.6g}{mean}"
            if _same(f, value):
                total = ": a sum where the mean is meant" * (name in COUNTS) + _or_plain(value)
                return f"yours is the right one multiplied by {name} = {value:.6g}{total}"
        found = self.find(f)
        for word, count in (("divided", 1 / f), ("multiplied", f)):
            if 1 < count < 1e6 and _same(count, round(count)):
                guess = "" if self.constants else " (the number of samples?)"
                if found and found not in PLAIN.values():
                    if count > CHANCE:  # any small number is some expression in N and K
                        break
                    guess = f" ({found} here, perhaps by chance)"
                return f"yours is the right one {word} by {round(count)}{guess}"
        return None if found is None else f"yours is the right one times {found} = {f:.6g}"

    def _also(self, f: float) -> str:
        """Other names of the same number: with N = 2 nobody can tell 2 from N."""
        names = [name for name, value in self.constants.items() if _same(f, value)]
        names += [f"1/{name}" for name, v in self.constants.items() if v and _same(f, 1 / v)]
        return f" (or {names[0]}, which is the same here)" if names else ""


def functions(name: str, x: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Derivatives of what parameters are made of, by which a gradient may be off: exp(x) of a
    logarithm, 1 - tanh(x)^2 of what is kept between -1 and 1, and so on."""
    with np.errstate(all="ignore"):
        e = np.exp(x)
        s = 1 / (1 + 1 / e)
        yield name, x
        yield f"exp({name})", e
        yield f"exp(2 {name})", e**2
        yield f"2 {name}", 2 * x
        yield f"{name}^2", x**2
        yield f"1 - tanh({name})^2", 1 - np.tanh(x) ** 2
        yield f"sigmoid({name})", s
        yield f"sigmoid({name}) (1 - sigmoid({name}))", s * (1 - s)


def _or_plain(value: float) -> str:
    """A small number need not be the constant that has its value."""
    return f" (or by a plain {value:.6g})" if value in PLAIN else ""


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * abs(b)
