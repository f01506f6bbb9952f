"""The command line: the same work without a window.

`import engine.cli` loads nothing but the standard library, so that `gradwright --version`, and `gradwright`
where there is no display, answer at once.
"""

from engine.cli.command_line import COMMANDS, USAGE_STATUS, main, meant

__all__ = ["COMMANDS", "USAGE_STATUS", "main", "meant"]
