"""Prose: the canvas as running text. Settled text is set to be read; noise flows along in small, dim blocks."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QRectF

from engine.values.frame import KEPT
from widgets.cells import AFTER, CONTROL, END, HIDDEN, PILL, Cells
from widgets.flow import Flow, Place, stretch
from widgets.layout import Layout
from widgets.page import Page
from widgets.paint import Face, Inks, mono, sans, squeezed
from widgets.script import joined, leftward, shaped, spans
from widgets.sheet import Sheet

BLOCK = 1.8  # room of a noise token, in ems: about that of a word's token, so the text below moves little
PADDING = 0.7  # room of a cell of padding before the end is known, in ems
TALL = 1.3  # height of a box, in ems
RETURN = "⏎"


def flowed(cells: Cells, page: Page, start: tuple[float, int] = (0.0, 0)) -> Flow:
    """Sets cells in lines, from a position (x, line) on. The flow tells where the next canvas goes on."""
    flow = Flow(page.column, *start, shape=lambda texts: _shape(texts, sans(page.size)))
    for cell in range(min(len(cells), cells.alive + 1)):
        _add(flow, cells, cell, page)
    flow.rest()
    return flow


def prose(cells: Cells, page: Page, inks: Inks, start: tuple[float, int] = (0.0, 0)) -> tuple[Layout, Flow]:
    """The layout of cells that `flowed` set."""
    flow = flowed(cells, page, start)
    places = stretch(flow.places, page.column, lambda text: _natural(text, page))
    _turn(places, cells, page)
    sheet = Sheet(radius=0.24 * page.size, thick=max(1.5, 0.08 * page.size))
    blocks, words = [], []
    for place in places:
        (blocks if _is_block(cells, place.cell) else words).append(place)
    runs = _runs(words)
    _settle(runs, sans(page.size))
    rects: list[QRectF | None] = [None] * len(cells)
    for place in places:
        if rects[place.cell] is None:  # a cell in two lines is where it begins
            rects[place.cell] = _box(place, page)
    last = next((rect for rect in reversed(rects) if rect is not None), QRectF())  # the padding's: the end's pill
    _paint_blocks(sheet, cells, blocks, page, inks)
    for run in runs:
        _paint_words(sheet, cells, run, page, inks)
    _hide(cells, rects, _box(Place(0, "", *start, 0.0), page))
    boxes = [last if rect is None else rect for rect in rects]
    handles = [boxes[cell] for cell in cells.handles]
    return Layout(sheet, boxes, page.height(flow.line + 1), cells, page.size, handles=handles), flow


def _hide(cells: Cells, rects: list[QRectF | None], start: QRectF) -> None:
    """The cells of a folded thought are where its pill is; where it began on an earlier canvas, at `start`."""
    for cell, look in enumerate(cells.looks):
        if look == HIDDEN:
            rects[cell] = rects[cell - 1] if cell else start


def _is_block(cells: Cells, cell: int) -> bool:
    """Whether a cell is anything but text to be read: noise, the end, the padding after it, control tokens."""
    return cells.noise[cell] or (cells.looks[cell] in (AFTER, END, CONTROL, PILL) and not _is_silent(cells, cell))


def _is_silent(cells: Cells, cell: int) -> bool:
    """Whether a cell holds a control token that says nothing, such as the padding between two sentences."""
    visible = (letter.isprintable() and not letter.isspace() for letter in cells.texts[cell])
    return cells.looks[cell] == CONTROL and not any(visible)


def _add(flow: Flow, cells: Cells, cell: int, page: Page) -> None:
    text, look, em = cells.texts[cell], cells.looks[cell], page.size
    if cell >= cells.alive:
        if cells.looks[cell - 1] != END:
            _pill(flow, cell, cells.rest, page)
    elif cells.noise[cell]:
        flow.block(cell, text, BLOCK * em, elastic=True)
    elif look == AFTER:
        flow.block(cell, "", PADDING * em)
    elif look == HIDDEN:
        return
    elif _is_silent(cells, cell):
        flow.word(cell, "", 0.0, 0.0)
    elif look in (END, CONTROL, PILL):
        _pill(flow, cell, _named(cells, cell), page)
    elif "\n" in text:
        _add_lines(flow, cell, text, page)
    else:
        flow.word(cell, text, sans(em).width(text), _lead(text, em))


def _named(cells: Cells, cell: int) -> str:
    """What a block says. One that folds has a sign of whether it is open."""
    look, text = cells.looks[cell], cells.texts[cell]
    if cell in cells.handles:
        return f"{'▸' if look == PILL else '▾'} {text}"
    return cells.rest if look == END else text


def _pill(flow: Flow, cell: int, text: str, page: Page) -> None:
    flow.block(cell, text, mono(page.small).width(text) + 0.9 * page.size)


def _add_lines(flow: Flow, cell: int, text: str, page: Page) -> None:
    face = sans(page.size)
    for index, part in enumerate(text.split("\n")):
        if index:
            flow.newline(cell, RETURN, page.size)
        if part:
            flow.word(cell, part, face.width(part), _lead(part, page.size))


def _lead(text: str, size: int) -> float:
    """The width of the spaces that a text begins with."""
    return sans(size).width(text[: len(text) - len(text.lstrip(" "))]) if text[:1] == " " else 0.0


def _shape(texts: list[str], face: Face) -> list[float] | None:
    word = "".join(texts)
    return shaped(texts, face) if joined(word) and not face.loose(word) else None


def _natural(text: str, page: Page) -> float:
    """The width that a noise token would like to have."""
    return min(max(mono(page.small).width(text) + 0.36 * page.size, 0.9 * page.size), 5.0 * page.size)


def _box(place: Place, page: Page) -> QRectF:
    """The box of a place: as high as a line's letters, with air above and below."""
    tall = TALL * page.size
    return QRectF(page.left + place.x, page.middle(place.line) - tall / 2, place.width, tall)


