"""Wrong readings of a reference solution: they name a student's cause, and they prove the tests.

`operators`, `calls`, `statements` and `conventions` say how the field's formulas are misread;
`derive` applies them to a solution cell; `diagnose` finds the one that gives a student's values;
`prove` runs the course's own checks against all of them.
"""
