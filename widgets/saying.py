"""Saying: one question of a conversation with its answer, in few lines. Knows no model and no recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.theme import font, tip

EDGE, GAP = 10, 4  # pixels around it, and between its parts
ASKED, ANSWERED, OPENED = 2, 4, 24  # lines: of the question, of the answer, and of what is unfolded
Fold = tuple[str, str]  # what stands for a part that is folded away, and all of it


class Saying(QAbstractButton):
    """Clicked: its run is wanted. A thought and tool calls are lines that unfold; Right and Left do that, too."""

    unfolded = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._question = self._answer = ""
        self._folds: Sequence[Fold] = ()
        self._open: set[int] = set()
        self._now = self._left = False
        self._heads: list[QRectF] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_turn(self, question: str, answer: str, folds: Sequence[Fold], now: bool, left: bool, at: int) -> None:
        """`now`: its run is on screen. `left`: the model is not told it any more. `at` is its number, from 1."""
        told = (question, answer, folds, now, left)
        if told == (self._question, self._answer, self._folds, self._now, self._left):
            return
        self._question, self._answer, self._folds, self._now, self._left = told
        out = " Left out of what the model reads." if left else ""
        here = " On screen." if now else " Click to see its run."
        describe(self, f"Turn {at}: {question[:200]}", f"{question[:300]}{out}{here}")
        self.setAccessibleDescription(answer[:500])
        self.setToolTip(tip(out.strip()) if left else "")  # over the text one is reading it is in the way
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, self.heightForWidth(max(80, self.width())))

    def heightForWidth(self, width: int) -> int:
        rows = list(self._rows(width - 2 * EDGE))
        return round(sum(QFontMetricsF(face).lineSpacing() + gap for _, face, _, gap, _ in rows)) + 2 * EDGE - GAP

    def _rows(self, width: float) -> Iterator[tuple[str, QFont, ROLE, float, int]]:
        """Every line: its words, font and ink, the gap below it, and which fold it is the head of, or -1."""
        bold, plain = font(pixels=12, weight=QFont.Weight.DemiBold), font(pixels=12)
        yield from _lines(self._question, bold, ROLE.WindowText, width, ASKED)
        for at, (head, body) in enumerate(self._folds):
            sign = "▾" if at in self._open else "▸"
            head = QFontMetricsF(plain).elidedText(f"{sign} {head}", Qt.TextElideMode.ElideRight, width)
            yield head, plain, ROLE.Highlight, GAP, at
            if at in self._open:
                yield from _lines(body, plain, ROLE.PlaceholderText, width, OPENED)
        yield from _lines(self._answer, plain, ROLE.PlaceholderText, width, ANSWERED)

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(colours.color(ROLE.Highlight), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(ROLE.Button) if self._now or self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 8, 8)
        if self._now:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(ROLE.Highlight))
            painter.drawRoundedRect(QRectF(1, 8, 3, self.height() - 16), 1.5, 1.5)
        self._paint_rows(painter)

    def _paint_rows(self, painter: QPainter) -> None:
        y, width, self._heads = float(EDGE), self.width() - 2 * EDGE, []
        for words, face, ink, gap, fold in self._rows(width):
            high = QFontMetricsF(face).lineSpacing()
            room = QRectF(EDGE, y, width, high)
            if fold >= 0:
                self._heads.append(room)
            colour = QColor(self.palette().color(ink))
            colour.setAlphaF(0.5 if self._left else 1.0)
            painter.setFont(face)
            painter.setPen(colour)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            y += high + gap

    def _turn(self, fold: int) -> None:
        self._open ^= {fold}
        self.updateGeometry()
        self.update()
        self.unfolded.emit()

    def mouseReleaseEvent(self, event) -> None:
        at: QPointF = event.position()
        fold = next((number for number, head in enumerate(self._heads) if head.contains(at)), -1)
        if fold >= 0:
            self.setDown(False)
            self._turn(fold)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event) -> None:
        opens = event.key() == Qt.Key.Key_Right
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers() and self._folds:
            for fold in range(len(self._folds)):
                if (fold in self._open) != opens:
                    self._turn(fold)
        else:
            super().keyPressEvent(event)


def _lines(
    text: str, face: QFont, ink: ROLE, width: float, most: int
) -> Iterator[tuple[str, QFont, ROLE, float, int]]:
    """A text in at most so many lines; the last says whether there are more."""
    told, metrics = [], QFontMetricsF(face)
    for part in text.strip().split("\n"):
        layout = QTextLayout(part, face)
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.beginLayout()
        while len(told) <= most and (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            told.append(part[line.textStart() : line.textStart() + line.textLength()].rstrip())
        layout.endLayout()
        if len(told) > most:
            told[most - 1 :] = [metrics.elidedText(f"{told[most - 1]}…", Qt.TextElideMode.ElideRight, width)]
            break
    for at, words in enumerate(told if text.strip() else []):
        yield words, face, ink, GAP if at == len(told) - 1 else 0.0, -1
