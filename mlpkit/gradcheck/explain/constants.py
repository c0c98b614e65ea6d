"""Names for numbers: which of the problem's constants is the factor 0.142857?"""

from collections.abc import Iterator, Mapping
from itertools import combinations

TOLERANCE = 1e-6  # relative; coarser than any fit that is accepted
COUNTS = {"N", "n", "m", "B", "batch", "samples", "n_samples"}  # a mean divides by these
CHANCE = 20  # whole numbers up to here are met by chance
PLAIN = {1.0: "1", 2.0: "2", 0.5: "1/2", 4.0: "4", 0.25: "1/4", 3.0: "3", 1.5: "3/2"}


class Names:
    """Expressions in the problem's constants, recognised by their value."""

    def __init__(self, constants: Mapping[str, float] | None = None) -> None:
        self.constants = {name: float(value) for name, value in (constants or {}).items()}
        self.table = [(value, text) for value, text in self._expressions() if value]

    def _expressions(self) -> Iterator[tuple[float, str]]:
        """Simple ones first."""
        c = self.constants
        yield from PLAIN.items()
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
        values = [1.0, 2.0, 0.5, *self.constants.values()]
        return any(v and (_same(abs(number), v) or _same(abs(number), 1 / v)) for v in values)

    def show(self, number: float) -> str:
        """The expression, or the digits."""
        return self.find(number) or f"{number:.6g}"

    def factor(self, f: float) -> str:
        """The sentence for: yours = f * right."""
        if _same(f, 1):
            return f"yours is the right one times 1 {f - 1:+.1e}"
        if _same(f, -1):
            return "yours is the right one times -1: the sign"
        size = self._size(abs(f))
        if size is None:
            return f"yours is the right one times {f:.6g}, in every entry"
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


def _or_plain(value: float) -> str:
    """A small number need not be the constant that has its value."""
    return f" (or by a plain {value:.6g})" if value in PLAIN else ""


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * abs(b)
