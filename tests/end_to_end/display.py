"""A virtual X display for real windows."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

START_S = 60.0


@contextmanager
def virtual_display(width: int = 1440, height: int = 900) -> Iterator[str]:
    """Start Xvfb on a free display; yields its name (":107"). Raises RuntimeError where that fails."""
    with display_server(width, height) as (name, _):
        yield name


@contextmanager
def display_server(width: int = 1440, height: int = 900) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """As `virtual_display`; yields the server's process as well, which may be killed."""
    if shutil.which("Xvfb") is None:
        raise RuntimeError("Xvfb is not installed; the README's test command installs it")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        yield f":{_number(reading, server)}", server
    finally:
        os.close(reading)
        server.terminate()
        server.wait(timeout=START_S)


def _number(reading: int, server: subprocess.Popen[bytes]) -> int:
    text = b""
    limit = time.monotonic() + START_S
    while not text.endswith(b"\n"):
        if server.poll() is not None or time.monotonic() > limit:
            raise RuntimeError("Xvfb did not start")
        text += os.read(reading, 16)
    return int(text)
