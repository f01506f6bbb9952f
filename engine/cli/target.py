"""Files that a command is to write: wrong places are found before the work, not after it."""

from pathlib import Path

from engine.errors import UserError
from engine.files.atomic import check_writable


def target(text: str, suffix: str) -> Path:
    """The file named by --out; raises UserError where nothing can be written there."""
    path = Path(text)
    if path.suffix.lower() != suffix:
        raise UserError(
            f"--out {text}",
            expected=f"a name that ends in {suffix}",
            got=f"'{path.name}'",
            help=f"Name it {path.stem or 'result'}{suffix}, for instance.",
        )
    check_writable(path)
    return path
