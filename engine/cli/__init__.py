"""The command line: the same work without a window.

`import engine.cli` loads nothing but the standard library, so that `gradwright --version`, and `gradwright`
where there is no display, answer at once.
"""

from engine.cli.arguments import COMMANDS, meant
from engine.cli.command_line import USAGE_STATUS, main

__all__ = ["COMMANDS", "USAGE_STATUS", "main", "meant"]
