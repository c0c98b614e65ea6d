"""Whose code is alike, beyond what the released notebook and the solution share.

`passages` reads a cell without its names, comments and layout; `pairs` weighs what two students
share; `page` shows it side by side. What is found says nothing about how it came about.
"""
