"""How much memory a process has, as the operating system counts it; and probes in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")
PROBE_TIMEOUT_S = 900


def resident_bytes(field: str = "VmRSS") -> int | None:
    """Memory in use now; "VmHWM" is the most it ever was. None where the system is not Linux."""
    if not STATUS.exists():
        return None
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{field}:"))
    return 1024 * int(line.split()[1])


def probed(module: str, *arguments: object, timeout_s: float = PROBE_TIMEOUT_S) -> dict[str, Any]:
    """What a module prints as JSON when it is run with these arguments in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def kilobytes(count: float | None) -> str:
    """ "1,024.0", or a dash where it is not known."""
    return "–" if count is None else f"{count / 1024:,.1f}"
