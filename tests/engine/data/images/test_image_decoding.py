"""What every kind of picture becomes: right values for each mode, sentences for what cannot be decoded."""

import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from engine.data.images.decoding import PictureError, Pixels, pixels_of

GREY, COLOUR = Pixels(4, False, "stretch"), Pixels(4, True, "stretch")


def png(path, width, height, depth, kind, rows, further=()):
    """A PNG written by hand: Pillow cannot write 16 bits a channel in colour or with transparency."""

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [(b"IHDR", header), *further, (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    return path


def sixteen(*values):
    return np.array(values, ">u2").tobytes()


def test_a_stroke_of_one_pixel_does_not_vanish_in_single_bits(tmp_path):
    """Pillow resizes modes 1 and P by nearest neighbour: of 28 columns to 7, a column may leave nothing."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[:, 13] = 255
    wanted = Pixels(7, False, "stretch")
    plain = Image.fromarray(pixels)
    plain.save(tmp_path / "L.png")
    plain.convert("1").save(tmp_path / "1.png")
    plain.convert("P").save(tmp_path / "P.png")
    expected = pixels_of(tmp_path / "L.png", wanted)
    # By hand: the triangle over 8 columns around the middle of new column 3 (13.5 … ) weighs column 13 by
    # (1 - .5 / 4) / 4 of 255.
    assert expected[3, 3, 0] == round(255 * (1 - 0.5 / 4) / 4)
    for mode in ("1", "P"):
        assert np.array_equal(pixels_of(tmp_path / f"{mode}.png", wanted), expected), mode


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (128, 0), (129, 1), (0x8000, 128), (65_535, 255)])
def test_sixteen_bits_of_grey_are_rounded(value, expected, tmp_path):
    path = png(tmp_path / "a.png", 1, 1, 16, 0, [sixteen(value)])
    assert np.unique(pixels_of(path, GREY)).tolist() == [expected]
    Image.fromarray(np.full((4, 4), value, np.uint16)).save(tmp_path / "a.tif")
    assert np.unique(pixels_of(tmp_path / "a.tif", GREY)).tolist() == [expected]


def test_sixteen_bits_of_colour_keep_the_upper_eight(tmp_path):
    path = png(tmp_path / "a.png", 1, 1, 16, 2, [sixteen(0xC8FF, 0x6400, 0x3280)])
    assert pixels_of(path, COLOUR)[0, 0].tolist() == [0xC8, 0x64, 0x32]


def test_sixteen_bits_of_grey_with_transparency(tmp_path):
    """Such a picture opens as RGBA of 8 bits."""
    path = png(tmp_path / "a.png", 2, 1, 16, 4, [sixteen(0x8000, 0xFFFF, 0x8000, 0)])
    found = pixels_of(path, Pixels(4, False, "crop"))[0, :, 0]
    assert pixels_of(path, COLOUR)[0, 0].tolist() == [0x80] * 3
    assert found.min() >= 0x80
    assert pixels_of(path, COLOUR)[0, -1].tolist() == [255] * 3


def test_a_transparent_grey_of_sixteen_bits(tmp_path):
    path = png(tmp_path / "a.png", 1, 1, 16, 0, [sixteen(77)], [(b"tRNS", sixteen(77))])
    assert np.unique(pixels_of(path, GREY)).tolist() == [255]
    assert np.unique(pixels_of(path, Pixels(4, False, "stretch", "black"))).tolist() == [0]


@pytest.mark.parametrize(("background", "expected"), [("white", [227, 127, 127]), ("black", [100, 0, 0])])
def test_half_transparent_red(background, expected, tmp_path):
    """By hand: 200 · 128/255 + background · 127/255."""
    Image.new("RGBA", (4, 4), (200, 0, 0, 128)).save(tmp_path / "a.png")
    found = pixels_of(tmp_path / "a.png", Pixels(4, True, "stretch", background))[0, 0]
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["LA", "PA"])
def test_transparency_of_greys_and_palettes(mode, tmp_path):
    pixels = np.stack([np.full((4, 4), 90), np.full((4, 4), 255)], axis=-1).astype(np.uint8)
    pixels[:, 2:, 1] = 0
    picture = Image.fromarray(pixels, "LA")
    if mode == "PA":
        transparent = Image.fromarray(np.where(pixels[..., 1] > 0, 1, 0).astype(np.uint8), "P")
        transparent.putpalette([1, 2, 3, 90, 90, 90])
        transparent.save(tmp_path / "a.png", transparency=0)
    else:
        picture.save(tmp_path / "a.png")
    found = pixels_of(tmp_path / "a.png", GREY)
    assert found[0, 0, 0] == 90
    assert found[0, 3, 0] == 255


INKS = (((0, 0, 0, 0), (255, 255, 255)), ((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 255), (0, 0, 0)))


def test_inks_become_colours(tmp_path):
    for inks, colour in (
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 255, 255, 0), (255, 0, 0)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ):
        Image.new("CMYK", (8, 8), inks).save(tmp_path / "a.tif")
        assert pixels_of(tmp_path / "a.tif", COLOUR)[0, 0].tolist() == list(colour)
        Image.new("CMYK", (8, 8), inks).save(tmp_path / "a.jpg", quality=100)
        assert np.abs(pixels_of(tmp_path / "a.jpg", COLOUR)[0, 0].astype(int) - colour).max() <= 2


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_turn_of_exif(turn, tmp_path):
    """A camera that is held otherwise stores the same scene: after the turn, red is at the upper left."""
    scene = np.zeros((8, 8, 3), np.uint8)
    scene[:4, :4] = (255, 0, 0)
    scene[:4, 4:] = (0, 255, 0)
    stored = {
        1: scene,
        2: scene[:, ::-1],
        3: scene[::-1, ::-1],
        4: scene[::-1],
        5: scene.transpose(1, 0, 2),
        6: np.rot90(scene),
        7: np.rot90(scene.transpose(1, 0, 2), 2),
        8: np.rot90(scene, -1),
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.png", exif=exif)
    found = pixels_of(tmp_path / "a.png", Pixels(8, True, "stretch"))
    assert np.array_equal(found, scene)


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("L", (4, 4), level) for level in (50, 200)]
    for suffix, options in (("gif", {}), ("tif", {}), ("webp", {"lossless": True}), ("png", {})):
        path = tmp_path / f"a.{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:], **options)
        assert np.abs(pixels_of(path, GREY).astype(int) - 50).max() <= 1, suffix


def test_grey_is_the_stated_formula(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    expected = pixels @ np.array([0.299, 0.587, 0.114])
    found = pixels_of(tmp_path / "a.png", Pixels(16, False, "stretch"))[..., 0]
    assert np.abs(found - expected).max() <= 0.51


def test_resizing_is_bilinear_over_all_pixels(tmp_path):
    """Against the triangle filter, computed here."""
    pixels = np.random.default_rng(1).integers(0, 256, (24, 36), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")

    def weights(old, new):
        scale = old / new
        centres = (np.arange(new) + 0.5) * scale
        triangle = np.maximum(1 - np.abs(np.arange(old) + 0.5 - centres[:, None]) / scale, 0)
        return triangle / triangle.sum(axis=1, keepdims=True)

    expected = weights(24, 8) @ pixels @ weights(36, 8).T
    found = pixels_of(tmp_path / "a.png", Pixels(8, False, "stretch"))[..., 0]
    assert np.abs(found - expected).max() <= 1.01


@pytest.mark.parametrize(
    ("kind", "pixels"), [("F", np.full((4, 4), 0.5, np.float32)), ("I", np.full((4, 4), 70_000, np.int32))]
)
def test_pixels_without_a_known_range_are_refused(kind, pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    with pytest.raises(PictureError, match="floating-point" if kind == "F" else "32-bit"):
        pixels_of(tmp_path / "a.tif", GREY)


def test_a_bomb_is_refused_by_its_header(tmp_path):
    """It says 40,000 × 40,000 pixels in a few bytes, and is never decoded: there are no data at all."""
    path = png(tmp_path / "a.png", 40_000, 40_000, 8, 0, [])
    with pytest.raises(PictureError, match="one of 40,000 × 40,000 pixels, which is too large"):
        pixels_of(path, GREY)


def test_corrupt_and_cut_pictures_are_sentences(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg")
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PictureError, match=r"a damaged one \(image file is truncated"):
        pixels_of(tmp_path / "cut.jpg", GREY)
    (tmp_path / "corrupt.jpg").write_bytes(whole[:20] + b"\xff" * 200 + whole[220:])
    with pytest.raises(PictureError):
        pixels_of(tmp_path / "corrupt.jpg", GREY)
    (tmp_path / "table.jpg").write_text("a,b\n1,2\n")
    with pytest.raises(PictureError, match="no picture"):
        pixels_of(tmp_path / "table.jpg", GREY)
    with pytest.raises(PictureError, match="no file of that name"):
        pixels_of(tmp_path / "none.jpg", GREY)


@pytest.mark.filterwarnings("ignore:::PIL")
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_damaged_pictures_raise_nothing_else(suffix, tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", exif=Image.Exif())
    whole = (tmp_path / f"a.{suffix}").read_bytes()
    generator = np.random.default_rng(4)
    for _ in range(60):
        damaged = bytearray(whole)
        for place in generator.integers(0, len(whole), 4):
            damaged[place] = int(generator.integers(256))
        path = tmp_path / f"damaged.{suffix}"
        path.write_bytes(damaged)
        with suppress(PictureError):
            assert pixels_of(path, COLOUR).shape == (4, 4, 3)
