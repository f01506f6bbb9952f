"""Files that a command is to write: wrong places are found before the work, not after it."""

from collections.abc import Mapping
from pathlib import Path

from engine.errors import UserError, excerpt
from engine.files.atomic import check_writable


def target(text: str, suffix: str) -> Path:
    """The file named by --out; raises UserError where nothing can be written there."""
    path = Path(text)
    if path.suffix.lower() != suffix:
        raise UserError(
            f"--out {text}",
            expected=f"a name that ends in {suffix}",
            got=f"'{excerpt(path.name)}'",
            help=f"Name it {path.stem or 'result'}{suffix}, for instance.",
        )
    check_writable(path)
    return path


def spare(out: Path, used: Mapping[str, str]) -> None:
    """Raise UserError where the file to be written is one that the command reads.

    used : paths of what must stay as it is, by what each of them is ("the data to predict").
    """
    for what, path in used.items():
        if _same(out, Path(path)):
            raise UserError(
                f"--out {out}",
                expected="a file of its own",
                got=what,
                help="It would be overwritten: choose another name.",
            )


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file, whatever they are called; a file that is not there is none."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
