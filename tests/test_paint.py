"""What the cells show, how text is set in lines, and inks that keep their promises in both themes."""

import random
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from engine.values.frame import ACCEPTED, CHANGED, KEPT, OPEN, WITHDRAWN, Lexicon
from samples import LEXICON, frame
from widgets.cells import AFTER, CONTROL, END, LEVELS, Cells, copied, levels, running, settled, short
from widgets.flow import Flow, stretch
from widgets.grid import grid
from widgets.legend import WORDS, legend
from widgets.page import SMALLEST, Page
from widgets.paint import Inks, contrast, luminance, mix, mono, sans
from widgets.prose import prose
from widgets.sizes import lane
from widgets.theme import DARK, LIGHT

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
SNOW = " ☃".encode()
BYTES = Lexicon({0: b"a", 1: b"<end>", 2: SNOW[:2], 3: SNOW[2:], 4: b"\xff"}, frozenset({1}), frozenset({1}))
YES, NO = np.ones(16, bool), np.zeros(16, bool)


def ids(*tokens):
    return np.array(tokens, np.int32)


def many(count, seed=1):
    """A frame of `count` cells without an end, half of them held."""
    return frame(cells=count, seed=seed)


def test_looks_are_the_marks_of_the_step():
    before = frame(held=np.array([0, 1, 1, 1, 0] + [0] * 11, bool), ids=np.full(16, 2, np.int32))
    after = frame(
        step=1,
        held=np.array([1, 1, 1, 0, 0] + [0] * 11, bool),
        ids=np.array([2, 2, 3, 2, 2] + [4] * 11, np.int32),
    )
    assert list(running(LEXICON, after, before).looks)[:5] == [ACCEPTED, KEPT, CHANGED, WITHDRAWN, OPEN]


def test_only_an_accepted_end_ends_the_text():
    """A random end token in an open cell is noise like any other, and a guess may change its mind."""
    ids = np.array([2, 3, 1] + [0] * 13, np.int32)
    noise = frame(ids=ids, guess=ids, held=NO.copy())
    assert not {AFTER, END} & set(running(LEXICON, noise, None).looks)
    ended = running(LEXICON, frame(ids=ids, guess=ids, held=YES.copy()), None)
    assert list(ended.looks) == [ACCEPTED, ACCEPTED, END] + [AFTER] * 13
    committed = running(LEXICON, frame(guess=ids, held=NO.copy(), stop="steps"), None)
    assert list(committed.looks) == [KEPT, KEPT, END] + [AFTER] * 13


def test_an_ended_canvas_is_its_guess_without_noise():
    done = frame(held=NO.copy(), stop="steps")
    cells = running(LEXICON, done, None)
    assert not any(cells.noise)
    assert "".join(cells.texts) == LEXICON.text(done.guess)


def test_control_tokens_are_no_text():
    """Named where text follows; padding where none does, also before the end is known."""
    ids = np.array([0, 3, 4] + [0] * 13, np.int32)
    cells = running(LEXICON, frame(ids=ids, held=YES.copy(), guess=np.full(16, 3, np.int32)), None)
    assert list(cells.looks) == [CONTROL, ACCEPTED, ACCEPTED] + [AFTER] * 13


def test_a_byte_of_noise_is_shown_by_its_number():
    texts = running(BYTES, frame(ids=np.full(16, 4, np.int32), held=NO.copy()), None).texts
    assert set(texts) == {"\\xff"}


def test_a_character_in_two_cells_is_shown_once():
    texts = settled(BYTES, ids(0, 2, 3, 0)).texts
    assert "".join(texts) == "a ☃a"
    assert "�" not in texts[1] + texts[2]
    assert "".join(settled(BYTES, ids(0, 2)).texts).endswith("�")  # its rest never came
    assert "".join(settled(BYTES, ids(4, 0)).texts) == "�a"


def test_finished_canvases_end_with_their_text():
    assert len(settled(LEXICON, ids(2, 3, 1, 0, 0))) == 2


def test_noise_texts_never_break_a_line():
    for piece in ("\n", "\n\n", " fox", "\t", "   ", "", "\x00", "a\nb"):
        assert short(piece).strip() and "\n" not in short(piece)
    assert short(" fox") == "fox"


