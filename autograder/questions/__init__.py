"""Questions to each student about their own code: did they understand what they handed in?

`changes` finds what could be changed in a line of theirs; `observe` watches their functions in an
exam, by the cell `probe`; `kinds` makes questions of what was seen; `ask` holds the exams and puts
a student's questions together; `sheets` writes the sheet of each student, the examiner's key and
the form. Student code runs in the exam alone.
"""
