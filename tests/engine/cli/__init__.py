"""The command line; what needs a process of its own is in tests/end_to_end."""
