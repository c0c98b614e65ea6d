"""Questions to each student about their own code: did they understand what they handed in?

`changes` finds what could be changed in a line of theirs; `ask` holds the exam of the changed
notebook, as grading does, and makes questions whose answers are what happened; `sheets` writes the
sheet of each student, the examiner's key and the form. Student code runs in the exam alone.
"""
