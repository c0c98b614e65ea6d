"""Running one cell in an IPython shell, its outputs captured and bounded."""
