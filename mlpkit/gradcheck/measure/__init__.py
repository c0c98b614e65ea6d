"""Measure slopes of the loss, and find where a gradient does not agree with them."""
