"""The lesson beside the live program."""
