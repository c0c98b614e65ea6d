"""``python -m mlpkit``: the same as the command ``mlpkit``, whoever provides it."""

import sys
from importlib.metadata import entry_points

if __name__ == "__main__":
    command, *_ = entry_points(group="console_scripts", name="mlpkit")
    sys.exit(command.load()())
