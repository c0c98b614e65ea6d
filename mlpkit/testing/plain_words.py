"""What numpy's error messages mean, where their own advice would hide a mistake."""

import re

_NUMPYS = {
    "truth value of an array": "an array stands where one True or False is needed (if, and, or, "
    "not, max). For a choice entry by entry use np.where(...), & and |, or np.maximum",
    "numpy boolean subtract": "True and False are subtracted; make numbers of them first: "
    "mask.astype(float)",
    "numpy boolean negative": "the sign of True and False is changed; make numbers of them first: "
    "mask.astype(float), or write ~mask for not",
    "inhomogeneous shape": "the rows of the list have different lengths, so it makes no array; "
    "look at the shape of each",
    "Cannot cast ufunc": "the array holds whole numbers (dtype int), and +=, -=, *= or /= puts "
    "fractions into it in place; write W = W - ..., which makes a new array",
    "'bitwise_xor' not supported": "^ is no power in Python; write x ** 2",
    "can be converted to Python scalar": "float(), int() or a function of `math` takes one number, "
    "and was given an array; use np.exp, np.log, ..., which go through all entries",
    "setting an array element with a sequence": "an array stands where one number is to be "
    "stored; look at the shape of what is on the right of =",
    "overflow encountered in exp": "exp of more than 709 is infinite (of more than 88 in float32); "
    "arrange it so that exp only sees numbers of 0 or below",
    "divide by zero encountered in log": "the logarithm of 0 is taken, maybe of a probability that "
    "was rounded to 0; compute it from the scores",
    "NoneType": "something here is None; if a function returned it, check that all its paths end "
    "in `return ...`",
}
_CORE = re.compile(
    r"matmul: .*mismatch in its core dimension.*\(size (\d+) is different from (\d+)\)", re.S
)


def in_plain_words(message: str) -> str:
    """A message of numpy's without its bad advice; any other as it is."""
    if sizes := _CORE.search(message):
        right, left = sizes.groups()
        return (
            f"the shapes do not fit in @: the last axis of its left factor has length {left}, the "
            f"first of its right one {right}, and they are summed together"
        )
    return next((ours for theirs, ours in _NUMPYS.items() if theirs in message), message)
