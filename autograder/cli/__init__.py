"""The command line: arguments to functions, tables, messages, exit codes."""
