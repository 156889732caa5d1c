"""The strip of earlier runs, with pointer and keys; and the walk through earlier prompts."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from engine.values.files.entry import Entry
from samples import recording
from widgets import tile
from widgets.prompt import Prompt
from widgets.strip import Strip
from widgets.theme import DARK, LIGHT
from widgets.tile import ENTRY, numbers, thumbnail, told
from widgets.walk import Walk

fitting = tile._fitting
ENTRIES = [
    replace(Entry.of(recording(steps=3, cells=256), 1e9), prompt=prompt, id=prompt * 3)
    for prompt in ("mouse", "ring")
]


@pytest.fixture
def strip(qtbot):
    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(900, 80)
    strip.set_entries(ENTRIES)
    strip.show()
    return strip


def spy(signal):
    seen = []
    signal.connect(lambda *values: seen.append(values))
    return seen


def test_ctrl_with_a_click_and_shift_with_enter_compare(strip, qtbot):
    opened, compared, view = spy(strip.opened), spy(strip.compare_wished), strip._list
    where = view.visualRect(strip._runs.index(1)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, where)
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert compared == [(ENTRIES[1],)] * 2 and opened == []
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened == [(ENTRIES[1],)]


def test_a_click_opens_and_clicks_on_the_signs_do_not(strip, qtbot):
    opened, kept, deleted = spy(strip.opened), spy(strip.keep_wished), spy(strip.delete_wished)
    view = strip._list
    box = view.visualRect(strip._runs.index(1))
    places = strip._tile._places(box)
    for point in (box.center(), places.star.center(), places.cross.center()):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(point))
    assert [seen[0][0].prompt for seen in (opened, kept, deleted)] == ["ring"] * 3
    assert (len(opened), len(kept), len(deleted)) == (1, 1, 1)


def test_a_tile_says_what_it_counts_in_as_much_room_as_there_is(strip, monkeypatch):
    run = replace(ENTRIES[0], frames=48, seconds=1.7, temperature=0.6)
    assert numbers(run)[0] == "48 steps · 1.7 s · temperature 0.6" and numbers(run)[-1] == "48 steps · 1.7 s"
    assert numbers(replace(run, frames=12, stopped=True))[-1] == "stopped at step 12 · 1.7 s"
    served = replace(run, frames=1, board=bytes(len(run.board)))  # nobody knows how unsure it was
    assert numbers(served) == ("1 canvas · 1.7 s",)
    assert numbers(replace(served, frames=2)) == ("2 canvases · 1.7 s",)
    drawn = []
    monkeypatch.setattr(tile, "_fitting", lambda *asked: drawn.append(fitting(*asked)) or "")
    strip.set_entries([run])
    for low in (False, True):
        strip.set_low(low)
        strip.grab()
    assert "48 steps · 1.7 s · temp. 0.6" in drawn and drawn[-1] == "48 steps · 1.7 s"


def test_keys_do_what_the_pointer_does(strip, qtbot):
    opened, kept, deleted = spy(strip.opened), spy(strip.keep_wished), spy(strip.delete_wished)
    renamed = spy(strip.rename_wished)
    view = strip._list
    view.setFocus()
    view.setCurrentIndex(strip._runs.index(0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Asterisk, Qt.Key.Key_Delete):
        qtbot.keyClick(view, key)
    assert [seen[0][0].prompt for seen in (opened, kept, deleted)] == ["ring"] * 3
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChildren(type(strip._find))[-1]
    editor.setText("  Lost ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(renamed))
    assert renamed == [(ENTRIES[1], "Lost")] and len(opened) == 1


def test_a_search_leaves_what_fits_and_says_how_many(strip, qtbot):
    qtbot.keyClicks(strip._find, "RING")
    assert [entry.prompt for entry in strip._runs.shown] == ["ring"] and strip._count.text() == "1 of 2"
    strip._find.clear()
    assert len(strip._runs.shown) == 2 and strip._count.text() == "2 runs"


def test_what_has_the_focus_keeps_it_when_entries_come_again(strip):
    strip._list.setCurrentIndex(strip._runs.index(1))
    strip.set_entries([ENTRIES[0], replace(ENTRIES[1], kept=True)])
    assert strip._list.currentIndex().data(ENTRY).kept


def test_undo_is_there_as_long_as_it_does_something(strip, qtbot):
    undone = spy(strip.undo_wished)
    assert not strip._undo.isVisible()
    for low in (False, True):
        strip.set_low(low)
        strip.set_undo(True)
        assert strip._undo.isVisible()
        qtbot.mouseClick(strip._undo, Qt.MouseButton.LeftButton)
        strip.set_undo(False)
        assert not strip._undo.isVisible() and strip._find.isVisible()
    assert len(undone) == 2


def test_tiles_are_painted_in_both_themes_and_sizes(strip, qapp):
    hot = replace(ENTRIES[0], board=bytes([255]) * 256, parent="abc", kept=True)
    seen = set()
    for theme in (DARK, LIGHT):
        for low in (False, True):
            strip.set_theme(theme)
            strip.set_low(low)
            strip.set_entries([hot, ENTRIES[1]])
            qapp.processEvents()
            places = strip._tile._places(strip._list.visualRect(strip._runs.index(0)))
            point = strip._list.viewport().mapTo(strip, places.board.center())
            seen.add((theme.name, strip.grab().toImage().pixelColor(point).name()))
    assert seen == {("dark", DARK.ramp[-1]), ("light", LIGHT.ramp[-1])}


def test_a_tile_tells_of_pictures_and_of_earlier_turns(strip, qapp):
    plain, later = ENTRIES[0], replace(ENTRIES[0], turn=3, pictures=2)
    assert "Turn 3 of its conversation. With 2 pictures." in told(later)
    assert "onversation" not in told(plain) and "picture" not in told(plain)
    for low in (False, True):
        strip.set_low(low)
        boards = []
        for entry in (plain, later):
            strip.set_entries([entry])
            qapp.processEvents()
            board = strip._tile._places(strip._list.visualRect(strip._runs.index(0))).board
            boards.append(strip._list.viewport().grab(board).toImage())
        without, marked = boards
        corners = [QPoint(2, board.height() - 6), QPoint(board.width() - 3, board.height() - 3)]
        assert all(without.pixel(at) != marked.pixel(at) for at in corners)
        assert without.copy(0, 0, 30, 8) == marked.copy(0, 0, 30, 8)


def test_a_thumbnail_has_a_pixel_a_cell():
    ramp = tuple(range(0xFF000000, 0xFF000020))
    image = thumbnail(bytes([0] * 255 + [255]), ramp)
    assert image.size().toTuple() == (16, 16)
    assert image.pixel(0, 0) == ramp[0] and image.pixel(15, 15) == ramp[-1]


def test_up_walks_through_earlier_prompts_and_down_back_to_what_was_typed(qtbot):
    prompt = Prompt()
    qtbot.addWidget(prompt)
    prompt.set_past(["new", "old"])
    editor = prompt._editor
    qtbot.keyClicks(editor, "half")
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(editor, key)
        seen.append(prompt.text())
    assert seen == ["new", "old", "old", "new", "half", "half"]


def test_up_within_a_text_of_lines_moves_the_caret(qtbot):
    prompt = Prompt()
    qtbot.addWidget(prompt)
    prompt.resize(600, 120)
    prompt.show()
    prompt.set_past(["new"])
    prompt.set_text("one\ntwo")
    qtbot.keyClick(prompt._editor, Qt.Key.Key_Up)
    assert prompt.text() == "one\ntwo"
    qtbot.keyClick(prompt._editor, Qt.Key.Key_Up)
    assert prompt.text() == "new"


def test_a_text_that_a_click_replaced_can_be_got_back(qtbot):
    prompt = Prompt()
    qtbot.addWidget(prompt)
    qtbot.keyClicks(prompt._editor, "a long thought")
    prompt.set_text("an example")
    prompt.set_past(["an example"])
    qtbot.keyClick(prompt._editor, Qt.Key.Key_Up)
    assert prompt.text() == "a long thought"
    prompt.set_text("other")
    prompt._editor.undo()
    assert prompt.text() == "a long thought"


def test_a_text_that_was_changed_on_the_way_is_one_that_is_typed():
    walk = Walk()
    walk.set_past(["new", "old"])
    assert walk.older("x") == "new"
    assert walk.older("new!") == "new" and walk.newer("new") == "new!"
    assert walk.newer("anything") is None


def test_between_tiles_one_sees_the_window(strip, qapp):
    """And a tile has the ground of a card, in whatever style sheet there is."""
    from app import look

    for theme in (DARK, LIGHT):
        look.apply(qapp, theme)
        strip.set_theme(theme)
        qapp.processEvents()
        image, view = strip.grab().toImage(), strip._list
        box = strip._tile._places(view.visualRect(strip._runs.index(1))).box.translated(
            view.viewport().mapTo(strip, QPoint())
        )
        assert image.pixelColor(box.right() - 3, box.bottom() - 5).name() == theme.panel
        assert image.pixelColor(strip.width() - 2, box.center().y()).name() == theme.window
    qapp.setStyleSheet("")
