"""The autograder: from a percent source to a graded class."""

from mlpkit import __version__

__all__ = ["__version__"]
