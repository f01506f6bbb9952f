"""Mouse and keyboard of a person, through xdotool, on a window that runs in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0


class Program:
    """The program under a virtual display. Acts only by real events; looks only at what it reports."""

    def __init__(self, display: str, folder: Path, *arguments: str) -> None:
        self._report = folder / "report.json"
        self._report.unlink(missing_ok=True)
        self._environment = os.environ | {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "GRADWRIGHT_CONFIG": str(folder / "config"),
            "GRADWRIGHT_STATE": str(folder / "state"),
        }
        self._errors = (folder / "errors.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.launch", str(self._report), *arguments],
            env=self._environment,
            stderr=self._errors,
        )
        self.until(lambda now: bool(now["places"]), "a window")
        # Of whatever name: a message may have come up already, and keeps the keyboard.
        self.focus("")

    def look(self) -> dict[str, Any]:
        """The newest report."""
        try:
            return json.loads(self._report.read_text())
        except FileNotFoundError:
            return {"places": {}}

    def until(self, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until a report fulfils a condition; fails with the last report where it never does."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            now = self.look()
            if holds(now):
                return now
            if self.process.poll() is not None or time.monotonic() > limit:
                self._errors.seek(0)
                raise AssertionError(f"no {what}; last seen {now}\n{self._errors.read()}")
            time.sleep(0.05)

    def later(self, report: dict[str, Any], count: int = 1) -> dict[str, Any]:
        """The report that comes after this one, or so many after it."""
        return self.until(lambda now: now["number"] >= report["number"] + count, "further report")

    def focus(self, title: str = "Gradwright") -> None:
        """Give the keyboard to the window whose title contains this text, and see that it has got it."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            now = self.until(lambda now: any(title in name for name in now["windows"]), f"window {title}")
            number = next(number for name, number in now["windows"].items() if title in name)
            # Refused to a window that is still on its way to the screen, or already on its way from it.
            done = self._do("windowraise", str(number), "windowfocus", str(number), may_fail=True)
            now = self.later(now, 2)
            if now["focus"] and title in now["focus"]:
                return
            assert time.monotonic() < limit, f"no focus in {title}, but in {now['focus']}; {done.stderr}"

    def click(self, name: str) -> None:
        """Click on the widget whose accessible name begins with this text, once it has come to rest."""
        before, place = {}, None
        while place is None or place != before["places"].get(self._find(before, name)):
            before = self.until(lambda now: self._find(now, name) is not None, f"widget {name}")
            now = self.later(before)
            place = now["places"].get(self._find(now, name))
        x, y = place
        self._do("mousemove", "--sync", str(x), str(y), "click", "1")

    def press(self, *keys: str) -> None:
        """Press keys one after the other ("ctrl+s", "Return")."""
        self._do("key", "--delay", "40", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._do("type", "--delay", "15", text)

    def ended(self) -> int:
        """Wait for the process to end; its exit status."""
        status = self.process.wait(timeout=PATIENCE_S)
        self._errors.seek(0)
        complaints = self._errors.read()
        self._errors.close()
        assert "Traceback" not in complaints, complaints
        assert "QThread" not in complaints, complaints
        return status

    def kill(self) -> None:
        """End the process if it still runs, as kill -9 does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._errors.close()

    @staticmethod
    def _find(now: dict[str, Any], name: str) -> str | None:
        exact = [known for known in now["places"] if known == name]
        return next(iter(exact or [known for known in now["places"] if known.startswith(name)]), None)

    def _do(self, *arguments: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            check=not may_fail,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