def test_levels_grow_with_entropy_and_keep_to_the_ramp():
    shades = levels(np.array([0.0, 0.02, 0.1, 1.0, 3.0, 50.0], np.float32)).tolist()
    assert shades == sorted(set(shades)) and shades[0] == 0 and shades[-1] == LEVELS - 1
    assert levels(np.array([np.nan], np.float32)) == LEVELS - 1  # not a number is not sure


def test_copied_text_names_gaps_once():
    tokens, noise = ids(2, 3, 4, 5, 6, 7), np.array([0, 1, 1, 0, 0, 1], bool)
    none = noise & False
    assert copied(LEXICON, tokens, noise, none) == "Once … time a …"
    assert copied(LEXICON, tokens, none, none) == LEXICON.text(tokens)
    assert copied(LEXICON, ids(2, 1, 3), none[:3], none[:3]) == "Once"


@pytest.mark.parametrize("silent", ["\u200b", "", " "])
def test_a_control_token_that_says_nothing_takes_no_room_in_prose(qapp, silent):
    def drawn(*words):
        looks = [CONTROL if word in ("<mark>", silent) else KEPT for word in words]
        count = len(words)
        cells = Cells(list(words), looks, [False] * count, [0] * count, [False] * count, {})
        return prose(cells, Page.of(600, 300, 14), Inks(DARK))[0].rects

    one, gap, other = drawn("Once", silent, " more")
    near = drawn("Once", " more")
    assert gap.width() == 0 and (one, other) == tuple(near)
    assert drawn("Once", "<mark>", " more")[1].width() > 20


def lines(places):
    rows = {}
    for place in places:
        rows.setdefault(place.line, []).append(place)
    return list(rows.values())


def test_words_wrap_at_spaces_only():
    flow = Flow(100)
    for cell, (text, lead) in enumerate([("aaaa", 0), (" bb", 10), ("bb", 0), (" cc", 10), ("cccc", 0)]):
        flow.word(cell, text, 10 * len(text), lead)
    flow.rest()
    assert ["".join(p.text for p in row) for row in lines(flow.places)] == ["aaaa bbbb", "cccccc"]


def test_flow_keeps_within_its_width():
    dice, flow = random.Random(3), Flow(200)
    for cell in range(300):
        width = dice.uniform(1, 60)
        flow.block(cell, "x", width, True) if dice.random() < 0.5 else flow.word(cell, " x", width, 1)
    flow.rest()
    for row in lines(stretch(flow.places, 200, lambda text: 10)):
        assert row[-1].x + row[-1].width <= 200.1
        assert all(a.x + a.width <= b.x + 1e-6 for a, b in pairwise(row))
    assert [p.cell for p in flow.places] == list(range(300))


def test_stretching_noise_moves_no_word():
    flow = Flow(300)
    for cell in range(60):
        if cell % 4:
            flow.block(cell, "x" * (cell % 7 + 1), 20, True)
        else:
            flow.word(cell, " word", 40, 5)
    flow.rest()
    stretched = stretch(flow.places, 300, lambda text: 5 + 7 * len(text))
    words = [(p.cell, p.x, p.line) for p in flow.places if not p.elastic]
    assert [(p.cell, p.x, p.line) for p in stretched if not p.elastic] == words
    assert any(a.x != b.x for a, b in zip(flow.places, stretched, strict=True))


def test_other_noise_leaves_the_words_where_they_were(qapp):
    """The point of the layout: from step to step, random tokens change and settled text stays."""
    inks, page, held = Inks(DARK), Page.of(800, 400, 14), np.random.default_rng(0).random(256) < 0.5
    first = many(256, 1)
    word = first.ids
    second = frame(cells=256, held=held, ids=np.where(held, word, many(256, 2).ids), guess=first.guess)
    first = frame(cells=256, held=held, ids=word, guess=first.guess)
    rects = [prose(running(LEXICON, f, None), page, inks)[0].rects for f in (first, second)]
    assert all(a == b for a, b, keep in zip(*rects, held, strict=True) if keep)


