#!/bin/sh
# DuckDB 2.0.1, Python client: an interrupt that arrives while no query runs is forgotten.
#
# A program that cancels work made of several queries calls interrupt() from another thread. Where that call
# falls between two of them, the next query runs to its end: interrupt() sets no lasting wish to stop. Whoever
# cancels has to repeat the call until the work has ended, or look at a flag of their own before each query.
# Seen: both queries below give their results, though interrupt() was called before each.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

assert duckdb.__version__ == "2.0.1", duckdb.__version__
with duckdb.connect() as connection:
    connection.interrupt()
    first = connection.execute("select count(*) from range(1000000)").fetchone()
    connection.interrupt()
    second = connection.execute("select sum(range) from range(1000)").fetchone()
print("after interrupt(), between queries:", first, second)
assert first == (1000000,), "the interrupt reached the next query"
assert second == (499500,), "the interrupt reached the next query"
PYTHON
echo "DuckDB 2.0.1 forgets an interrupt that comes between two queries."
