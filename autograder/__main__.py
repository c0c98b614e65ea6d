"""``python -m autograder``: the same as the command ``autograder``."""

import sys

from autograder.cli.entry import autograder

if __name__ == "__main__":
    sys.exit(autograder())
