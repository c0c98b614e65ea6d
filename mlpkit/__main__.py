"""``python -m mlpkit``: the same as the command ``mlpkit``."""

import sys

from autograder.cli.entry import mlpkit

if __name__ == "__main__":
    sys.exit(mlpkit())
