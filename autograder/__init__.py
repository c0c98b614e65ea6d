"""The autograder: from a percent source to a graded class."""
