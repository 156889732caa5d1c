"""Grid: the canvas as a board of cells, each on the colour of its entropy. What comes after the end is one pill."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QFont, QPen

from widgets.cells import AFTER, END, Cells, short
from widgets.layout import Layout
from widgets.paint import Face, Inks, mono, sans, squeezed
from widgets.sheet import Fill, Sheet, Stroke, Text

WIDEST = 3.6  # a cell's width over its height: tokens are wider than high
WORD = 3.7  # the width of a common word, in ems: the board is as many cells wide as makes its type largest
TYPE = 0.6  # of a cell's height
CLOSE = 0.75  # ... at most, where there is little room
LARGEST = 60  # pixels
LEGIBLE = 8  # pixels: where this is too large for a board to fit, it is higher than its room, and scrolls
LEAST = 5  # pixels, of a word that is too long for its cell


def grid(cells: Cells, inks: Inks, width: float, height: float, room: int = 0, zoom: float = 1.0) -> Layout:
    """As large a board as fits, in the middle of width x height pixels, with room for `room` cells.

    The cells beyond those are the padding after the end: one pill below the board. With a `zoom` cells are so many
    times as high and as wide, in as many rows as that takes.
    """
    room = min(max(room, cells.alive, 1), max(1, len(cells))) if room <= len(cells) else room
    rest = max(0, len(cells) - room)
    margin = min(40.0, max(8.0, width / 56))
    inside = max(4.0, width - 2 * margin), max(4.0, zoom**2 * (height - 2 * margin))
    wide, tall, columns = _board(room, *inside, rest > 0)
    rows = ceil(room / columns) + (rest > 0)
    whole_height = max(height, tall * rows + 2 * margin)
    left, top = (width - wide * columns) / 2, (whole_height - tall * rows) / 2
    gap = 1.0 if tall < 20 else 1.5
    xs = [left + column * wide + gap for column in range(columns)]
    ys = [top + row * tall + gap for row in range(rows)]
    rects = [QRectF(x, y, wide - 2 * gap, tall - 2 * gap) for y in ys for x in xs][: min(room, len(cells))]
    size = max(LEGIBLE, int(min(TYPE * tall, wide / WORD)))
    sheet = Sheet(radius=min(8.0, tall / 6), thick=max(1.5, 0.05 * tall))
    layout = Layout(sheet, rects, whole_height, cells, size, board=True)
    _paint(layout, inks)
    if rest:
        pill = QRectF(xs[0], ys[-1], wide * columns - 2 * gap, tall - 2 * gap)
        _paint_pill(layout, pill, room, inks)
        rects += [pill] * rest
    return layout


@lru_cache(64)
def _board(count: int, width: float, height: float, pill: bool) -> tuple[float, float, int]:
    """Width and height of a cell, and how many are in a row: those that make the type largest."""
    best = (0.0, 0.0, 4.0, 4.0, 1)
    for columns in range(1, count + 1):
        rows = ceil(count / columns) + pill
        tall, wide = min(max(4.0, height / rows), LARGEST / TYPE), max(4.0, width / columns)
        wide = min(wide, WIDEST * tall)
        tall = min(tall, 1.15 * wide)
        shape = -abs(wide * columns / width - tall * rows / height)  # that of the room, where two are as large
        best = max(best, (min(TYPE * tall, wide / WORD), shape, wide, tall, columns))
    if best[0] >= LEGIBLE:
        return best[2:]
    columns = max(1, int(width // (WORD * LEGIBLE)))
    tall = height / (ceil(count / columns) + pill)
    return width / columns, min(LEGIBLE / TYPE, max(LEGIBLE / CLOSE, tall)), columns


def _paint(layout: Layout, inks: Inks) -> None:
    cells, sheet, size = layout.cells, layout.sheet, layout.size
    hatch, shade = QPen(inks.hatch, 1.0), inks.shade.rgba()
    ramp, dark, light, thought = (
        inks.numbers(kind) for kind in ("ramp", "noise_on_ramp", "on_ramp", "thought_on_ramp")
    )
    room = layout.rects[0].width() - 4 if layout.rects else 0.0
    for cell, rect in enumerate(layout.rects):
        look, noise, level = cells.looks[cell], cells.noise[cell], cells.levels[cell]
        after = cell >= cells.alive
        sheet.fills.append(Fill(rect, shade if after or look in (AFTER, END) else ramp[level], cell))
        if after or look == AFTER:
            sheet.strokes.append(Stroke(QLineF(rect.bottomLeft(), rect.topRight()), hatch, cell))
            continue
        if look != END:
            sheet.mark(look, rect, inks, cell)
        if noise:
            found, ink = _squeezed(cells.texts[cell], size, room), dark[level]
        elif look == END:
            found, ink = _whole("end", size, room), inks.muted.rgba()
        else:
            found = _whole(short(cells.texts[cell]), size, room)
            ink = (thought if cells.thought[cell] else light)[level]
        text, face, half = found
        middle = rect.center()
        sheet.texts.append(Text(middle.x() - half, middle.y(), text, face, ink, cell))


def _paint_pill(layout: Layout, rect: QRectF, cell: int, inks: Inks) -> None:
    layout.sheet.fill(rect, inks.shade, cell)
    text, face = layout.cells.rest, mono(round(0.92 * layout.size))
    middle = rect.center()
    layout.sheet.text(middle.x() - face.width(text) / 2, middle.y(), text, face, inks.muted, cell)


@lru_cache(8192)
def _squeezed(text: str, size: int, room: float) -> tuple[str, Face, float]:
    """A token of noise as it is set in `room` pixels, its face, and half of its width."""
    text, face = squeezed(text, mono(max(1, round(0.92 * size))), room)
    return text, face, face.width(text) / 2


@lru_cache(8192)
def _whole(text: str, size: int, room: float) -> tuple[str, Face, float]:
    """A word, the face in which it fits in `room` pixels, at most `size` pixels high, and half of its width."""
    bold = QFont.Weight.DemiBold
    width = sans(size, bold).width(text)
    face = sans(size if width <= room else max(LEAST, floor(size * room / width)), bold)
    return text, face, face.width(text) / 2
