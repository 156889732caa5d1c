"""How large type is: everything fits, nothing shrinks, and finished words are whole."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize

from engine.values.recording import Recording
from samples import LEXICON, recording
from widgets.canvas import Canvas
from widgets.cells import AFTER, END, running, short
from widgets.grid import LEGIBLE, grid
from widgets.growth import RISES, Growing, known
from widgets.page import largest
from widgets.paint import Inks
from widgets.sizes import Sizes
from widgets.theme import DARK

STORY = Recording.load(Path(__file__).parent.parent / "assets" / "sample.unnoise")
ROOMS = pytest.mark.parametrize("room", [(556, 220), (904, 310), (1544, 560), (1888, 880)])
FITS = st.lists(st.floats(12, 60), min_size=1, max_size=30)


@given(FITS)
def test_a_known_run_never_shrinks_and_always_fits(fits):
    sizes = known(fits)
    assert all(a <= b for a, b in pairwise(sizes))
    assert all(size <= fit for size, fit in zip(sizes, fits, strict=True))
    assert len(set(sizes)) <= RISES + 1
    assert sizes[0] == min(fits)


@given(FITS)
def test_a_run_that_goes_on_never_shrinks_either(fits):
    growing = Growing()
    for fit in fits:
        growing.see(lambda size, fit=fit: size <= fit, lambda fit=fit: fit)
    assert all(a <= b for a, b in pairwise(growing.sizes)) and len(set(growing.sizes)) <= RISES + 1
    for at, (before, size) in enumerate(pairwise(growing.sizes), 1):
        assert size == before or size <= fits[at]  # it grows only where it fits


@given(st.integers(12, 120))
def test_bisection_finds_the_largest_that_fits(limit):
    assert largest(lambda size: size <= limit) == limit


@ROOMS
@pytest.mark.parametrize("over", [True, False])
def test_a_real_run_fits_and_grows(qapp, room, over):
    sizes = Sizes(STORY.lexicon, STORY.frames, over)
    sizes.resize(*room)
    found = [sizes.size(at) for at in range(len(STORY.frames))]
    assert all(a <= b for a, b in pairwise(found))
    assert all(sizes._fits(at, size) for at, size in enumerate(found))
    assert not sizes._fits(len(found) - 1, found[-1] + 1)  # what it ends with is as large as can be


@pytest.mark.parametrize("over", [True, False])
def test_in_the_grid_cells_never_shrink(qapp, over):
    sizes = Sizes(STORY.lexicon, STORY.frames, over)
    boards = [sizes.board(at) for at in range(len(STORY.frames))]
    assert all(a >= b for a, b in pairwise(boards))
    for at, board in enumerate(boards):
        assert board >= running(STORY.lexicon, STORY.frames[at], None).alive
    assert boards[-1] == STORY.lexicon.end(STORY.ids()) + 1  # and the end


def test_canvases_that_are_read_as_one_have_one_size(qapp):
    sizes = Sizes(LEXICON, recording(3, canvases=2, cells=256).frames, over=True)
    sizes.resize(900, 400)
    assert len({sizes.size(at) for at in range(6)}) == 1


@pytest.mark.parametrize(
    ("room", "least"), [((904, 310), 18), ((904, 373), 20), ((1544, 626), 36), ((1888, 940), 50)]
)
def test_a_story_is_set_large(qtbot, room, least):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_lexicon(STORY.lexicon)
    canvas.set_run(STORY.frames, over=True)
    canvas.resize(QSize(*room))
    canvas.show_frame(STORY.frames[-1])
    assert canvas.type_size >= least and not canvas._bar.isVisible()


@ROOMS
def test_the_grid_shows_every_finished_word_whole(qapp, room):
    inks, sizes = Inks(DARK), Sizes(STORY.lexicon, STORY.frames, over=True)
    for at in range(0, len(STORY.frames), 4):
        cells = running(STORY.lexicon, STORY.frames[at], None)
        layout = grid(cells, inks, *room, sizes.board(at))
        assert layout.size >= LEGIBLE
        written = {text.cell: text for text in layout.sheet.texts}
        for cell in np.flatnonzero(~np.array(cells.noise)).tolist():
            if cells.looks[cell] in (AFTER, END):
                continue
            text = written[cell]
            assert text.text == short(cells.texts[cell])
            assert text.face.width(text.text) <= layout.rects[cell].width()


def test_a_board_without_room_for_type_is_higher_than_its_room(qapp):
    cells = running(STORY.lexicon, STORY.frames[3], None)
    layout = grid(cells, Inks(DARK), 240, 140)
    assert layout.size == LEGIBLE and layout.height > 140 and len(layout.sheet.texts) >= cells.alive
    assert (
        min(rect.top() for rect in layout.rects) >= 0
        and max(rect.bottom() for rect in layout.rects) <= layout.height
    )


def test_auto_is_a_grid_while_it_runs_and_prose_once_it_is_done(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(900, 400)
    canvas.set_lexicon(STORY.lexicon)
    canvas.set_run(STORY.frames, over=True)
    boxes = {}
    for view in ("prose", "grid", "auto"):
        canvas.set_view(view)
        for at in (5, -1):
            canvas.show_frame(STORY.frames[at])
            boxes[view, at] = [canvas.rect_of(cell) for cell in range(40)]
    assert boxes["auto", 5] == boxes["grid", 5] != boxes["prose", 5]
    assert boxes["auto", -1] == boxes["prose", -1] != boxes["grid", -1]


def test_lanes_that_are_over_are_read_in_type_of_one_size(qapp):
    last = STORY.frames[-1]
    canvas, sizes = Canvas(), []
    canvas.resize(620, 400)
    canvas.set_lane(256)
    canvas.set_lexicon(STORY.lexicon)
    canvas.show_frame(last)
    written = canvas.type_size
    other = STORY.frames[1]
    for readings in ([last], [other], [last, other], [other, last]):
        canvas.set_readings(readings)
        sizes.append(canvas.type_size)
    assert written < sizes[0] and sizes[2] == sizes[3] == min(sizes[:2])
