"""Which encoding a table is in that does not say so, by its letters alone."""

import pytest

from engine.data.columns.texts import texts_of
from engine.data.sources.csv_file import CSVFile

TABLES = {
    "cp1250": "id;nazwa\n1;łóżko\n2;stół\n3;krzesło\n4;świeca\n",
    "iso8859-2": "id;nazwa\n1;Łódź\n2;Gdańsk\n3;środa\n4;żółty\n",
    "cp1251": "номер;город\n1;Москва\n2;Казань\n3;Тула\n",
    "koi8-r": "номер;город\n1;Москва\n2;Казань\n3;Тула\n",
    "cp1253": "αριθμός;πόλη\n1;Αθήνα\n2;Πάτρα\n",
    "iso8859-7": "αριθμός;πόλη\n1;Αθήνα\n2;Πάτρα\n",
    "cp1254": "no;şehir\n1;İstanbul\n2;Iğd\u0131r\n3;Çorum\n",
    "iso8859-9": "no;renk\n1;k\u0131rm\u0131z\u0131\n2;yeşil\n",
    "cp1252": "nr;nafn\n1;Þórður\n2;Ásdís\n3;Kári\n",
    "latin-1": "nr;straße\n1;Mühlweg\n2;Äußerer Ring\n",
    "shift_jis": "番号,都市\n1,東京\n2,大阪\n",
    "gb18030": "号,城市\n1,北京\n2,上海\n",
    "euc_kr": "번호,도시\n1,서울\n2,부산\n",
}


@pytest.mark.parametrize("repeats", [1, 30])
@pytest.mark.parametrize("encoding", TABLES)
def test_a_short_and_a_longer_table_are_read(tmp_path, encoding, repeats):
    header, _, rows = TABLES[encoding].partition("\n")
    path = tmp_path / "table.csv"
    path.write_bytes((header + "\n" + rows * repeats).encode(encoding))
    table = CSVFile(path=str(path)).load()
    sign = ";" if ";" in header else ","
    assert [column.name for column in table.columns] == header.split(sign)
    written = [row.split(sign)[1] for row in rows.split()] if " " not in rows else None
    found = list(texts_of(table.columns[1]))
    assert found == written * repeats if written else found[0] in rows
    assert "(guessed)" in table.notes[0]
