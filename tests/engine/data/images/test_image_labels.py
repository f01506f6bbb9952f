"""Folders of pictures with a table of names and targets; and many pictures at once."""

import csv
import threading

import numpy as np
import openpyxl
import pytest
from PIL import Image

from engine.data import DataSettings, describe, prepare
from engine.data.images.decoding import Pixels
from engine.data.images.parallel_decoding import decode_all
from engine.data.sources.image_folder import ImageFolder
from engine.errors import UserError
from engine.progress import Cancelled, Progress


def write(folder, rows, name="labels.csv", pictures=12, inside=""):
    """Grey pictures 0.png … of level 10, 20, …; and a table beside them."""
    (folder / inside).mkdir(parents=True, exist_ok=True)
    for number in range(pictures):
        level = np.full((6, 5), 10 * (number + 1), np.uint8)
        Image.fromarray(level).save(folder / inside / f"{number}.png")
    with (folder / name).open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return folder


def levels(table):
    return table.column("image").values[:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("named", "inside"),
    [
        ("{}.png", ""),
        ("./{}.png", ""),
        ("pictures/{}.png", "pictures"),
        ("{}.png", "pictures"),
        ("n/a{}", None),
    ],
)
def test_numbers_for_pictures(named, inside, tmp_path):
    """The rows stand in another order than the files, and names are found however they are written."""
    order = list(range(11, -1, -1))
    rows = [("weight", "picture"), *((number / 4, named.format(number)) for number in order)]
    if inside is None:
        write(tmp_path, rows)
        with pytest.raises(UserError, match="expected a column with the names of pictures in the folder"):
            ImageFolder(path=str(tmp_path), table="labels.csv").load()
        return
    source = ImageFolder(path=str(write(tmp_path, rows, inside=inside)), side=4)
    table = source.load()
    assert [column.name for column in table.columns] == ["image", "weight"]
    assert levels(table) == [10 * (number + 1) for number in order]
    assert table.column("weight").values.tolist() == [number / 4 for number in order]
    assert table.notes[1] == "Names of pictures from “picture” in labels.csv."
    assert table.unreadable == ()
    dataset = prepare(DataSettings(source=source), table)
    assert dataset.task == "regression"
    assert dataset.input_shape == (4, 4, 1)


def test_names_without_their_ending_and_as_numbers(tmp_path):
    rows = [("id", "kind"), *((number, "even" if number % 2 == 0 else "odd") for number in range(12))]
    table = ImageFolder(path=str(write(tmp_path, rows)), side=4).load()
    assert table.column("kind").values.tolist() == ["even", "odd"] * 6
    assert levels(table) == [10 * (number + 1) for number in range(12)]


def test_a_spreadsheet_will_do(tmp_path):
    write(tmp_path, [], name="empty.csv")
    workbook = openpyxl.Workbook()
    for row in [("file", "y"), *((f"{number}.png", number * number) for number in range(12))]:
        workbook.active.append(row)
    workbook.save(tmp_path / "labels.xlsx")
    table = ImageFolder(path=str(tmp_path), side=4).load()
    assert table.column("y").values.tolist() == [number * number for number in range(12)]


def test_rows_without_picture_and_pictures_without_row_are_listed(tmp_path):
    rows = [("file", "y"), *((f"{number}.png", number) for number in range(11)), ("gone.png", 7), ("", 8)]
    folder = write(tmp_path, rows)
    (folder / "3.png").write_bytes(b"no picture")
    table = ImageFolder(path=str(folder), side=4).load()
    assert table.column("y").values.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert [(one.line, one.column, one.reason) for one in table.unreadable] == [
        (13, "file", "labels.csv: expected the name of a picture in the folder, found “gone.png”."),
        (14, "file", "labels.csv: expected the name of a picture in the folder, found none."),
        (0, None, "11.png: no row of labels.csv names it."),
        (0, None, "3.png: expected a picture, found no picture."),
    ]
    assert table.notes[2].startswith("4 left out: labels.csv: expected the name")


def test_a_table_goes_before_folders_unless_they_are_chosen(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("L", (4, 4), number).save(tmp_path / name / f"{name}{number}.png")
    rows = [
        ("file", "y"),
        *((f"{name}{number}.png", number) for name in ("dog", "cat") for number in range(3)),
    ]
    with (tmp_path / "y.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    source = ImageFolder(path=str(tmp_path), side=4)
    assert source.load().column("y").values.tolist() == [0, 1, 2, 0, 1, 2]
    assert (
        source.replace(labels="folders").load().column("class").values.tolist() == ["cat"] * 3 + ["dog"] * 3
    )
    (tmp_path / "y.csv").unlink()
    with pytest.raises(UserError, match="expected a table with a column of names of pictures, found none"):
        source.replace(labels="table").load()


def test_further_columns_can_be_predicted_but_are_no_inputs(tmp_path):
    rows = [("file", "age", "kind"), *((f"{n}.png", 20 + n, "ab"[n % 2]) for n in range(12))]
    source = ImageFolder(path=str(write(tmp_path, rows)), side=4)
    table = source.load()
    for target, task in ((None, "classification"), ("age", "regression")):
        settings = DataSettings(source=source, target=target)
        description = describe(table, settings)
        assert description.problem is None
        assert [column.role for column in description.columns].count("input") == 1
        assert prepare(settings, table).task == task


def test_a_named_table_that_is_damaged_says_so(tmp_path):
    write(tmp_path, [("file", "y"), ("0.png", 1, 2)])
    with pytest.raises(UserError, match=r"labels\.csv, line 2"):
        ImageFolder(path=str(tmp_path), table="labels.csv").load()


def test_what_lies_outside_of_the_folder_is_not_read(tmp_path):
    Image.new("L", (4, 4), 9).save(tmp_path / "secret.png")
    rows = [("file", "y"), *((f"{n}.png", n) for n in range(8)), ("../secret.png", 1)]
    folder = write(tmp_path / "inner", rows)
    table = ImageFolder(path=str(folder), side=4).load()
    assert "../secret.png" in table.unreadable[0].reason
    assert 9 not in levels(table)


# --- many at once -----------------------------------------------------------------------------------------


def test_order_and_left_out_do_not_depend_on_threads(tmp_path):
    paths = []
    for number in range(100):
        paths.append(tmp_path / f"{number:03}.png")
        if number % 7 == 3:
            paths[-1].write_bytes(b"")
        else:
            Image.new("L", (4 + number % 5, 4), number).save(paths[-1])
    decoded = decode_all(paths, tmp_path, Pixels(4, False, "stretch"), Progress())
    good = [number for number in range(100) if number % 7 != 3]
    assert decoded.kept.tolist() == good
    assert decoded.images[:, 0, 0, 0].tolist() == good
    assert [one.reason[:7] for one in decoded.left_out] == [f"{n:03}.png" for n in range(100) if n % 7 == 3]


def test_it_can_be_cancelled_and_leaves_no_thread(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (300, 300)).save(path)

    class Watched(Progress):
        reports = 0

        def report(self, fraction, text=None):
            self.reports += 1
            if self.reports == 3:
                self.cancel()
            super().report(fraction, text)

    progress = Watched()
    with pytest.raises(Cancelled):
        decode_all([path] * 2000, tmp_path, Pixels(32, False, "stretch"), progress)
    assert progress.reports == 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pictures")]
