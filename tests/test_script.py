"""Text of every script: letters that join are drawn together, lines run the right way, noise stays cheap."""

import pytest
from PySide6.QtGui import QFontMetricsF

from engine.values.frame import KEPT, OPEN
from widgets.cells import Cells
from widgets.glyphs import glyphs
from widgets.page import Page
from widgets.paint import Inks, mono, sans
from widgets.prose import prose
from widgets.script import joined, leftward, shaped
from widgets.theme import DARK, MONO, SANS

SALAM = ["سل", "ام"]  # one word in two tokens
HEBREW = ["של", "ום", " עולם", " טוב"]


def laid_out(texts, noise=(), width=600.0):
    off = [at in noise for at in range(len(texts))]
    cells = Cells(texts, [OPEN if open_ else KEPT for open_ in off], off, [0] * len(texts), [False] * len(texts))
    return prose(cells, Page.of(width, 300.0, 20), Inks(DARK))[0]


def test_what_joins_is_known():
    assert all(map(joined, ("سلام", "שלום", "नमस्ते", "👩‍👩‍👧", "e\u0301", "🇩🇪", "ไทย")))
    assert not any(map(joined, ("fox", "naïve", "лиса", "日本語", "…", "")))


def test_a_paragraph_runs_as_its_first_letter_does():
    assert leftward('"שלום" fox') and leftward("  ١ سلام") and not leftward("fox שלום") and not leftward("12 + 3")


def test_a_joined_word_is_drawn_as_one_and_still_has_its_cells(qapp):
    layout = laid_out(SALAM)
    assert [text.text for text in layout.sheet.texts] == ["سلام"]
    first, second = layout.rects
    assert first.left() >= second.right() - 1 and min(first.width(), second.width()) > 2  # read from the right
    whole = first.united(second).width()
    assert whole == pytest.approx(QFontMetricsF(sans(20).font).horizontalAdvance("سلام"), abs=2)


def test_lines_from_right_to_left_begin_at_the_right(qapp):
    layout = laid_out(HEBREW)
    lefts = [rect.left() for rect in layout.rects]
    assert lefts == sorted(lefts, reverse=True)
    page = Page.of(600.0, 300.0, 20)
    assert layout.rects[0].right() == pytest.approx(page.left + page.column, abs=2)


def test_noise_among_words_from_right_to_left_keeps_its_place(qapp):
    layout = laid_out([*HEBREW[:2], "fox", " עולם"], noise=(2,))
    word, noise, after = layout.rects[1], layout.rects[2], layout.rects[3]
    assert word.left() > noise.left() > after.left()


def test_text_from_left_to_right_stays_as_it_was(qapp):
    layout = laid_out(["a", " fox", " ran"])
    lefts = [rect.left() for rect in layout.rects]
    assert lefts == sorted(lefts) and [text.text for text in layout.sheet.texts] == ["a", " fox", " ran"]


def test_the_parts_of_a_word_are_as_wide_as_the_word(qapp):
    for texts in (SALAM, ["👩", "\u200d", "👩"], ["ab", "c"]):
        widths = shaped(texts, sans(30))
        assert min(widths) >= 0 and sum(widths) == pytest.approx(sans(30).width("".join(texts)))


def test_every_sign_has_a_picture_or_a_box(qapp):
    table = glyphs(MONO)
    for text in ("fox", "лиса", "日本", "वच", "\U00012000", "\ue000", ""):
        found, width = table.of(text)
        assert len(found) == len(text) and width == pytest.approx(sum(one[2] for one in found))
        assert all(table.raw(font, 12).isValid() for font, _, _ in found)


def test_cheap_signs_are_those_of_the_font(qapp):
    face, table = mono(20), glyphs(SANS)
    assert face.width("лиса") == pytest.approx(QFontMetricsF(face.font).horizontalAdvance("лиса"), abs=0.2)
    assert table.alone("日本") and not table.alone("fox") and not table.alone("лиса")
