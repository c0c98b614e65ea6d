"""Read what was given: parameters in any nesting, and what a gradient function returned."""
