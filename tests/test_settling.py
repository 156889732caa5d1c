"""When each cell took its token: told by the frames, asked for only where it is seen, and a way to its cell."""

import pytest
from PySide6.QtCore import Qt

from app.run.life import settling
from samples import recording
from widgets.brush import failures
from widgets.controls import ROLE
from widgets.settling import LEAST, OPEN, Settling


@pytest.fixture
def board(qtbot):
    widget = Settling()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    return widget


def test_a_cell_holds_its_token_since_the_step_that_is_told_and_not_before():
    run = recording(steps=6, canvases=2)
    for index, now in enumerate(run.frames):
        since = settling(run, index)
        assert len(since) <= run.lexicon.extent(now)
        assert all(run.lexicon.controls(now.shown[len(since) : run.lexicon.extent(now)]))  # no word is left out
        first = index - now.step
        for cell, step in enumerate(since):
            if not now.settled[cell]:
                assert step == OPEN
                continue
            steps = [
                frame.step
                for frame in run.frames[first : index + 1]
                if frame.settled[cell] and frame.shown[cell] == now.shown[cell]
            ]
            assert set(range(step, now.step + 1)) <= set(steps) and step - 1 not in steps


def test_a_board_that_nobody_sees_asks_for_nothing(board, qtbot):
    asked = []
    board.show_order(lambda: asked.append(1) or [0, 2, OPEN, 1])
    assert not asked
    board.show()
    qtbot.waitUntil(lambda: bool(asked))
    board.grab()
    assert asked == [1]  # once is enough


def test_a_click_leads_to_the_cell(board, qtbot):
    chosen = []
    board.chosen.connect(chosen.append)
    board.show_order(lambda: [step % 7 - 1 for step in range(171)])
    board.grab()
    boxes = [board._box(cell) for cell in range(171)]
    assert all(board.rect().contains(box) for box in boxes)
    for cell in (0, 40, 170):
        qtbot.mouseClick(board, Qt.MouseButton.LeftButton, pos=boxes[cell].center())
    assert chosen == [0, 40, 170]
    qtbot.mouseClick(board, Qt.MouseButton.LeftButton, pos=boxes[170].center() + boxes[0].topRight())
    assert len(chosen) == 3  # beside the board


@pytest.mark.parametrize("count", [0, 1, 256])
@pytest.mark.parametrize("height", [LEAST - 1, LEAST, 400])
def test_any_board_is_painted_in_any_place(board, count, height):
    failed = []
    failures.tell, tell = lambda widget, error: failed.append(error), failures.tell
    board.resize(280, height)
    board.show_order(lambda: [OPEN] * count)
    board.grab()
    failures.tell = tell
    assert not failed


def test_the_earlier_a_cell_settled_the_more_colour_it_has(board):
    board.show_order(lambda: [0, 5, 9, OPEN])
    image = board.grab().toImage()
    accent, ground = (board.palette().color(role) for role in (ROLE.Highlight, ROLE.Button))
    seen = [image.pixelColor(board._box(cell).center()) for cell in range(4)]
    assert seen[0] == accent and seen[3] == ground
    away = [abs(colour.red() - accent.red()) + abs(colour.blue() - accent.blue()) for colour in seen]
    assert away == sorted(set(away))
