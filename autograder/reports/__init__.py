"""A graded class as HTML, CSV and JSON."""
