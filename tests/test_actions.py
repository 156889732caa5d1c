"""The menus grey out what cannot be done at the moment; keys say why, as ever."""

from operator import attrgetter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolButton

from app.window.actions import ACTIONS, WHEN
from samples import recording, until
from standin import writes

LABELS = {action.does: action.label for action in ACTIONS}


@pytest.fixture
def window(window, monkeypatch):
    """A window whose model writes 6 random frames of 64 cells."""
    writes(monkeypatch, window, cells=64)
    window.resize(1280, 800)
    return window


def run(window, loop, prompt="a fox"):
    loop.run_until_complete(window.asking.load_and_run(None, prompt))


def grey(window, qtbot):
    """Open every menu by a click, and see what cannot be chosen in it; Escape closes each."""
    found = set()
    for button in window.header.findChildren(QToolButton):
        menu = button.menu()
        if menu is None or button.accessibleName() not in {action.menu for action in ACTIONS}:
            continue
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        found |= {item.text() for item in menu.actions() if item.text() and not item.isEnabled()}
        qtbot.keyClick(menu, Qt.Key.Key_Escape)
        assert menu.isHidden()
    return {does for does, label in LABELS.items() if label in found}


def test_every_condition_is_that_of_an_action_and_is_answered(window):
    assert WHEN.keys() <= LABELS.keys()
    assert {type(attrgetter(path)(window)) for path in WHEN.values()} == {bool}


def test_before_the_first_run_nothing_is_offered_that_is_about_one(window, qtbot):
    window.prompt.set_text("")
    assert grey(window, qtbot) == WHEN.keys(), "there is nothing yet"
    window.prompt.set_text("a fox")
    offered = {"asking.run", "asking.run_again", "asking.run_race"}
    assert grey(window, qtbot) == WHEN.keys() - offered


def test_a_run_brings_what_is_about_it_and_selected_words_what_is_about_them(window, loop, qtbot):
    run(window, loop)
    loop.run_until_complete(until(lambda: window.talking.answered is not None))
    hidden = grey(window, qtbot)
    assert {"files.save_recording", "files.export_run", "player.back", "hands.go_on", "best.ask"}.isdisjoint(hidden)
    assert {"asking.follow", "asking.run_against", "showing.copy_text", "surprising.toggle"}.isdisjoint(hidden)
    hands = {f"hands.{wish}" for wish in ("pin", "melt", "keep", "type_over", "make_gap")}
    assert hands | {"hands.clear", "versus.swap", "branches.compare", "stop", "stage.compare"} <= hidden
    window.canvas._select((3, 4))
    hidden = grey(window, qtbot)
    assert hands.isdisjoint(hidden) and "hands.clear" in hidden
    window.hands.pin()
    window.canvas.choose(5)
    assert {"hands.clear", "stage.compare", "stage.later_turn"}.isdisjoint(grey(window, qtbot))


def test_what_another_model_wrote_cannot_be_gone_on_with(window, loop, qtbot):
    run(window, loop)
    window.showing.bring_back(recording(cells=64))
    assert "hands.go_on" in grey(window, qtbot) and "files.save_recording" not in grey(window, qtbot)


def test_knobs_can_be_taken_back_once_they_were_moved(window, qtbot):
    assert {"tuning.undo", "tuning.redo"} <= grey(window, qtbot)
    window.knobs.move_to(window.knobs.settings().updated({"steps": 9}))
    assert "tuning.redo" in grey(window, qtbot) and "tuning.undo" not in grey(window, qtbot)
    window.tuning.undo()
    assert "tuning.undo" in grey(window, qtbot) and "tuning.redo" not in grey(window, qtbot)


def test_what_is_shown_instead_of_a_run_can_be_left(window, loop, qtbot):
    run(window, loop)
    window.sweeping.toggle()
    hidden = grey(window, qtbot)
    assert "stop" not in hidden and {"asking.follow", "sweeping.save_picture", "hands.go_on"} <= hidden


def test_a_key_still_says_why_nothing_comes_of_it(window, qtbot):
    grey(window, qtbot)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    for key, modifier, words in (
        (Qt.Key.Key_M, Qt.KeyboardModifier.NoModifier, "run a prompt first"),
        (Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier, "nothing to save yet"),
        (Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier, "no parent"),
    ):
        qtbot.keyClick(window.canvas, key, modifier)
        assert words in window.status._sentence.text()


def test_a_menu_that_is_not_open_greys_nothing_out(window, qtbot):
    grey(window, qtbot)
    items = [item for menu in window.header.findChildren(QMenu) for item in menu.actions()]
    assert len(items) >= len(ACTIONS) and all(item.isEnabled() for item in items if item.text() in LABELS.values())
