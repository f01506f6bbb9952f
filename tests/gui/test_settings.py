"""Preferences survive a restart, and nonsense in the file counts as never set."""

from pathlib import Path

from PySide6.QtCore import QByteArray

from gui.core.preferences import MOST_RECENT_FILES, Preferences, config_folder, preferences


def test_tests_have_preferences_of_their_own(tmp_path_factory):
    assert config_folder().is_relative_to(tmp_path_factory.getbasetemp())
    assert preferences() is preferences()


def test_values_survive_a_restart(tmp_path):
    first = Preferences(tmp_path)
    assert (first.theme, first.geometry, first.layout) == ("system", None, None)
    first.theme = "dark"
    first.geometry = QByteArray(b"\x01\x02\x00")
    first.set("plots/logarithmic", True)
    first.set("window/zoom", 1.25)
    first.flush()
    second = Preferences(tmp_path)
    assert second.theme == "dark"
    assert second.geometry == QByteArray(b"\x01\x02\x00")
    assert second.flag("plots/logarithmic", False) is True
    assert second.number("window/zoom", 1.0) == 1.25


def test_recent_files_are_few_and_newest_first_without_those_known_to_be_gone(tmp_path):
    kept = Preferences(tmp_path / "preferences")
    files = [tmp_path / f"{number}, a.gradwright" for number in range(MOST_RECENT_FILES + 2)]
    for file in files:
        kept.add_recent_file(file)
    kept.add_recent_file(files[5])
    kept.flush()
    again = Preferences(tmp_path / "preferences")
    assert again.recent_files[:4] == [files[5], files[9], files[8], files[7]]
    assert len(again.recent_files) == MOST_RECENT_FILES
    again.note_gone(frozenset({files[9], files[7]}))
    assert again.recent_files[:3] == [files[5], files[8], files[6]]
    assert len(again.recent_files) == MOST_RECENT_FILES - 2
    again.add_recent_file(files[7])
    assert again.recent_files[:2] == [files[7], files[5]]
    kept.forget_recent_files()
    assert kept.recent_files == []


def test_one_recent_file_is_a_list_too(tmp_path):
    file = tmp_path / "a.gradwright"
    first = Preferences(tmp_path / "preferences")
    first.add_recent_file(file)
    first.flush()
    assert Preferences(tmp_path / "preferences").recent_files == [file]


def test_nonsense_counts_as_never_set(tmp_path):
    (tmp_path / "gradwright.ini").write_text(
        "[window]\ntheme=purple\ngeometry=17\nzoom=wide\n[files]\nfolder=/nowhere/at/all\n", encoding="utf-8"
    )
    kept = Preferences(tmp_path)
    assert kept.theme == "system"
    assert kept.geometry is None
    assert kept.number("window/zoom", 1.0) == 1.0
    assert kept.flag("window/zoom", True) is True
    assert kept.last_folder == Path.home()
    kept.last_folder = tmp_path
    assert kept.last_folder == tmp_path


def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(tmp_path, caplog):
    (tmp_path / "file").touch()
    kept = Preferences(tmp_path / "file" / "preferences")
    assert kept.theme == "system"
    assert "cannot be kept" in caplog.text
