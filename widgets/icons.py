"""Icons, drawn: filled outlines in a box of 16 x 16 units, in whatever colour the control has. No files."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPolygonF

BOX = 16.0


def draw(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Draws an icon centred in `box`, as large as fits. Raises KeyError on an unknown name."""
    size = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center() - QPointF(size, size) / 2)
    painter.scale(size / BOX, size / BOX)
    painter.fillPath(PATHS[name](), colour)
    painter.restore()


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _stroke(path: QPainterPath, width: float = 1.6) -> QPainterPath:
    pen = QPainterPathStroker()
    pen.setWidth(width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen.createStroke(path)


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    return _stroke(path)


def _box(x: float, y: float, width: float, height: float, radius: float = 0.8) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def _dot(x: float, y: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius, radius)
    return path


def _mirrored(path: QPainterPath) -> QPainterPath:
    mirrored = QPainterPath()
    for polygon in path.toFillPolygons():
        mirrored.addPolygon(QPolygonF([QPointF(BOX - point.x(), point.y()) for point in polygon]))
    return mirrored


def _forward() -> QPainterPath:
    return _line((6, 3.5), (10.5, 8), (6, 12.5))


def _last() -> QPainterPath:
    return _line((4, 3.5), (8.5, 8), (4, 12.5)).united(_line((12, 3.5), (12, 12.5)))


def _reset() -> QPainterPath:
    """A turn to the left: three quarters of a ring that ends in an arrow head."""
    ring = QPainterPath()
    box = QRectF(3, 3, 10, 10)
    ring.arcMoveTo(box, 140)
    ring.arcTo(box, 140, -290)
    tip = QPointF(8 + 5 * math.cos(math.radians(140)), 8 - 5 * math.sin(math.radians(140)))
    head = _line((tip.x(), tip.y() - 3.2), (tip.x(), tip.y()), (tip.x() + 3.2, tip.y()))
    return _stroke(ring).united(head)


def _branch() -> QPainterPath:
    """A line, and one that leaves it to go on beside it."""
    way = QPainterPath(QPointF(4, 8))
    way.cubicTo(QPointF(8, 8), QPointF(7, 3.5), QPointF(12, 3.5))
    return _stroke(way).united(_line((2, 11.5), (12, 11.5))).united(_dot(4, 11.5, 2)).united(_dot(12.5, 3.5, 2))


def _dice() -> QPainterPath:
    pips = ((5.5, 5.5), (10.5, 5.5), (8, 8), (5.5, 10.5), (10.5, 10.5))
    outline = _stroke(_box(2.5, 2.5, 11, 11, 2.5), 1.4)
    for x, y in pips:
        outline = outline.united(_dot(x, y, 1.0))
    return outline


def _error() -> QPainterPath:
    sign = _stroke(_polygon((8, 2.4), (14.2, 13.2), (1.8, 13.2)), 1.5)
    return sign.united(_line((8, 6.4), (8, 9))).united(_dot(8, 11.2, 0.9))


def _theme() -> QPainterPath:
    half = QPainterPath(QPointF(8, 3))
    half.arcTo(QRectF(3, 3, 10, 10), 90, -180)
    return _stroke(_dot(8, 8, 5.4), 1.4).united(half)


def _picture() -> QPainterPath:
    """A frame with a hill and the sun."""
    return (
        _stroke(_box(2.2, 3.2, 11.6, 9.6, 1.6), 1.4)
        .united(_line((4, 11), (7, 7.4), (9.4, 10), (10.8, 8.6), (12.4, 10.6)))
        .united(_dot(10.6, 6, 1.1))
    )


def _star() -> QPainterPath:
    turns = [(math.pi * at / 5 - math.pi / 2, 6.2 if at % 2 == 0 else 2.7) for at in range(10)]
    return _polygon(*((8 + far * math.cos(turn), 8.4 + far * math.sin(turn)) for turn, far in turns))


PATHS: dict[str, Callable[[], QPainterPath]] = {
    "play": lambda: _polygon((4.6, 2.6), (13.4, 8), (4.6, 13.4)),
    "pause": lambda: _box(4, 3, 3, 10).united(_box(9, 3, 3, 10)),
    "stop": lambda: _box(3.5, 3.5, 9, 9, 1.6),
    "forward": _forward,
    "back": lambda: _mirrored(_forward()),
    "last": _last,
    "first": lambda: _mirrored(_last()),
    "down": lambda: _line((4.5, 6.5), (8, 10), (11.5, 6.5)),
    "reset": _reset,
    "branch": _branch,
    "dice": _dice,
    "error": _error,
    "theme": _theme,
    "drop": lambda: (
        _line((8, 2.5), (8, 10))
        .united(_line((4.8, 7), (8, 10.2), (11.2, 7)))
        .united(_line((2.5, 10.5), (2.5, 13.5), (13.5, 13.5), (13.5, 10.5)))
    ),
    "picture": _picture,
    "star": lambda: _stroke(_star(), 1.2),
    "starred": _star,
    "cross": lambda: _line((4.5, 4.5), (11.5, 11.5)).united(_line((11.5, 4.5), (4.5, 11.5))),
}
