"""nbgrader's database; the only package that touches its tables."""
