"""How surprising words are: which frames it is shown in, how it looks, and where it comes from."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from app.run.shades import shades
from engine.values.quality import LABEL, SEAM, Quality
from samples import LEXICON, frame, recording
from widgets.canvas import Canvas
from widgets.hint import READ, table
from widgets.overlay import heat
from widgets.paint import READABLE, Inks, contrast
from widgets.theme import DARK, LIGHT

CELLS = 8


def text():
    ids = np.array([2, 3, 4, 5, 6, 7, 11, 1], np.int32)
    return frame(cells=CELLS, ids=ids, guess=ids, stop="stable")


def test_a_frame_has_the_shades_of_the_text_that_was_read():
    run = recording(steps=3, canvases=2, cells=4)
    assert shades(run, 5) is None  # nobody has read it
    run.quality = Quality(np.arange(8, dtype=np.float32))
    nats, before, words = shades(run, 5)
    assert (nats.tolist(), before.tolist()) == ([4, 5, 6, 7], [0, 1, 2, 3]) and LABEL in words
    assert shades(run, 2)[0].tolist() == [0, 1, 2, 3] and shades(run, 4) is None  # that one is being written
    run.frames[2] = frame(0, 2, cells=4, seed=99, stop="stable")
    run.frames.insert(3, frame(0, 3, cells=4, seed=98, stop="stable", round=1))
    assert shades(run, 2) is None  # it was proofread after that
    run.append(frame(2, 0, cells=4, stop="stable"))
    assert shades(run, 3) is None  # there is more text now than was read


def test_a_branch_is_another_text():
    run = recording()
    run.quality = Quality(np.zeros(16, np.float32))
    assert run.branch(2).quality is None


def test_shades_rise_up_to_a_seam():
    shown = heat(np.array([0, 2, 4, SEAM, 20, np.nan])).tolist()
    assert shown[:4] == sorted(set(shown[:4])) and shown[4] == shown[3] and shown[5] == 0


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_words_can_be_read_on_their_ground(theme):
    inks = Inks(theme)
    assert min(contrast(inks.text, ground) for ground in inks.warm) >= READABLE


@pytest.mark.parametrize("view", ["prose", "grid"])
def test_a_surprising_word_is_coloured_and_that_is_told(qtbot, view):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_view(view)
    canvas.set_lexicon(LEXICON)
    canvas.resize(700, 420)
    canvas.show()
    canvas.show_frame(text())

    def ground(cell):
        box = canvas.rect_of(cell)
        return canvas.grab().toImage().pixelColor(int(box.left()) + 8, int(box.top()) + 4).name()

    calm = ground(4)
    nats = np.array([0.1, 0.1, 0.1, 0.1, 9.0, 0.1, 0.1, np.nan], np.float32)
    canvas.set_surprise(nats, None, "1.2 nats a token")
    assert ground(4) != ground(1) and "1.2 nats a token" in canvas.accessibleDescription()
    canvas.set_surprise(None)
    assert ground(4) == calm and "nats" not in canvas.accessibleDescription()


def test_its_legend_stays_even_where_there_is_no_other(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_lexicon(LEXICON)
    canvas.set_lane(CELLS)
    canvas.resize(400, 300)
    canvas.show_frame(text())
    assert canvas._room() == QRectF(0, 0, 400, 300)
    canvas.set_surprise(np.zeros(CELLS, np.float32), None, f"0.1 nats a token: {LABEL}")
    assert canvas._room().height() < 270


def test_a_cell_tells_its_surprise_whether_it_is_coloured_or_not(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_lexicon(LEXICON)
    canvas.show_frame(text())
    assert READ not in table(canvas.details(4), DARK)
    canvas.set_read(np.array([0.1, 0.1, 0.1, 0.1, 9.0, 0.1, 0.1, np.nan], np.float32))
    assert f"{READ} 9.000 nats" in table(canvas.details(4), DARK) and READ not in table(canvas.details(7), DARK)
    with qtbot.waitSignal(canvas.hovered):
        canvas.set_read(None)
    assert READ not in table(canvas.details(4), DARK)
