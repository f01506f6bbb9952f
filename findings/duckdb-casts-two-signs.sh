#!/bin/sh
# DuckDB 2.0.1: a text that begins with a plus and a minus is cast to a negative number.
#
# CAST and TRY_CAST of '+-1' to DOUBLE give -1.0, where Python's float, NumPy and the CSV readers built on them
# refuse the text; '-+1' and '--1' are refused by DuckDB too. In a table read as text and cast afterwards, a
# mark such as "+-1" (plus or minus one) so becomes a number, and no row is reported. Whoever lets DuckDB decide
# which values are numbers has to leave such texts out first. To DECIMAL and to INTEGER the same text is refused.
# Seen: -1.0, and NULL for the other two spellings.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

assert duckdb.__version__ == "2.0.1", duckdb.__version__


def cast(text, kind):
    return duckdb.execute(f"select try_cast(? as {kind})", [text]).fetchone()[0]


found = {text: cast(text, "double") for text in ("+-1", "-+1", "--1")}
print("as DOUBLE:", found)
print("'+-1' as INTEGER:", cast("+-1", "integer"), "as DECIMAL(9, 2):", cast("+-1", "decimal(9, 2)"))
assert found == {"+-1": -1.0, "-+1": None, "--1": None}, found
assert cast("+-1", "integer") is None
assert cast("+-1", "decimal(9, 2)") is None
PYTHON
echo "DuckDB 2.0.1 casts '+-1' to the number -1.0."
