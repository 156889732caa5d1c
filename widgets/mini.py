"""Mini: a canvas in small: set as the canvas sets it, in a room that its type fits in, and drawn to scale.

Knows no widget. Of several canvases it is the one that the frame belongs to.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from engine.values.frame import Frame, Lexicon
from widgets.layout import Layout
from widgets.paint import Inks
from widgets.spread import Spread

NOTHING = np.empty(0, np.int32)
AREA = 340  # square pixels that a cell needs at least, in the smallest type
LEAST = 1.08  # from one scale to the next
TRIES = 6


def mini(
    lexicon: Lexicon, frame: Frame, previous: Frame | None, view: str, inks: Inks, size: QSize, ratio: float
) -> QImage:
    """A picture of `size`, with `ratio` pixels for each of it, of a frame in one of the canvas' views."""
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    layout, scale = _set(lexicon, frame, previous, view, inks, size)
    painter = QPainter(image)
    painter.scale(1 / scale, 1 / scale)
    layout.sheet.draw(painter)
    painter.end()
    return image


def _set(
    lexicon: Lexicon, frame: Frame, previous: Frame | None, view: str, inks: Inks, size: QSize
) -> tuple[Layout, float]:
    """The layout in a room of that shape that leaves nothing to scroll, and how much smaller it is to be drawn."""
    spread = Spread(lexicon=lexicon, view=view, folded=True)
    wide, high = max(8, size.width()), max(8, size.height())
    scale = max(1.0, sqrt(AREA * len(frame.ids) / (wide * high)))
    for _ in range(TRIES):
        room = QRectF(0, 0, wide * scale, high * scale)
        spread.forget()
        layout = spread.set(frame, previous, NOTHING, inks, room)[1]
        if layout.height <= room.height() + 1:
            break
        scale *= max(LEAST, (layout.height / room.height()) ** 0.75)  # between text that wraps and lines of its own
    return layout, scale
