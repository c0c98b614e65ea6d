"""A class: every submission examined once; the cache, resuming, regrading, a new course."""
