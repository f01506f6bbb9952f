"""Checks of a run before time goes into training it: jobs on a copy, each with a panel of its own."""
