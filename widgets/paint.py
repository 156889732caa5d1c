"""Paint: the inks of the canvas, and sheets of prepared strokes that are quick to draw. Knows no cells' meaning
beyond their looks, and no layout."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPen

from engine.values.frame import ACCEPTED, CHANGED, PINNED, WITHDRAWN
from widgets.cells import LEVELS
from widgets.theme import MONO, SANS, Theme

READABLE = 4.5  # contrast. Source: WCAG 2.1, success criterion 1.4.3


class Face:
    """A font at a size in pixels, with its widths remembered (a bounded number of them)."""

    def __init__(self, family: str, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> None:
        self.font = QFont(family)
        self.font.setPixelSize(pixels)
        self.font.setWeight(weight)
        self.font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        metrics = QFontMetricsF(self.font)
        self.middle = (metrics.ascent() - metrics.descent()) / 2  # from the baseline to the middle of a line
        self._measure = lru_cache(8192)(metrics.horizontalAdvance)
        self._letter = metrics.horizontalAdvance("x") if QFontInfo(self.font).fixedPitch() else 0.0

    def width(self, text: str) -> float:
        """In pixels. Noise is new in every frame, so it is counted where its letters are all of one width."""
        return len(text) * self._letter if self._letter and text.isascii() else self._measure(text)

    def cut(self, text: str, room: float) -> str:
        """The text, or as much of it as fits in `room` pixels and an ellipsis."""
        width = self.width(text)
        if width <= room:
            return text
        return text[: max(1, int(len(text) * room / width) - 1)] + "…"


@lru_cache(32)
def sans(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    return Face(SANS, pixels, weight)


@lru_cache(64)
def mono(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    return Face(MONO, pixels, weight)


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of the other colour in the one."""
    parts = zip(one.getRgbF()[:3], other.getRgbF()[:3], strict=True)
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in parts))


def luminance(color: QColor) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.1, "relative luminance"."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.1, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Inks:
    """A theme's colours as the canvas uses them."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.window, self.panel, self.line = QColor(theme.window), QColor(theme.panel), QColor(theme.line)
        self.text, self.muted, self.faint = QColor(theme.text), QColor(theme.muted), QColor(theme.faint)
        self.accent, self.shade = QColor(theme.accent), QColor(theme.shade)
        self.marks = {
            ACCEPTED: QColor(theme.accepted),
            CHANGED: QColor(theme.changed),
            WITHDRAWN: QColor(theme.withdrawn),
            PINNED: QColor(theme.accent),
        }
        self.washes = {look: mix(self.panel, ink, 0.22) for look, ink in self.marks.items()}
        self.ramp = ramp([mix(self.panel, self.line, 0.28), *map(QColor, theme.ramp[1:])])
        self.tints = [mix(self.panel, color, 0.2) for color in self.ramp]  # behind noise in running text
        self.on_ramp = [self._readable(color) for color in self.ramp]
        self.noise_on_ramp = [mix(a, b, 0.4) for a, b in zip(self.on_ramp, self.ramp, strict=True)]
        self.thought_on_ramp = [mix(a, b, 0.25) for a, b in zip(self.on_ramp, self.ramp, strict=True)]
        self.noise_on_tint = [mix(mix(self.faint, self.muted, 0.5), color, 0.42) for color in self.ramp]
        self.withdrawn = mix(mix(self.panel, self.text, 0.45), self.marks[WITHDRAWN], 0.5)
        self.selection = mix(self.panel, self.accent, 0.3)
        self.hatch = mix(self.shade, self.line, 0.6)
        self.hush = mix(self.shade, self.faint, 0.45)  # noise after the end

    def _readable(self, color: QColor) -> QColor:
        """The theme's own text colour where it can be read on a colour, else the better of black and white."""
        own = (ink for ink in (self.text, self.panel) if contrast(ink, color) >= READABLE)
        return next(own, max(QColor("black"), QColor("white"), key=lambda ink: contrast(ink, color)))


def ramp(colors: list[QColor]) -> list[QColor]:
    """LEVELS colours along a few."""
    shades = []
    for level in range(LEVELS):
        at = level / (LEVELS - 1) * (len(colors) - 1)
        first = min(int(at), len(colors) - 2)
        shades.append(mix(colors[first], colors[first + 1], at - first))
    return shades


@dataclass
class Sheet:
    """Strokes, grouped by ink so that they draw fast: filled boxes, then outlines and lines, then text."""

    radius: float = 4.0
    thick: float = 1.5  # of outlines, in pixels
    fills: dict[int, list[QRectF]] = field(default_factory=lambda: defaultdict(list))
    strokes: list[tuple[QRectF | QLineF, QPen]] = field(default_factory=list)
    texts: dict[tuple[Face, int], list[tuple[QPointF, str]]] = field(default_factory=lambda: defaultdict(list))

    def fill(self, box: QRectF, ink: QColor) -> None:
        """A box with round corners. Boxes do not overlap: their order is not kept."""
        self.fills[ink.rgb()].append(box)

    def text(self, x: float, middle: float, text: str, face: Face, ink: QColor) -> None:
        """Text from x on, its letters centred on a height."""
        self.texts[face, ink.rgb()].append((QPointF(x, middle + face.middle), text))

    def mark(self, look: int, box: QRectF, inks: Inks) -> None:
        """Tells a look without colour: a line below (accepted) or above (pinned), a box (changed), dashes."""
        if look not in inks.marks:
            return
        pen, half = QPen(inks.marks[look], self.thick), self.thick / 2
        if look in (ACCEPTED, PINNED):
            pen.setWidthF(1.3 * self.thick)
            inset, height = self.radius / 2, box.bottom() - half if look == ACCEPTED else box.top() + half
            line = QLineF(box.left() + inset, height, box.right() - inset, height)
            self.strokes.append((line, pen))
            return
        if look == WITHDRAWN:
            pen.setDashPattern([2.5, 2.0])
        self.strokes.append((box.adjusted(half, half, -half, -half), pen))

    def draw(self, painter: QPainter, top: float = -inf, bottom: float = inf) -> None:
        """Draws what lies between two heights."""
        whole = top == -inf and bottom == inf
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box_of, text_of, radius = painter.drawRoundedRect, painter.drawText, self.radius
        for ink, boxes in self.fills.items():
            painter.setBrush(QColor(ink))
            for box in boxes if whole else (b for b in boxes if b.bottom() > top and b.top() < bottom):
                box_of(box, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shape, pen in self.strokes:
            painter.setPen(pen)
            if isinstance(shape, QLineF):
                painter.drawLine(shape)
            else:
                box_of(shape, radius, radius)
        for (face, ink), runs in self.texts.items():
            painter.setFont(face.font)
            painter.setPen(QColor(ink))
            foot = bottom + 3 * face.middle
            for point, text in runs if whole else (run for run in runs if top < run[0].y() < foot):
                text_of(point, text)
