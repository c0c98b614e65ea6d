"""Explain a gradient that is wrong: which known mistake turns the right one into it."""
