"""Banks of mistakes: right models, edits of their text as data, and one reader that judges."""
