"""``python -m autograder``: the same as the command ``autograder``."""

import sys

from autograder.cli.main import main

sys.exit(main())
