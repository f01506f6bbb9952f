"""Column names that take several rows: groups above names, units below them."""

import pytest

from engine.data.sources.csv_file import CSVFile

ROWS = "a,1.5,2.5,x\nb,2.5,3.5,y\nc,3,,x\n"


def read(folder, text, **settings):
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return CSVFile(path=str(path), **settings).load()


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (
            # As pandas writes columns with several levels, and spreadsheets joined cells.
            "plot,size,,answer\nname,length,width,kind\n",
            ["plot name", "size length", "size width", "answer kind"],
        ),
        ("name,length,width,kind\n,cm,mm,\n", ["name", "length cm", "width mm", "kind"]),
        (
            "plot,size,,answer\nname,length,width,kind\n,cm,mm,\n",
            ["plot name", "size length cm", "size width mm", "answer kind"],
        ),
        ("name,length,width,kind\n", ["name", "length", "width", "kind"]),
    ],
)
@pytest.mark.parametrize("rows", [ROWS, ROWS.split("\n")[0] + "\n"])
def test_names_are_joined_from_the_top_down(tmp_path, header, names, rows):
    table = read(tmp_path, header + rows)
    assert [column.name for column in table.columns] == names
    assert table.columns[1].values[0] == 1.5
    assert table.rows == rows.count("\n")
    told = [note for note in table.notes if "joined from" in note]
    lines = header.count("\n")
    assert told == ([f"The names of the columns are joined from {lines} rows."] if lines > 1 else [])


@pytest.mark.parametrize(
    "text",
    [
        # One wrong value among the numbers of one column is a value.
        "a,b,kind\nunknown,2,x\n1,3,y\n2,4,x\n",
        "a,kind\nmuch,x\n1,y\n2,x\n",
        # Nothing there is no name.
        "a,b,kind\n,,x\n1,3,y\n2,4,x\n",
        "a,b,kind\nNA,?,x\n1,3,y\n2,4,x\n",
        # Texts above texts.
        "a,b\nred,big\nblue,small\n",
    ],
)
def test_a_row_of_values_stays_one(tmp_path, text):
    table = read(tmp_path, text)
    assert table.rows == text.count("\n") - 1
    assert [column.name for column in table.columns] == text.split("\n")[0].split(",")
