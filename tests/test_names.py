"""Files are named after what is in them, and dialogs begin where the last one ended."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.keep.dialogs import RECENT, Dialogs
from app.keep.export import format_of, offers
from app.keep.names import of_preset, of_race, proposed
from app.keep.prefs import Prefs
from app.window.recents import Recents
from engine.values.settings import Settings
from samples import recording


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Write a story about a mouse who loses a ring.", "mouse-ring-s7-4st"),
        ("Write a poem about the rain", "poem-rain-s7-4st"),
        ("rain", "rain-s7-4st"),
        ("what is it?", "run-s7-4st"),
        ("../..\\CON: <x> | *\0", "con-x-s7-4st"),
        ("Напиши о лисе", "напиши-лисе-s7-4st"),
        ("x" * 500, "x" * 24 + "-s7-4st"),
    ],
)
def test_a_name_says_what_the_run_is_of(prompt, name):
    run = replace(recording(steps=4), prompt=prompt, settings=Settings(seed=7))
    assert proposed(run) == name
    assert of_race([run, run]) == "race-" + name.removesuffix("-4st")


def dialog(window):
    return window.findChildren(QFileDialog)[-1]


def test_dialogs_propose_a_name_and_remember_the_folder(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: None)  # made, and not shown
    window, prefs, chosen = QWidget(), Prefs(), []
    qtbot.addWidget(window)
    ask = Dialogs(window, prefs)
    ask.save("Save", "Recordings (*.unnoise)", "mouse.unnoise", chosen.append)
    assert dialog(window).selectedFiles()[0].endswith("/mouse.unnoise")
    assert dialog(window).defaultSuffix() == "unnoise"
    dialog(window).fileSelected.emit(str(tmp_path / "other.unnoise"))
    ask.open("Open", "Recordings (*.unnoise)", chosen.append)
    assert dialog(window).directory().absolutePath() == str(tmp_path)
    assert chosen == [str(tmp_path / "other.unnoise")]


def test_a_dialog_for_exports_names_the_file_by_its_kind_and_tells_what_to_leave_out(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: None)
    window, prefs, chosen = QWidget(), Prefs(folder=str(tmp_path)), []
    qtbot.addWidget(window)
    Dialogs(window, prefs).export("Export", offers(recording()), "mouse.webp", lambda *told: chosen.append(told))
    asked = dialog(window)
    assert asked.nameFilters() == [offer.label for offer in offers(recording())]
    assert asked.selectedFiles() == [str(tmp_path / "mouse.webp")] and asked.defaultSuffix() == "webp"
    page, bare = (offer for offer in offers(recording()) if offer.format == format_of("a.html"))
    for offer, name in ((page, "mouse.html"), (bare, "other.html")):
        asked.selectNameFilter(offer.label)
        asked.filterSelected.emit(offer.label)
        assert asked.selectedFiles() == [str(tmp_path / name)] and asked.defaultSuffix() == "html"
        asked.fileSelected.emit(asked.selectedFiles()[0])
        asked.selectFile("other")
    assert chosen == [(str(tmp_path / "mouse.html"), False), (str(tmp_path / "other.html"), True)]


def test_recent_files_are_in_the_menu_the_newest_first(qtbot, tmp_path):
    window, prefs, opened = QWidget(), Prefs(), []
    qtbot.addWidget(window)
    menu, ask = QMenu(window), Dialogs(window, prefs)
    recents = Recents(menu, prefs, opened.append)
    menu.aboutToShow.emit()
    assert not recents.isEnabled()
    for count in [*range(RECENT + 2), 5]:
        ask.note(str(tmp_path / f"{count}.unnoise"))
    ask.forget(str(tmp_path / "4.unnoise"))
    menu.aboutToShow.emit()
    names = [action.text() for action in recents.actions()]
    assert names[:3] == ["5.unnoise", "9.unnoise", "8.unnoise"] and len(names) == RECENT - 1
    recents.actions()[0].trigger()
    assert opened == [str(tmp_path / "5.unnoise")]


def test_a_damaged_list_of_files_is_as_at_first():
    prefs = Prefs(recents=["a"], places=["b"])
    prefs.save()
    assert Prefs.load().recents == ["a"]
    prefs.recents = ["a", 3]
    prefs.save()
    assert Prefs.load().recents == [] and Prefs.load().places == ["b"]


@pytest.mark.parametrize(
    ("name", "file"), [("R & D", "R - D"), ("../a/b", "a-b"), ("Träge", "Träge"), ("?", "preset"), ("a:b", "a-b")]
)
def test_a_preset_is_a_file_that_every_system_can_have(name, file):
    assert of_preset(name) == file
