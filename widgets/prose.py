"""Prose: the canvas as running text. Settled text is set to be read; noise flows along in small, dim blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

from PySide6.QtCore import QRectF

from engine.values.frame import KEPT, WITHDRAWN
from widgets.cells import AFTER, CONTROL, END, HIDDEN, PILL, Cells
from widgets.flow import Flow, Place, stretch
from widgets.layout import Layout
from widgets.paint import Inks, Sheet, mono, sans

SMALLEST, LARGEST = 12, 60  # pixels
LEADING = 1.55  # height of a line, in ems
MEASURE = 58  # longest line, in ems: long for a book, but a canvas is also looked at from afar
BLOCK = 2.2  # room of a noise token, in ems: about that of a word's token, so the text below moves little
PADDING = 0.7  # room of a cell after the end, in ems


@dataclass(frozen=True)
class Page:
    """The size of the type and the column it is set in. The same for every frame, so that nothing jitters."""

    size: int
    left: float
    top: float
    column: float

    @classmethod
    @lru_cache(16)
    def fit(cls, width: float, height: float, cells: int) -> Page:
        """The largest type in which `cells` cells probably fit in width x height pixels without scrolling."""
        margin = min(64.0, max(14.0, width / 32))
        room, tall = max(60.0, width - 2 * margin), height - 1.4 * margin
        size = LARGEST
        while size > SMALLEST and _lines(cells, min(room, MEASURE * size), size) * LEADING * size > tall:
            size -= 1
        column = min(room, MEASURE * size)
        return cls(size, (width - column) / 2, 0.7 * margin, column)

    @cached_property
    def small(self) -> int:
        """The size of noise and names, in pixels."""
        return round(0.7 * self.size)

    @cached_property
    def line(self) -> int:
        """Height of a line in pixels."""
        return round(LEADING * self.size)

    def middle(self, line: int) -> float:
        """The middle of a line, in pixels from the top."""
        return self.top + (line + 0.5) * self.line


def _lines(cells: int, column: float, size: int) -> int:
    return ceil(cells / max(1, int(column / (BLOCK * size)))) + 2  # two for paragraphs that end early


def prose(cells: Cells, page: Page, inks: Inks, start: tuple[float, int] = (0.0, 0)) -> tuple[Layout, Flow]:
    """Sets cells as text from a position (x, line) on. The flow tells where the next canvas goes on."""
    flow = Flow(page.column, *start)
    for cell in range(len(cells)):
        _add(flow, cells, cell, page)
    flow.rest()
    places = stretch(flow.places, page.column, lambda text: _natural(text, page))
    boxes = [_box(place, page) for place in places]
    rects = [QRectF()] * len(cells)
    sheet = Sheet(radius=0.24 * page.size, thick=max(1.5, 0.08 * page.size))
    for place, box in zip(reversed(places), reversed(boxes), strict=True):
        rects[place.cell] = box  # a cell in two lines is where it begins
    _hide(cells, rects, _box(Place(0, "", *start, 0.0), page))
    blocks: Pairs = []
    words: Pairs = []
    for pair in zip(places, boxes, strict=True):
        (blocks if _is_block(cells, pair[0].cell) else words).append(pair)
    _paint_blocks(sheet, cells, blocks, page, inks)
    _paint_words(sheet, cells, words, page, inks)
    handles = [rects[cell] for cell in cells.handles]
    return Layout(sheet, rects, page.top * 2 + (flow.line + 1) * page.line, handles), flow


def _hide(cells: Cells, rects: list[QRectF], start: QRectF) -> None:
    """The cells of a folded thought are where its pill is; where it began on an earlier canvas, at `start`."""
    for cell, look in enumerate(cells.looks):
        if look == HIDDEN:
            rects[cell] = rects[cell - 1] if cell else start


def _is_block(cells: Cells, cell: int) -> bool:
    """Whether a cell is anything but text to be read: noise, the end, the padding after it, control tokens."""
    return cells.noise[cell] or cells.looks[cell] in (AFTER, END, CONTROL, PILL)


def _add(flow: Flow, cells: Cells, cell: int, page: Page) -> None:
    text, look, em = cells.texts[cell], cells.looks[cell], page.size
    if cells.noise[cell]:
        flow.block(cell, text, BLOCK * em, elastic=True)
    elif look == AFTER:
        flow.block(cell, "", PADDING * em)
    elif look == HIDDEN:
        return
    elif look in (END, CONTROL, PILL):
        text = _named(cells, cell)
        flow.block(cell, text, mono(page.small).width(text) + 0.9 * em)
    elif "\n" in text:
        _add_lines(flow, cell, text, page)
    else:
        flow.word(cell, text, sans(em).width(text), _lead(text, em))


def _named(cells: Cells, cell: int) -> str:
    """What a block says. One that folds has a sign of whether it is open."""
    look, text = cells.looks[cell], cells.texts[cell]
    if cell in cells.handles:
        return f"{'▸' if look == PILL else '▾'} {text}"
    return "end" if look == END else text


def _add_lines(flow: Flow, cell: int, text: str, page: Page) -> None:
    face = sans(page.size)
    for index, part in enumerate(text.split("\n")):
        if index:
            flow.newline(cell, "⏎", page.size)
        if part:
            flow.word(cell, part, face.width(part), _lead(part, page.size))


def _lead(text: str, size: int) -> float:
    """The width of the spaces that a text begins with."""
    return sans(size).width(text[: len(text) - len(text.lstrip(" "))]) if text[:1] == " " else 0.0


def _natural(text: str, page: Page) -> float:
    """The width that a noise token would like to have."""
    return min(max(mono(page.small).width(text) + 0.6 * page.size, 1.2 * page.size), 5.0 * page.size)


def _box(place: Place, page: Page) -> QRectF:
    """The box of a place: as high as a line's letters, with air above and below."""
    tall = 1.36 * page.size
    return QRectF(page.left + place.x, page.middle(place.line) - tall / 2, place.width, tall)


