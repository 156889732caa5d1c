"""Two cells side by side: how they come there and go, by keys and by mouse, and where they are shown."""

import pytest
from PySide6.QtCore import QPoint, Qt

from app.run.life import life
from app.run.stage import Stage
from engine.values.frame import OPEN
from samples import recording
from widgets.hint import Details
from widgets.pair import Pair

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stage(qtbot):
    from PySide6.QtCore import QObject

    parent = QObject()
    stage = Stage(parent)
    stage.parent_ = parent
    for widget in (stage.canvas, stage.pair, stage.token):
        qtbot.addWidget(widget)
    stage.canvas.set_view("grid")
    stage.canvas.resize(900, 600)
    stage.canvas.show()
    stage.begin(recording(steps=4), None)
    stage.end()
    stage.player.seek(2)
    return stage


def at(stage, cell):
    return stage.canvas.rect_of(cell).center().toPoint()


def cells(stage):
    """The cells whose lives are shown."""
    return [one.lanes._life.cell for one in stage.pair.closeups if not one.isHidden()]


def test_a_chosen_cell_is_held_while_others_are_looked_at(stage, qtbot):
    looked = []
    stage.looked.connect(lambda: looked.append((stage.compares, stage.chosen)))
    qtbot.mouseClick(stage.canvas, LEFT, pos=at(stage, 3))
    assert cells(stage) == [3]
    stage.compare()
    assert stage.compares and not stage.chosen and not stage.pair._hint.isHidden()
    qtbot.mouseMove(stage.canvas, at(stage, 9))
    qtbot.waitUntil(lambda: cells(stage) == [3, 9])
    qtbot.mouseClick(stage.canvas, LEFT, pos=at(stage, 5))
    assert cells(stage) == [3, 5] and stage.pair._hint.isHidden()
    stage.compare()
    assert cells(stage) == [5] and not stage.compares
    assert looked[-1] == (False, True)


def test_a_click_with_control_compares_and_escape_ends_it(stage, qtbot):
    qtbot.mouseClick(stage.canvas, LEFT, pos=at(stage, 3))
    qtbot.mouseClick(stage.canvas, LEFT, CONTROL, at(stage, 8))
    assert cells(stage) == [3, 8] and (stage.canvas.held, stage.canvas.chosen) == (3, 8)
    qtbot.mouseClick(stage.canvas, LEFT, pos=at(stage, 9))
    assert cells(stage) == [3, 9]
    qtbot.keyClick(stage.canvas, Qt.Key.Key_Escape)
    assert cells(stage) == [] and not stage.compares and not stage.chosen


def test_arrows_go_on_from_the_cell_that_is_held(stage, qtbot):
    stage.canvas.choose(3)
    stage.compare()
    qtbot.mouseMove(stage.canvas, QPoint(1, 1))
    qtbot.keyClick(stage.canvas, Qt.Key.Key_Right)
    assert cells(stage) == [3, 4]


def test_the_least_sure_cell_is_compared_with_the_next_one(stage):
    stage.look_at_unsure()
    first = stage.canvas.chosen
    stage.compare()
    stage.look_at_unsure()
    assert cells(stage) == [first, stage.canvas.chosen] and stage.canvas.chosen != first


def test_both_lives_show_the_step_on_screen(stage):
    stage.canvas.choose(3)
    stage.compare()
    stage.canvas.choose(7)
    for index in (0, 3, 1):
        stage.player.seek(index)
        assert [one.lanes._life.now for one in stage.pair.closeups] == [index, index]


def test_without_a_cell_there_is_nothing_to_compare(stage, qtbot):
    qtbot.mouseMove(stage.canvas, QPoint(1, 1))
    stage.canvas.let_go()
    stage.compare()
    assert not stage.compares


@pytest.mark.parametrize(("wide", "told"), [(1000, True), (556, False)])
def test_two_lives_do_not_overlap_where_it_is_narrow(qtbot, wide, told):
    pair = Pair()
    qtbot.addWidget(pair)
    pair.resize(wide, 96)
    pair.show()
    run = recording(steps=4)
    known = [(Details(c, "a", OPEN, 1.0, []), life(run, 1, c)) for c in (3, 5)]
    pair.show_cells(known, False)
    qtbot.waitUntil(lambda: all(one._words.isVisible() == told for one in pair.closeups))
    qtbot.waitUntil(lambda: all(one.lanes._track().right() < one.lanes.width() - 50 for one in pair.closeups))


def test_a_life_of_the_pair_asks_for_steps_and_words(qtbot):
    pair = Pair()
    qtbot.addWidget(pair)
    told = []
    pair.sought.connect(told.append)
    pair.kept.connect(lambda *both: told.append(both))
    pair.closeups[1].lanes.sought.emit(7)
    pair.closeups[0].lanes.kept.emit(3, 9)
    assert told == [7, (3, 9)]
