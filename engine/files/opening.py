"""What a name on the command line stands for: a preset, an experiment file or a saved run."""

from itertools import islice
from pathlib import Path

from engine.data.delimited.text import first_bytes
from engine.data.images.files import IMAGE_FILE
from engine.data.sources import DATA_SUFFIXES
from engine.errors import UserError
from engine.experiment import Experiment, from_json, read_experiment
from engine.files.presets import names_of_presets, preset_files
from engine.files.run_file import SUFFIX, SavedRun, anchored, load
from engine.input_files import IDX_SOURCE, MODEL_FILE, PICTURES_ARE_IDX, FileKind, recognize_images
from engine.progress import Progress

OF_ANYTHING = (".gz", ".zst", ".zip", ".txt", ".data")

TABLE_SUFFIXES = tuple(suffix for suffix in DATA_SUFFIXES if suffix not in OF_ANYTHING)
"""Of files that are no experiment by their names."""

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic")

MOST_ENTRIES = 2000
"""So many entries of a folder are read, to say what it holds."""

LOOKED_AT = FileKind("an experiment", MODEL_FILE.most_bytes)
"""A file of images may be larger than an experiment, and is to be called what it is."""

OPENED = "an experiment (.json), a model (.gradwright) or a ready experiment"

__all__ = ["open_run", "preset", "preset_files"]


def preset(name: str) -> Experiment:
    """A ready experiment; KeyError where there is none of that name."""
    return from_json(preset_files()[name].read_text(encoding="utf-8"), name)


def open_run(name: str, progress: Progress | None = None) -> SavedRun:
    """What a path (.gradwright, .json) or the name of a ready experiment stands for.

    Raises UserError for a missing, foreign or damaged file.
    """
    if name in preset_files():
        return SavedRun(preset(name))
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix == SUFFIX:
        return load(path, progress)
    _refuse_images(path, progress)
    missing = not _may_be_there(path)
    if suffix in TABLE_SUFFIXES and missing:
        raise UserError(
            name,
            expected="an existing file",
            got="nothing at this path",
            help="Check how its name is spelt, and which folder it is in.",
        )
    if suffix in TABLE_SUFFIXES:
        raise UserError(
            name,
            expected=OPENED,
            got="a table",
            help="Name the table as the data source of an experiment.",
        )
    if not suffix and missing:
        raise UserError(
            name,
            expected="a file or a ready experiment",
            got="neither",
            help=f"Ready experiments are: {names_of_presets()}.",
        )
    return SavedRun(anchored(read_experiment(path, progress), path.parent))


def _may_be_there(path: Path) -> bool:
    """Whether a path exists, or cannot be checked: the attempt to read it says why."""
    try:
        return path.exists()
    except OSError:
        return True


def _refuse_images(path: Path, progress: Progress | None) -> None:
    """Raises UserError for a picture, a file in IDX format, and a folder of such files."""
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:
        # The attempt to read it says what is wrong with the path.
        return
    if is_folder:
        got, help = _images_of(path)
    else:
        found = recognize_images(first_bytes(path, progress, LOOKED_AT)) if is_file else None
        got, help = (found.what, found.help) if found else ("", "")
    if got:
        raise UserError(str(path), expected=OPENED, got=got, help=help)


def _images_of(folder: Path) -> tuple[str, str]:
    """What a folder of images is and what to do; empty where it holds other things, or something to open."""
    names = _files(folder, "*")
    if any(name.lower().endswith((SUFFIX, ".json")) for name in names):
        return "", ""
    if any(IMAGE_FILE.fullmatch(name) for name in names):
        return "a folder of IDX files", f"Choose the source “{IDX_SOURCE}”, with this folder."
    # Classes often have folders of their own. Some pictures are in every home folder, though.
    names += _files(folder, "[!.]*/*")
    pictures = sum(name.lower().endswith(PICTURE_SUFFIXES) for name in names)
    return ("a folder of pictures", PICTURES_ARE_IDX) if names and 2 * pictures >= len(names) else ("", "")


def _files(folder: Path, pattern: str) -> list[str]:
    """The names of files that are not hidden, not of all where there are very many."""
    entries = islice(folder.glob(pattern), MOST_ENTRIES)
    return [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_file()]
