"""What PyTorch computes, stored: the files, the script that makes them, and how tests read them."""

import json
from pathlib import Path
from typing import Any


def golden(name: str) -> Any:
    """The content of one golden file, "losses" for losses.json."""
    path = Path(__file__).parent / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))
