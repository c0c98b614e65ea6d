"""What is wrong with the shape of an array, in the same words for a check and for a gradient."""

from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]


def both_shapes(given: Shape, wanted: Shape) -> str:
    """Nothing but the two."""
    return f"shape {given}, expected {wanted}"


def about_shape(given: Shape, wanted: Shape) -> tuple[str, str]:
    """What is wrong with a shape in words for a lost check, and what to do next."""
    said = both_shapes(given, wanted)
    if len(given) > 1 and given == wanted[::-1]:
        return f"{said}: it is transposed", "swap the factors of the product, or return the .T"
    if len(given) > len(wanted) and _squeezed(given) == _squeezed(wanted):
        return (
            f"{said}: an axis of length 1 too many",
            "return the vector without it: no reshape(-1, 1), no keepdims=True, or .ravel()",
        )
    if len(given) < len(wanted) and _squeezed(given) == _squeezed(wanted):
        return f"{said}: an axis of length 1 is missing", "keep it: keepdims=True or [:, None]"
    if given == ():
        return f"{said}: a scalar", "check which axes you sum over; nothing was left of the shape"
    if len(given) == len(wanted) + 1 and given[1:] == wanted:
        front = f"{said}: an axis of length {given[0]} is left in front"
        return front, "if it counts the samples, sum (or average) over axis 0"
    if len(given) > len(wanted):
        return said, (
            "an axis is left over: look for a sum that is missing, np.outer in the place of @, or "
            "a column (n, 1) that numpy added to a vector (n,)"
        )
    gone = [axis for axis in range(len(wanted)) if wanted[:axis] + wanted[axis + 1 :] == given]
    if gone:
        return f"{said}: axis {' or '.join(map(str, gone))} is gone", (
            "look for the sum, mean or max that took it away; np.maximum works entry by entry, "
            "np.max does not"
        )
    return said, "write the shape of every factor next to it; the inner ones must agree"


def shape_message(given: Shape, wanted: Shape) -> str:
    """The same as one sentence about "it"; where nothing is known but the shapes, these alone."""
    said, advice = about_shape(given, wanted)
    text = said.replace("shape ", "its shape is ", 1)
    if len(given) == len(wanted) == 1:
        return f"{text}: perhaps the sum ran over the wrong axis"
    return f"{text}; {advice}" if said != both_shapes(given, wanted) else text


def _squeezed(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)
