"""Folders of pictures: what is decoded, how it is brought to size and colour, and what is left out."""

import numpy as np
import pytest
from PIL import Image

from engine.data.images.decoding import Pixels, pixels_of
from engine.data.sources import source_for
from engine.data.sources.image_folder import ImageFolder
from engine.errors import UserError
from tests.engine.data.sources.sources_for_tests import write_pictures


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.asarray(pixels, np.uint8))
    image.save(path, **options)
    return path


def test_folders_are_classes(tmp_path):
    table = ImageFolder(path=str(write_pictures(tmp_path / "p")), side=8).load()
    assert table.column("image").values.shape == (16, 8, 8, 3)
    assert table.column("class").values.tolist() == ["blue"] * 8 + ["red"] * 8
    assert table.column("image").values[0, 0, 0].tolist() == [30, 30, 220]
    assert table.notes[0] == "16 colour images, brought to 8 × 8 pixels."


def test_without_folders_there_are_no_classes(tmp_path):
    for number in range(3):
        save(tmp_path / f"{number}.png", np.full((5, 5), 40 * number))
    table = ImageFolder(path=str(tmp_path), side=4).load()
    assert [column.name for column in table.columns] == ["image"]
    assert table.column("image").values[:, 0, 0, 0].tolist() == [0, 40, 80]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "gif", "tif"])
def test_formats(suffix, tmp_path):
    pixels = np.full((9, 9, 3), (200, 100, 50))
    found = pixels_of(save(tmp_path / f"a.{suffix}", pixels), Pixels(4, True, "stretch"))
    assert np.abs(found.astype(int) - (200, 100, 50)).max() <= 6


def test_grey_is_one_formula(tmp_path):
    for colour, grey in (((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)):
        path = save(tmp_path / "a.png", np.full((4, 4, 3), colour))
        assert pixels_of(path, Pixels(4, False, "stretch"))[0, 0, 0] == grey


def test_it_is_turned_as_exif_says(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = 255
    exif = Image.Exif()
    exif[274] = 6  # to be turned clockwise by a quarter
    found = pixels_of(save(tmp_path / "a.png", pixels, exif=exif), Pixels(8, False, "stretch"))
    assert found[:, 4:].min() == 255
    assert found[:, :4].max() == 0


def test_transparency_lies_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    assert pixels_of(save(tmp_path / "a.png", pixels), Pixels(4, False, "stretch")).min() == 255


def test_sixteen_bits_become_eight(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.full((4, 4), 257 * 99, np.uint16)).save(path)
    assert np.unique(pixels_of(path, Pixels(4, False, "stretch"))).tolist() == [99]


def test_palettes_and_bits_are_interpolated(tmp_path):
    bits = Image.fromarray((np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)).convert("1")
    found = pixels_of(save(tmp_path / "a.png", bits), Pixels(4, False, "stretch"))
    assert 100 < found.min() <= found.max() < 160
    palette = Image.fromarray(np.full((8, 8, 3), (10, 200, 30), np.uint8)).quantize(4)
    found = pixels_of(save(tmp_path / "b.png", palette), Pixels(4, True, "stretch"))
    assert np.abs(found[0, 0] - (10.0, 200, 30)).max() < 9


def test_fits(tmp_path):
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, 4:12] = 255
    path = save(tmp_path / "a.png", pixels)
    assert pixels_of(path, Pixels(8, False, "crop")).min() == 255
    padded = pixels_of(path, Pixels(8, False, "pad"))
    assert padded[:2].max() == 0
    assert padded[4, 4] == 255
    assert pixels_of(path, Pixels(8, False, "stretch"))[4, 0] == 0


def test_what_cannot_be_decoded_is_left_out_and_said(tmp_path):
    folder = write_pictures(tmp_path / "p", 3)
    (folder / "red" / "cut.png").write_bytes((folder / "red" / "0.png").read_bytes()[:45])
    (folder / "red" / "text.jpg").write_text("no picture at all")
    (folder / "red" / ".hidden.png").write_text("")
    (folder / "red" / "notes.txt").write_text("")
    table = ImageFolder(path=str(folder)).load()
    assert table.rows == 6
    assert [(one.line, one.column, one.reason) for one in table.unreadable] == [
        (0, None, "red/cut.png: expected a picture, found a damaged one (image file is truncated)."),
        (0, None, "red/text.jpg: expected a picture, found no picture."),
    ]
    assert table.notes[1].startswith("2 left out: red/cut.png: expected a picture, found a damaged one")


@pytest.mark.parametrize("path", ["", "none", "file.png"])
def test_what_is_no_folder_of_pictures_is_a_sentence(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "file.png", np.zeros((4, 4)))
    with pytest.raises(UserError, match="expected a folder"):
        ImageFolder(path=path).load()


def test_a_folder_without_pictures(tmp_path):
    with pytest.raises(UserError, match="expected pictures, or folders of pictures, found none"):
        ImageFolder(path=str(tmp_path)).load()
    assert source_for(tmp_path) is None
    assert source_for(write_pictures(tmp_path / "p", 1)) is ImageFolder


def test_only_broken_pictures(tmp_path):
    (tmp_path / "a.png").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"in 1 file\. a\.png: expected a picture, found no picture\."):
        ImageFolder(path=str(tmp_path)).load()
