"""Legend: what the looks of the cells mean, in one or two quiet rows of plain words."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPen

from engine.values.frame import ACCEPTED, CHANGED, OPEN, PINNED, WITHDRAWN
from widgets.cells import AFTER, LEVELS
from widgets.paint import Inks, mono, sans
from widgets.sheet import Sheet, Stroke

WORDS = {
    OPEN: "open: random token",
    ACCEPTED: "accepted",
    CHANGED: "changed its mind",
    WITHDRAWN: "withdrawn",
    PINNED: "pinned by you",
    AFTER: "after the end",
}
SEAMS = "seam: less than 1 chance in 1,000"
SAMPLE, RAMP, ROW = 1.8, 5.8, 1.8  # widths of a sample and of the ramp, height of a row, in ems


@lru_cache(8)
def legend(inks: Inks, width: float) -> tuple[Sheet, float]:
    """The strokes of a legend from (0, 0) on, and its height in pixels."""
    em = min(15, max(11, int(width / 110)))
    sheet, face = Sheet(radius=em / 4), sans(em)
    x = y = 0.0
    for look, words in WORDS.items():
        wide = face.width(words) + (SAMPLE + 2) * em
        if x and x + wide > width:
            x, y = 0.0, y + ROW * em
        _sample(sheet, look, QRectF(x, y + 0.25 * em, SAMPLE * em, 1.3 * em), inks)
        sheet.text(x + (SAMPLE + 0.5) * em, y + ROW * em / 2, words, face, inks.muted)
        x += wide
    wide = face.width("sureunsure") + (RAMP + 1) * em
    if x + wide > width:
        x, y = 0.0, y + ROW * em
    _ramp(sheet, max(x, width - wide), y, em, inks)
    return sheet, y + ROW * em


def surprise(inks: Inks, width: float, words: str, brief: bool = False) -> tuple[Sheet, float]:
    """The same for words that are coloured by how surprising they are; `words` say how much, and what that is, if
    that is told nowhere else. `brief`: then only those."""
    em = min(15, max(11, int(width / 110)))
    sheet = Sheet(radius=em / 4)
    y = 0.0 if brief and words else _scale(sheet, em, inks)
    line, face = "", sans(em)
    for word in words.split():
        if face.width(f"{line} {word}") > width:
            sheet.text(0, y + ROW * em / 2, line, face, inks.text)
            line, y = word, y + ROW * em
        else:
            line = f"{line} {word}".strip()
    sheet.text(0, y + ROW * em / 2, line, face, inks.text)
    return sheet, y + (ROW * em if line else 0.0)


def _scale(sheet: Sheet, em: int, inks: Inks) -> float:
    """The ramp of surprise and how a seam looks, and how high they are."""
    face = sans(em)
    _ramp(sheet, 0, 0, em, inks, ("expected", "odd"))
    x = face.width("expectedodd") + (RAMP + 2) * em
    pen = QPen(inks.text, 1.3)
    sheet.strokes.append(Stroke(QRectF(x, 0.3 * em, SAMPLE * em, 1.2 * em), pen))
    sheet.text(x + (SAMPLE + 0.5) * em, ROW * em / 2, SEAMS, face, inks.muted)
    return ROW * em


def _sample(sheet: Sheet, look: int, box: QRectF, inks: Inks) -> None:
    level = LEVELS // 2
    fill = {OPEN: inks.tints[level], WITHDRAWN: inks.tints[level], AFTER: inks.shade}.get(look)
    sheet.fill(box, fill or inks.washes[look])
    sheet.mark(look, box, inks)
    if look == OPEN:
        face = mono(round(0.64 * box.height()))
        sheet.text(box.center().x() - face.width("qz") / 2, box.center().y(), "qz", face, inks.noise_on_tint[level])


def _ramp(
    sheet: Sheet, x: float, y: float, em: int, inks: Inks, ends: tuple[str, str] = ("sure", "unsure")
) -> None:
    face, middle, steps = sans(em), y + ROW * em / 2, 8
    sheet.text(x, middle, ends[0], face, inks.muted)
    x += face.width(ends[0]) + 0.5 * em
    wide = RAMP * em / steps
    for step in range(steps):
        box = QRectF(x + step * wide, middle - 0.5 * em, wide - 1, em)
        sheet.fill(box, inks.ramp[round(step * (LEVELS - 1) / (steps - 1))])
    sheet.text(x + (RAMP + 0.5) * em, middle, ends[1], face, inks.muted)
