"""What moves: only what the model held, from where it was to where it belongs, and then nothing any more."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from samples import LEXICON, WORDS, frame
from widgets.canvas import Canvas
from widgets.cells import running
from widgets.effects import CRUMBLE, GLOW, SWAP, WAVE, Effects, ease, faded
from widgets.grid import grid
from widgets.motion import GLIDE, Motion
from widgets.page import Page
from widgets.paint import Inks
from widgets.prose import prose
from widgets.reel import TICK_MS
from widgets.theme import DARK

SIZE = QSize(640, 360)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def canvas(qtbot, clock):
    canvas = Canvas(clock=clock)
    qtbot.addWidget(canvas)
    canvas.set_lexicon(LEXICON)
    canvas.set_view("prose")
    canvas.resize(SIZE)
    return canvas


def held(*cells):
    mask = np.zeros(16, bool)
    mask[list(cells)] = True
    return mask


def two_steps():
    """Cell 4 is accepted, 6 changes its mind, 8 is withdrawn, 2 stays; all else is open and new."""
    ids = np.arange(16, dtype=np.int32) % 9 + 2
    after = np.where(np.isin(np.arange(16), (2, 8)), ids, ids[::-1]).astype(np.int32)
    before = frame(ids=ids, guess=ids, held=held(2, 6, 8))
    return before, frame(step=1, ids=after, guess=after, held=held(2, 4, 6))


def show(canvas, clock, *frames, apart=1000.0):
    previous = None
    for one in frames:
        clock.now += apart
        canvas.show_frame(one, previous)
        previous = one


def picture(canvas):
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    canvas.render(image)
    return image


def layouts(view=prose):
    inks, made = Inks(DARK), []
    before, after = two_steps()
    for one, previous in ((before, None), (after, before)):
        cells = running(LEXICON, one, previous)
        made.append(prose(cells, Page.of(640, 360, 20), inks)[0] if view is prose else grid(cells, inks, 640, 360))
    return made, inks


def said(motion, inks, effects, now):
    """Every text that is drawn at a moment."""
    sheets = [sheet for sheet in motion.sheets(inks, effects, now) if sheet.opacity > 0]
    return [text for sheet in sheets for text in sheet.texts if text.ink >> 24]


@pytest.mark.parametrize("view", [prose, grid])
def test_only_tokens_that_the_model_held_are_shown(qapp, view):
    (old, new), inks = layouts(view)
    effects = Effects()
    effects.begin(old.sheet.texts, new.cells, old.cells, 0.0)
    motion = Motion(old.sheet.fills, old.sheet.texts, new, 0.0, GLIDE)
    known = {word.strip() for word in WORDS} | {"⏎"}
    for now in (0.0, 20.0, 60.0, 100.0, 119.0):
        for text in said(motion, inks, effects, now):
            word = text.text.strip()
            assert word in known or (len(word) == 1 and text.cell == 8)  # the withdrawn one falls apart


@pytest.mark.parametrize("view", [prose, grid])
def test_a_motion_begins_at_the_old_layout_and_ends_at_the_new(qapp, view):
    (old, new), _ = layouts(view)
    motion = Motion(old.sheet.fills, old.sheet.texts, new, 100.0, GLIDE)
    assert sorted(motion.texts(100.0 + GLIDE), key=str) == sorted(new.sheet.texts, key=str)
    was = {text.cell: text for text in old.sheet.texts}
    glides = [text for text in motion.texts(100.0) if text.cell in (2, 9) and was[text.cell].text == text.text]
    assert glides and all(abs(text.x - was[text.cell].x) < 0.5 for text in glides)


def test_a_word_glides_along_its_line_without_a_jump(qapp):
    (old, new), _ = layouts()
    motion = Motion(old.sheet.fills, old.sheet.texts, new, 0.0, GLIDE)
    moves = [pair for pair in motion._parts.words if pair.old.x != pair.new.x]
    for pair in moves:
        path = [
            next(text.x for text in motion.texts(now) if text.cell == pair.new.cell and text.text == pair.new.text)
            for now in np.linspace(0, GLIDE, 9)
        ]
        steps = np.diff(path) * np.sign(pair.new.x - pair.old.x)
        assert (steps >= 0).all() and path[-1] == pytest.approx(pair.new.x)
        assert steps[0] == steps.max()  # it eases out


def test_what_happened_is_shown_by_the_clock(qapp):
    (old, new), inks = layouts()
    effects = Effects()
    effects.begin(old.sheet.texts, new.cells, old.cells, 0.0)
    assert set(effects.glows) == {4} and set(effects.rises) == {6}
    assert {text.cell for _, _, text in effects.ghosts} == {6, 8}
    light = [effects.shine(new, inks, now)[0].ink >> 24 for now in (0.0, 100.0, 300.0)]
    assert light == sorted(light, reverse=True) and light[0] > light[-1]
    assert effects.moving(max(SWAP, CRUMBLE) + 1) and set(effects.glows) == {4}
    assert not effects.moving(GLOW + 1)


def test_a_changed_word_leaves_upwards_and_its_successor_comes_from_below(qapp):
    (old, new), inks = layouts()
    effects = Effects()
    effects.begin(old.sheet.texts, new.cells, old.cells, 0.0)
    motion = Motion(old.sheet.fills, old.sheet.texts, new, 0.0, GLIDE, rising=effects.rises)
    leaves, comes = [], []
    for now in (10.0, 60.0, 150.0):
        words = [text for text in said(motion, inks, effects, now) if text.cell == 6]
        assert {word.text for word in words} == {old.cells.texts[6], new.cells.texts[6]}
        leaves.append(next(word.middle for word in words if word.text == old.cells.texts[6]))
        comes.append(next(word.middle for word in words if word.text == new.cells.texts[6]))
    assert leaves == sorted(leaves, reverse=True) and comes == sorted(comes, reverse=True)
    assert leaves[0] < comes[0]


def test_light_runs_along_the_text(qapp):
    (_, new), inks = layouts()
    effects = Effects(wave=0.0)
    lit = [np.mean([fill.cell for fill in effects.shine(new, inks, now)]) for now in (60.0, 200.0, WAVE - 60)]
    assert lit == sorted(lit) and len(set(lit)) == 3
    assert not effects.shine(new, inks, WAVE + 1)


@pytest.mark.parametrize("view", ["prose", "grid", "auto"])
def test_all_comes_to_rest_as_without_motion(canvas, clock, view):
    canvas.set_view(view)
    before, after = two_steps()
    end = frame(step=2, ids=after.ids, guess=after.guess, held=after.held, stop="steps")
    show(canvas, clock, before, after)
    clock.now += 30
    assert canvas._reel.moving
    moving = picture(canvas)
    show(canvas, clock, end, apart=50.0)
    clock.now += 2000
    rest = picture(canvas)
    assert not canvas._reel.moving
    canvas.set_motion(False)
    show(canvas, clock, before, after)
    assert picture(canvas) != moving
    show(canvas, clock, end)
    assert picture(canvas) == rest


def test_a_frame_that_comes_sooner_takes_words_from_where_they_are(canvas, clock):
    before, after = two_steps()
    again = frame(step=2, ids=before.ids, guess=before.ids, held=before.held)
    show(canvas, clock, before, after)
    clock.now += 40
    shown = {text.cell: text.x for text in canvas._reel._motions[0].texts(clock.now)}
    canvas.show_frame(again, after)
    carried = {text.cell: text.x for text in canvas._reel._motions[0].texts(clock.now)}
    assert carried[2] == pytest.approx(shown[2], abs=0.5)


def test_auto_lights_the_board_and_then_slides_it_into_prose(canvas, clock):
    canvas.set_view("auto")
    before, after = two_steps()
    show(
        canvas, clock, before, after, frame(step=2, ids=after.ids, guess=after.guess, held=after.held, stop="steps")
    )
    first, second = canvas._reel._motions
    assert first.new.board and not second.new.board and second.began == clock.now + WAVE
    words = {text.cell: text for text in second.texts(second.began)}
    board = {text.cell: text for text in first.new.sheet.texts}
    assert all(abs(words[cell].middle - board[cell].middle) < 0.5 for cell in (2, 4, 6))


def test_jumps_and_other_canvases_do_not_move(canvas, clock):
    before, _ = two_steps()
    show(canvas, clock, before, frame(step=30))
    assert not canvas._reel.moving
    show(canvas, clock, frame(canvas=1))
    assert not canvas._reel.moving


def test_a_step_back_glides_and_has_no_effects(canvas, clock):
    before, after = two_steps()
    show(canvas, clock, before, after)
    show(canvas, clock, before)
    assert canvas._reel.moving and not canvas._reel._effects.moving(clock.now)


def test_without_motion_nothing_moves(canvas, clock):
    canvas.set_motion(False)
    show(canvas, clock, *two_steps())
    assert not canvas._reel.moving


def test_the_timer_runs_only_while_something_moves(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_lexicon(LEXICON)
    canvas.resize(SIZE)
    canvas.show()
    before, after = two_steps()
    canvas.show_frame(before)
    assert not canvas._reel._timer.isActive()
    canvas.show_frame(after, before)
    assert canvas._reel._timer.isActive()
    qtbot.waitUntil(lambda: not canvas._reel._timer.isActive())
    canvas.show_frame(before, None)
    canvas.settle()
    assert not canvas._reel._timer.isActive()


def test_light_that_fades_by_itself_is_painted_half_as_often(canvas, clock):
    reel = canvas._reel
    before, after = two_steps()
    show(canvas, clock, before, after)
    assert not reel._calm()  # words move
    clock.now += max(GLIDE, SWAP, CRUMBLE) + 1
    assert reel.moving and reel._calm()
    clock.now += GLOW
    assert not reel.moving


def test_easing_and_fading_keep_within_bounds():
    shares = [ease(at) for at in (-1.0, 0.0, 0.3, 0.6, 1.0, 2.0)]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert [faded(0xFF123456, opacity) >> 24 for opacity in (-1.0, 0.0, 0.5, 1.0, 9.0)] == [0, 0, 128, 255, 255]
    assert {faded(0x80123456, opacity) & 0xFFFFFF for opacity in (0.0, 1.0)} == {0x123456}
    assert all(a <= b for a, b in pairwise(shares))


def sheets(canvas, clock):
    reel = canvas._reel
    return reel._motions[0].sheets(canvas._inks, reel._effects, clock.now)


def test_a_step_that_comes_before_words_have_come_waits_for_none_of_them(canvas, clock):
    before, after = two_steps()
    show(canvas, clock, before, after)
    clock.now += 5
    assert any(0 < sheet.opacity < 1 for sheet in sheets(canvas, clock))
    clock.now += 5
    canvas.show_frame(frame(step=2, ids=before.ids, guess=before.guess, held=held(2)), after)
    clock.now += 1
    assert all(sheet.opacity in (0.0, 1.0) for sheet in sheets(canvas, clock))


def test_steps_that_follow_each_other_at_once_only_light_what_was_accepted(canvas, clock):
    before, after = two_steps()
    show(canvas, clock, before, after)
    clock.now += TICK_MS
    again = frame(step=2, ids=before.ids, guess=before.ids, held=held(2, 6, 9))
    canvas.show_frame(again, after)
    shown = sheets(canvas, clock)
    assert shown[0].texts == canvas._now.sheet.texts and shown[0].fills == canvas._now.sheet.fills
    assert not any(sheet.texts for sheet in shown[1:])
    assert {fill.cell for sheet in shown[1:] for fill in sheet.fills} >= {9}  # it has just been accepted
    show(canvas, clock, frame(step=3, ids=after.ids, guess=after.ids, held=after.held))
    assert canvas._reel._motions[0].length == GLIDE  # in its own time it is seen to move again
