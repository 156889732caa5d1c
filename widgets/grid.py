"""Grid: the canvas as a board of cells, each on the colour of its entropy."""

from __future__ import annotations

from math import ceil, sqrt

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QFont, QPen

from widgets.cells import AFTER, END, Cells, short
from widgets.layout import Layout
from widgets.paint import Face, Inks, Sheet, mono

WIDEST = 3.2  # a cell's width over its height: tokens are wider than high
LEGIBLE = 7  # pixels; smaller type is left out


def grid(cells: Cells, inks: Inks, width: float, height: float, least: int = 1) -> Layout:
    """As large a board as fits, in the middle of width x height pixels, with room for at least so many cells."""
    count = max(least, len(cells), 1)
    columns = ceil(sqrt(count))
    rows = ceil(count / columns)
    margin = min(40.0, max(10.0, width / 48))
    tall = max(4.0, (height - 2 * margin) / rows)
    wide = min(max(4.0, (width - 2 * margin) / columns), WIDEST * tall)
    tall = min(tall, 1.15 * wide)
    left, top = (width - wide * columns) / 2, (height - tall * rows) / 2
    gap = 1.0 if tall < 20 else 1.5
    xs = [left + column * wide + gap for column in range(columns)]
    ys = [top + row * tall + gap for row in range(rows)]
    rects = [QRectF(x, y, wide - 2 * gap, tall - 2 * gap) for y in ys for x in xs][: len(cells)]
    layout = Layout(Sheet(radius=min(8.0, tall / 6), thick=max(1.5, 0.05 * tall)), rects, height)
    _paint(layout, cells, inks, int(min(0.55 * tall, 0.25 * wide, 30)))
    return layout


def _paint(layout: Layout, cells: Cells, inks: Inks, pixels: int) -> None:
    hatch = QPen(inks.hatch, 1.0)
    light, bold = mono(max(1, pixels)), mono(max(1, pixels), QFont.Weight.Bold)
    for cell, rect in enumerate(layout.rects):
        look, noise, level = cells.looks[cell], cells.noise[cell], cells.levels[cell]
        if look in (AFTER, END):
            layout.sheet.fill(rect, inks.shade)
            if look == AFTER and not noise:
                layout.sheet.strokes.append((QLineF(rect.bottomLeft(), rect.topRight()), hatch))
            ink = inks.hush if look == AFTER else inks.muted
        else:
            layout.sheet.fill(rect, inks.ramp[level])
            layout.sheet.mark(look, rect, inks)
            dim = inks.thought_on_ramp if cells.thought[cell] else inks.on_ramp
            ink = (inks.noise_on_ramp if noise else dim)[level]
        if pixels >= LEGIBLE and (noise or look != AFTER):
            text = "end" if look == END else short(cells.texts[cell])
            _write(layout.sheet, rect, text, light if noise else bold, ink)


def _write(sheet: Sheet, rect: QRectF, text: str, face: Face, ink: QColor) -> None:
    text, middle = face.cut(text, rect.width() - 4), rect.center()
    sheet.text(middle.x() - face.width(text) / 2, middle.y(), text, face, ink)
