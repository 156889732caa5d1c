"""The life of a cell: what is known of it over all steps, and what a click on it asks for."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from app.run.life import least_sure, life, turns
from engine.values.frame import ACCEPTED, CHANGED, WITHDRAWN
from samples import LEXICON, frame, recording
from widgets.microscope import NAME, ROW, Candidate, Life, Microscope
from widgets.theme import DARK


def steps(*words, held=None):
    """A recording of one cell that holds, and is taken for, one word after the other."""
    run = recording(steps=1)
    run.frames.clear()
    for step, word in enumerate(words):
        ids, on = np.array([word, 2], np.int32), held is None or held[step]
        top = np.array([[word, 9, 10, 11, 12, 3, 4, 5]] * 2, np.int32)
        run.append(frame(step=step, cells=2, ids=ids, guess=ids, held=np.array([on, True]), top_ids=top))
    return run


def test_a_life_has_every_step_wherever_one_looks_from():
    run = recording(steps=5, canvases=2)
    here = life(run, 7, 3)
    assert (here.first, here.now, len(here.marks)) == (5, 2, 5)
    assert here.entropy == [float(step.entropy[3]) for step in run.frames[5:]]
    best = int(run.frames[7].top_ids[3, 0])
    assert here.candidates[0].id == best
    assert here.candidates[0].trail[2] >= float(run.frames[7].top_probs[3, 0])


def test_what_a_cell_did_is_told_and_where_it_turned():
    run = steps(5, 5, 6, 6, 6, held=[True, True, True, False, False])
    here = life(run, 0, 0)
    assert here.marks[2] == CHANGED and here.marks[3] == WITHDRAWN and here.marks[0] == ACCEPTED
    assert turns(run, 0, 0) == [2, 3] and turns(run, 0, 1) == []
    assert {5, 6} <= {one.id for one in here.candidates}  # also what it was taken for at another time


def test_the_least_sure_come_first_and_pinned_ones_not_at_all():
    entropy = np.array([0.1, 3.0, 2.0, 0.0], np.float32)
    step = frame(cells=4, entropy=entropy, guess=np.array([2, 3, 4, 5], np.int32))
    assert [doubt.cell for doubt in least_sure(LEXICON, step)] == [1, 2, 0]
    held = frame(cells=4, entropy=entropy, pinned=np.array([False, True, False, False]))
    assert [doubt.cell for doubt in least_sure(LEXICON, held)] == [2, 0]


@pytest.fixture
def lanes(qtbot):
    widget = Microscope()
    qtbot.addWidget(widget)
    widget.resize(400, 5 * ROW)
    widget.show()
    words = [Candidate(7, " fox", [0.0, 0.5, 1.0, 1.0]), Candidate(8, " bear", [1.0, 0.5, 0.0, 0.0])]
    widget.show_life(Life(17, 10, 1, [0, 2, 1, 1], [5.0, 2.0, 0.1, 0.0], words))
    return widget


def test_a_click_on_a_step_goes_there_and_one_on_a_word_keeps_it(lanes, qtbot):
    sought, kept = [], []
    lanes.sought.connect(sought.append)
    lanes.kept.connect(lambda *what: kept.append(what))
    track = lanes._track()
    for step in range(4):
        x = round(track.left() + (step + 0.5) * track.width() / 4)
        qtbot.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(x, ROW + 5))
    assert sought == [10, 11, 12, 13] and not kept
    qtbot.mouseMove(lanes, QPoint(NAME // 2, 2 * ROW + 5))
    qtbot.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(NAME // 2, 2 * ROW + 5))
    assert kept == [(17, 8)]


def test_keys_do_the_same(lanes, qtbot):
    sought, kept = [], []
    lanes.sought.connect(sought.append)
    lanes.kept.connect(lambda *what: kept.append(what))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(lanes, key)
    assert kept == [(17, 7)] and sought == [12, 10]


def test_bars_are_as_high_as_the_candidate_was_likely(lanes):
    image, track = lanes.grab().toImage(), lanes._track()
    heights = []
    for step in (0, 1, 2):
        x = round(track.left() + (step + 0.25) * track.width() / 4)
        column = [image.pixelColor(x, y) for y in range(ROW, 2 * ROW)]
        heights.append(sum(color == QColor(DARK.accent) for color in column))
    assert heights[0] == 0 and heights[2] >= 12 and heights[1] == pytest.approx(heights[2] / 2, abs=2)


def test_it_is_told_to_those_who_do_not_see(lanes):
    assert "fox 50.0 %" in lanes.accessibleDescription()


def test_no_more_candidates_have_a_lane_than_asked_for(qtbot):
    lanes = Microscope()
    qtbot.addWidget(lanes)
    lanes.resize(300, 20 * ROW)
    lanes.show_life(life(recording(steps=4), 2, 3))
    rows = []
    for count in (1, 3, 5):
        lanes.set_candidates(count)
        rows.append(lanes._rows())
    assert rows == [1, 3, 5]
