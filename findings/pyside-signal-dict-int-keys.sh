#!/bin/sh
# PySide6 6.11.3: Signal(dict) hands over an empty dict where a key is no text.
#
# A signal declared with dict converts its value to a map of Qt by text. A dict with other keys, such as
# {0: 0.5}, cannot be converted: the slot is called all the same, with {}, and only a line on standard error
# ("Cannot copy-convert … (dict) to C++") says so; no exception is raised where the signal is emitted. Declared
# with object, the very same dict arrives. Whoever sends a dict by a signal declares it as Signal(object).
# Seen: {} for {0: 0.5}, and {'a': 0.5} unchanged; with Signal(object) both unchanged.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
"$folder/venv/bin/python" - <<'PYTHON'
import PySide6
from PySide6.QtCore import QObject, Signal

assert PySide6.__version__ == "6.11.3", PySide6.__version__


class Sender(QObject):
    by_dict = Signal(dict)
    by_object = Signal(object)


sender, found = Sender(), []
sender.by_dict.connect(found.append)
sender.by_object.connect(found.append)
for signal in (sender.by_dict, sender.by_object):
    for value in ({0: 0.5}, {"a": 0.5}):
        signal.emit(value)
print("Signal(dict):", found[:2], "Signal(object):", found[2:])
assert found == [{}, {"a": 0.5}, {0: 0.5}, {"a": 0.5}], found
PYTHON
echo "PySide6 6.11.3 empties a dict with keys that are no text on its way through Signal(dict)."