@pytest.mark.parametrize("width", [200, 372, 860, 2600])
@pytest.mark.parametrize("count", [1, 16, 256, 250])
def test_every_cell_has_one_box(qapp, width, count):
    cells, inks = running(LEXICON, many(count), None), Inks(DARK)
    for layout in (prose(cells, Page.of(width, 300, 14), inks)[0], grid(cells, inks, width, 300)):
        assert len(layout.rects) == count
        assert all(rect.right() <= width + 1 and rect.left() >= -1 for rect in layout.rects)
        for one in range(count):
            centre = layout.rects[one].center()
            assert layout.rects[one].width() == 0 or layout.at(centre) == one


def test_type_grows_with_room_and_never_falls_below_the_smallest(qapp):
    sizes = [lane(256, QSizeF(width, width * 0.6)) for width in (200, 400, 860, 1400, 2600)]
    assert sizes == sorted(sizes) and sizes[0] == SMALLEST < sizes[-1]


def test_selection_and_arrows_find_cells(qapp):
    layout = grid(running(LEXICON, many(16), None), Inks(DARK), 400, 400)
    keys = Qt.Key
    assert layout.nearest(QPointF(-50, -50)) == 0 and layout.nearest(QPointF(900, 900)) == 15
    row = sum(rect.top() == layout.rects[0].top() for rect in layout.rects)
    steps = [(None, keys.Key_Right), (5, keys.Key_Right), (1, keys.Key_Down), (5, keys.Key_Left)]
    assert [layout.step(cell, key) for cell, key in steps] == [0, 6, 1 + row, 4]
    assert layout.step(1 + row, keys.Key_Up) == 1
    assert layout.step(0, keys.Key_Up) == 0 and layout.step(15, keys.Key_Right) == 15
    assert layout.step(5, keys.Key_End) == 15 and layout.step(5, keys.Key_A) is None


def test_cut_text_fits(qapp):
    face = sans(16)
    assert face.cut("fox", 100) == "fox"
    for room in (20, 40, 80):
        assert face.width(face.cut("a very long random token", room)) <= room + face.width("w")


@THEMES
def test_the_ramp_is_monotone_in_lightness(qapp, theme):
    shades = [luminance(color) for color in Inks(theme).ramp]
    steps = np.sign(np.diff(shades))
    assert len(shades) == LEVELS and abs(steps.sum()) == LEVELS - 1


@THEMES
def test_text_is_readable_and_noise_is_dimmer(qapp, theme):
    inks = Inks(theme)
    for level in range(LEVELS):
        ground = inks.ramp[level]
        assert contrast(inks.on_ramp[level], ground) >= 4.5
        assert 3 <= contrast(inks.noise_on_ramp[level], ground) < contrast(inks.on_ramp[level], ground)
        assert 3 <= contrast(inks.noise_on_tint[level], inks.tints[level]) < contrast(inks.text, inks.panel) / 2
    for wash in inks.washes.values():
        assert contrast(inks.text, wash) >= 7


def test_mix_and_contrast():
    black, white = QColor("black"), QColor("white")
    assert contrast(black, white) == pytest.approx(21) and contrast(white, white) == 1
    assert mix(black, white, 0.5).getRgb()[:3] == (128, 128, 128)


@pytest.mark.parametrize("width", [200, 400, 860, 3000])
def test_the_legend_says_everything_within_its_width(qapp, width):
    sheet, height = legend(Inks.of(DARK), width)
    said = [text.text for text in sheet.texts]
    assert set(WORDS.values()) | {"sure", "unsure"} <= set(said)
    assert all(0 <= text.x < width and 0 < text.middle < height for text in sheet.texts)
    assert not any("correct" in text or "right" in text for text in said)  # entropy is not truth


def test_empty_cells_lay_out(qapp):
    none = Cells([], [], [], [], [])
    assert prose(none, Page.of(400, 300, 14), Inks(DARK))[0].rects == []
    assert grid(none, Inks(DARK), 400, 300).rects == []


def test_widths_that_are_counted_are_those_of_the_font(qapp):
    for face in (mono(9), mono(17), sans(12), sans(40)):
        metrics = QFontMetricsF(face.font)
        for text in ("fox", "a != b", "\\xe2", "\u0436\u0438", "\u2026", ""):
            assert face.width(text) == pytest.approx(metrics.horizontalAdvance(text), abs=0.2)
