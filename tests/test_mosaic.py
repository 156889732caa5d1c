"""Mosaic: canvases in small, cells that are looked at, opened and compared, and the fields of a sweep."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible

from engine.values.frame import Lexicon
from samples import LEXICON, frame
from widgets.mini import _set, mini
from widgets.mosaic import Mosaic
from widgets.paint import Inks, contrast
from widgets.range import Range
from widgets.square import DONE, RUNS, Square, heat, ink
from widgets.survey import PLAIN, Survey
from widgets.theme import DARK, LIGHT


@pytest.mark.parametrize("view", ["prose", "grid"])
@pytest.mark.parametrize("size", [QSize(128, 36), QSize(290, 140)])
def test_a_small_canvas_has_all_of_a_large_one(qapp, view, size):
    shown, inks = frame(cells=256, stop="stable"), Inks(DARK)
    layout, scale = _set(LEXICON, shown, None, view, inks, size)
    assert scale > 1 and layout.height <= size.height() * scale + 1
    image = mini(LEXICON, shown, None, view, inks, size, 2.0)
    assert image.size() == size * 2
    written = [
        image.pixelColor(x, y).alpha() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    ]
    assert sum(alpha > 0 for alpha in written) > 50


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_heat_is_monotone_in_grey_and_words_on_it_can_be_read(qapp, theme):
    inks = Inks(theme)
    greys = [heat(inks, share / 10).lightnessF() for share in range(11)]
    assert greys == sorted(greys, reverse=theme is LIGHT) and abs(greys[0] - greys[-1]) > 0.2
    assert all(contrast(ink(inks, heat(inks, share / 10)), heat(inks, share / 10)) > 3 for share in range(11))


@pytest.fixture
def mosaic(qtbot):
    mosaic = Mosaic()
    qtbot.addWidget(mosaic)
    mosaic.set_lexicon(LEXICON)
    mosaic.set_axes(("steps", "heat"), (["4", "8", "48"], ["0.2", "0.8"]))
    for x in range(3):
        for y in range(2):
            shown = frame(cells=64, stop="stable", seconds=x + y)
            mosaic.set_square((x, y), Square(DONE, shown, None, ["4 steps"], told="4 steps, 1 s", ready=True))
    mosaic.resize(640, 320)
    mosaic.show()
    return mosaic


def test_cells_fill_the_room_and_scroll_only_where_they_would_be_too_small(mosaic, qapp):
    assert not mosaic.verticalScrollBar().maximum() and not mosaic.horizontalScrollBar().maximum()
    assert mosaic.columnWidth(2) > 150 and mosaic.rowHeight(1) > 100
    mosaic.resize(640, 100)
    assert mosaic.verticalScrollBar().maximum() and not mosaic.horizontalScrollBar().maximum()


def test_arrows_go_from_cell_to_cell_and_enter_opens(mosaic, qtbot):
    seen = []
    mosaic.looked_at.connect(lambda *place: seen.append(place))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(mosaic, key)
    with qtbot.waitSignal(mosaic.opened) as opened:
        qtbot.keyClick(mosaic, Qt.Key.Key_Return)
    assert seen == [(1, 0), (1, 1)] and opened.args == [1, 1]


def point(mosaic, x, y):
    return mosaic.visualRect(mosaic.model().index(y, x)).center()


def test_a_click_opens_and_with_ctrl_two_are_compared(mosaic, qtbot):
    with qtbot.waitSignal(mosaic.opened) as opened:
        qtbot.mouseClick(mosaic.viewport(), Qt.MouseButton.LeftButton, pos=point(mosaic, 2, 0))
    assert opened.args == [2, 0]
    control = Qt.KeyboardModifier.ControlModifier
    for at in ((0, 0), (2, 0), (1, 1)):
        qtbot.mouseClick(mosaic.viewport(), Qt.MouseButton.LeftButton, control, point(mosaic, *at))
    assert mosaic.chosen == [(2, 0), (1, 1)], "the newest two"
    spoken = QAccessible.queryAccessibleInterface(mosaic).child(0)
    texts = [mosaic.model().index(y, x).data(Qt.ItemDataRole.AccessibleTextRole) for x, y in mosaic.chosen]
    assert texts == [
        "steps 48, heat 0.2: 4 steps, 1 s, compared as A",
        "steps 8, heat 0.8: 4 steps, 1 s, compared as B",
    ]
    assert spoken is not None
    qtbot.keyClick(mosaic, Qt.Key.Key_Space)
    assert mosaic.chosen == [(2, 0)], "once more lets go"


def test_what_is_not_finished_is_not_compared(mosaic):
    mosaic.set_square((0, 0), Square(RUNS, frame(cells=64)))
    mosaic.choose((0, 0))
    assert mosaic.chosen == []


def test_pictures_are_made_one_by_one_and_kept(mosaic, qtbot):
    painter = mosaic.itemDelegate()
    qtbot.waitUntil(lambda: len(painter._images) == 6 and not painter._wanted)
    before = dict(painter._images)
    square = mosaic.model().square((0, 0))
    thin = replace(square.frame, top_ids=square.frame.top_ids[:, :1])
    mosaic.set_square((0, 0), square._replace(frame=thin))
    mosaic.grab()
    assert painter._images == before, "the same step is the same picture"
    mosaic.set_view("grid")
    mosaic.grab()
    qtbot.waitUntil(lambda: len(painter._images) == 6 and not painter._wanted)
    assert painter._images[0, 0][1] != before[0, 0][1]


def test_a_mosaic_without_a_lexicon_or_frames_paints(mosaic, qtbot):
    mosaic.set_lexicon(None)
    mosaic.set_axes(("steps", ""), (["4"], [""]))
    assert not mosaic.grab().isNull()
    mosaic.set_lexicon(Lexicon({}, frozenset()))
    mosaic.set_square(
        (0, 0), Square(DONE, frame(cells=4, stop="stable"), value="1", share=1.0, enough=True, mark="A")
    )
    assert not mosaic.grab().isNull()


def test_what_was_typed_for_a_knob_is_there_again(qtbot):
    field = Range("across")
    qtbot.addWidget(field)
    field.set_knobs({"": "", "steps": "steps", "t_max": "temperature"}, {"steps": "4-48[6]", "t_max": "0.2-1.0[5]"})
    field.choose("steps")
    qtbot.keyClicks(field._values, ",64")
    field.choose("t_max")
    assert (field.name, field.text) == ("t_max", "0.2-1.0[5]")
    field.choose("steps")
    assert field.text == "4-48[6],64"
    field.choose("")
    assert field._values.isHidden()


def test_both_ends_of_a_colour_are_told(qtbot):
    survey = Survey({PLAIN: "", "speed": "How fast."})
    qtbot.addWidget(survey)
    chosen = []
    survey.colour_chosen.connect(chosen.append)
    survey._colours._buttons["speed"].click()
    assert chosen == ["speed"]
    survey.set_colour("speed", "1 tok/s", "9 tok/s")
    assert survey._scale.accessibleName() == "From 1 tok/s to 9 tok/s" and not survey._scale.isHidden()
    survey.set_colour(PLAIN)
    assert survey._scale.isHidden()
    assert np.isnan(Square().share)


def test_all_of_a_large_grid_is_seen_at_once_where_it_has_colours(mosaic, qapp):
    mosaic.set_axes(("steps", "heat"), ([str(n) for n in range(64)], [str(n) for n in range(64)]))
    mosaic.resize(900, 640)
    assert mosaic.verticalScrollBar().maximum() and mosaic.columnWidth(0) >= 104, "canvases need room"
    mosaic.set_coloured(True)
    qapp.processEvents()
    assert not mosaic.verticalScrollBar().maximum() and not mosaic.horizontalScrollBar().maximum()
    told = [mosaic.model().headerData(at, Qt.Orientation.Horizontal) for at in range(64)]
    assert told[0] == "0" and 16 <= sum(map(bool, told)) < 64, "what is written beside it can be read"
    for at, share in ((0, 0.0), (1, 1.0)):
        mosaic.set_square((at, 0), Square(DONE, frame(cells=64, stop="stable"), value="1", share=share, ready=True))
    image = mosaic.viewport().grab().toImage()
    greys = [image.pixelColor(point(mosaic, at, 0)).lightnessF() for at in (0, 1)]
    assert abs(greys[0] - greys[1]) > 0.2


def test_a_small_cell_opens_as_a_large_one_does(mosaic, qtbot):
    mosaic.set_axes(("steps", "heat"), ([str(n) for n in range(64)], [str(n) for n in range(64)]))
    mosaic.resize(900, 640)
    mosaic.set_coloured(True)
    with qtbot.waitSignal(mosaic.opened) as opened:
        qtbot.mouseClick(mosaic.viewport(), Qt.MouseButton.LeftButton, pos=point(mosaic, 40, 21))
    assert opened.args == [40, 21]