def _turn(places: list[Place], cells: Cells, page: Page) -> None:
    """Mirrors the lines of every paragraph that runs from right to left."""
    if all(map(str.isascii, cells.texts)):
        return
    paragraph: list[Place] = []
    for place in places:
        paragraph.append(place)
        if place.text == RETURN or place is places[-1]:
            read = "".join(p.text for p in paragraph if not _is_block(cells, p.cell))
            for one in paragraph if leftward(read) else ():
                one.x = page.column - one.x - one.width
            paragraph = []


def _runs(words: list[Place]) -> list[list[Place]]:
    """Words that follow each other in a line, with nothing between them."""
    runs: list[list[Place]] = []
    for before, word in pairwise([None, *words]):
        if before and before.line == word.line and 0 <= word.cell - before.cell <= 1 and word.text != RETURN:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _settle(runs: list[list[Place]], face: Face) -> None:
    """Puts the cells of a run that is drawn as a whole to where their letters are in it."""
    for run in runs:
        if not _is_whole(run, face):
            continue
        left = min(place.x for place in run)
        for place, (x, width) in zip(run, spans(tuple(place.text for place in run), face), strict=True):
            place.x, place.width = left + x, width


def _is_whole(run: list[Place], face: Face) -> bool:
    """Whether a run is drawn as one text: its letters join."""
    return joined(text := _words(run)) and not face.loose(text)


def _words(run: list[Place]) -> str:
    return "".join(place.text for place in run)


def _paint_blocks(sheet: Sheet, cells: Cells, places: list[Place], page: Page, inks: Inks) -> None:
    face, em = mono(page.small), page.size
    tall, shade, muted = TALL * em, inks.shade, inks.muted
    for place in places:
        cell = place.cell
        look, level = cells.looks[cell], cells.levels[cell]
        x, middle = page.left + place.x, page.middle(place.line)
        box = QRectF(x + 0.1 * em, middle - tall / 2, place.width - 0.14 * em, tall)
        noise = cells.noise[cell] and cell < cells.alive
        sheet.fill(box, inks.tints[level] if noise else shade, cell)
        sheet.mark(look, box, inks, cell)
        if place.text:
            text, fitting = squeezed(place.text, face, place.width - 0.3 * em)
            x += (place.width - fitting.width(text)) / 2 + 0.03 * em
            sheet.text(x, middle, text, fitting, inks.noise_on_tint[level] if noise else muted, cell)


def _paint_words(sheet: Sheet, cells: Cells, run: list[Place], page: Page, inks: Inks) -> None:
    face, first = sans(page.size), run[0]
    middle, left = page.middle(first.line), page.left
    if _is_whole(run, face):
        ink = inks.muted if cells.thought[first.cell] else inks.text
        sheet.text(left + min(place.x for place in run), middle, _words(run), face, ink, first.cell)
    elif first.text != RETURN:
        for place in run:
            ink = inks.muted if cells.thought[place.cell] else inks.text
            sheet.text(left + place.x, middle, place.text, face, ink, place.cell)
    elif cells.looks[first.cell] != KEPT:
        sheet.text(left + first.x + 0.1 * page.size, middle, first.text, face, inks.muted, first.cell)
    start = 0
    for at in range(1, len(run) + 1):
        if at == len(run) or cells.looks[run[at].cell] != cells.looks[first.cell]:
            _paint_wash(sheet, cells, run[start:at], page, inks)
            start, first = at, run[min(at, len(run) - 1)]


def _paint_wash(sheet: Sheet, cells: Cells, run: list[Place], page: Page, inks: Inks) -> None:
    """One wash behind neighbouring words of one look, without the space before the first."""
    look, text = cells.looks[run[0].cell], _words(run)
    if look not in inks.washes:
        return
    left, right = min(place.x for place in run), max(place.x + place.width for place in run)
    left += _lead(text, page.size) if text.strip() and not leftward(text) else 0.0
    tall = TALL * page.size
    box = QRectF(page.left + left - 2, page.middle(run[0].line) - tall / 2, right - left + 4, tall)
    sheet.fill(box, inks.washes[look], run[0].cell)
    sheet.mark(look, box, inks, run[0].cell)