Pairs = list[tuple[Place, QRectF]]


def _paint_blocks(sheet: Sheet, cells: Cells, pairs: Pairs, page: Page, inks: Inks) -> None:
    face, em = mono(page.small), page.size
    for place, outer in pairs:
        look, noise, level = cells.looks[place.cell], cells.noise[place.cell], cells.levels[place.cell]
        box = outer.adjusted(0.14 * em, 0, -0.04 * em, 0)
        fill, ink = (inks.tints[level], inks.noise_on_tint[level]) if noise else (inks.shade, inks.faint)
        if look == AFTER:
            fill, ink = inks.shade, inks.hush
        elif look == WITHDRAWN:
            ink = inks.withdrawn
        sheet.fill(box, fill)
        sheet.mark(look, box, inks)
        if place.text:
            text = face.cut(place.text, place.width - 0.3 * em)
            middle = page.left + place.x + place.width / 2 + 0.05 * em
            sheet.text(middle - face.width(text) / 2, page.middle(place.line), text, face, ink)


def _paint_words(sheet: Sheet, cells: Cells, pairs: Pairs, page: Page, inks: Inks) -> None:
    face = sans(page.size)
    for place, box in pairs:
        if place.text != "⏎":
            ink = inks.muted if cells.thought[place.cell] else inks.text
            sheet.text(box.left(), box.center().y(), place.text, face, ink)
        elif cells.looks[place.cell] != KEPT:
            sheet.text(box.left() + 0.1 * page.size, box.center().y(), place.text, face, inks.muted)
    run: Pairs = []
    for pair in pairs:
        if run and not _together(run[-1][0], pair[0], cells):
            _paint_run(sheet, cells, run, page, inks)
            run = []
        run.append(pair)
    if run:
        _paint_run(sheet, cells, run, page, inks)


def _together(one: Place, other: Place, cells: Cells) -> bool:
    same = one.line == other.line and cells.looks[one.cell] == cells.looks[other.cell]
    return same and other.cell - one.cell <= 1


def _paint_run(sheet: Sheet, cells: Cells, run: Pairs, page: Page, inks: Inks) -> None:
    """One wash behind neighbouring words of one look, without the space before the first."""
    (first, box), (_, last), look = run[0], run[-1], cells.looks[run[0][0].cell]
    if look in inks.washes:
        lead = _lead(first.text, page.size) if first.text.strip() else 0.0
        box = box.adjusted(lead - 2, 0, last.right() - box.right() + 2, 0)
        sheet.fill(box, inks.washes[look])
        sheet.mark(look, box, inks)
