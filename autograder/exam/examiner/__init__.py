"""Where tests run: the trusted side of an exam."""
