"""Some kills at random instants; `python -m tests.end_to_end.kills` does many more."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked and killed by signals")
def test_killed_windows_and_commands_lose_nothing_that_was_saved():
    command = [sys.executable, "-m", "tests.end_to_end.kills", "--count", "8", "--seed", "5"]
    result = subprocess.run(
        command,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert [line.split()[-1] for line in result.stdout.splitlines()[1:3]] == ["0", "0"]
