"""Choice: a model to choose, as values, and the two painted buttons that stand for it and for its precisions.

Knows no sizes and no reasons: every text comes ready to read.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from widgets import icons
from widgets.brush import painted
from widgets.controls import describe
from widgets.theme import font

ROLE = QPalette.ColorRole
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ASKING, READY, FAILED = "asking", "ready", "failed"


@dataclass(frozen=True)
class Need:
    """What one precision takes of the memory there is."""

    precision: str
    label: str
    amount: str
    share: float | None = None  # of the memory that is free; above 1 it does not fit; None: nobody knows
    possible: bool = True  # whether loading can be tried at all


@dataclass(frozen=True)
class Choice:
    """A model as the picker shows it."""

    key: str  # what `load_wished` says; "" is the embedded model
    name: str
    origin: str  # where it is, in a few words
    state: str = ASKING
    short: str = ""  # the verdict in a few words
    sentence: str = ""  # ... and in full
    note: str = ""  # where it comes from, if that needs saying
    facts: str = ""  # what it takes to download and on disk
    needs: tuple[Need, ...] = ()
    advised: str = ""  # the precision to begin with; "": none fits
    verb: str = "Load"
    again: bool = False  # whether it could be fetched again
    named: bool = False  # whether people named it: they may take it off the list


class _Button(QAbstractButton):
    """Checkable, exclusive among its neighbours, with a frame and a mark at the left that shows whether it is."""

    MARK = 38  # pixels that the mark takes

    def __init__(self, height: int) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(height)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)

    def _frame(self, painter: QPainter) -> None:
        on, under = self.isChecked(), self.underMouse()
        ground = self._colour(ROLE.AlternateBase if on or under else ROLE.Base)
        line = self._colour(ROLE.Highlight if on or self.hasFocus() else ROLE.Mid)
        painter.setPen(QPen(line, 2 if self.hasFocus() else 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        centre = QRectF(13, self.height() / 2 - 7, 14, 14)
        painter.setPen(QPen(self._colour(ROLE.Highlight if on else ROLE.PlaceholderText), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(ROLE.Highlight))
            painter.drawEllipse(centre.adjusted(3.5, 3.5, -3.5, -3.5))

    def _text(self, painter: QPainter, box: QRectF, text: str, role: QPalette.ColorRole, face: QFont, where=LEFT):
        painter.setFont(face)
        painter.setPen(self._colour(role))
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(box.width()))
        painter.drawText(box, where, short)


class Card(_Button):
    """A model: its name, the verdict below, where it is at the right."""

    HEIGHT = 52

    def __init__(self, choice: Choice) -> None:
        super().__init__(self.HEIGHT)
        self.show_choice(choice)

    def show_choice(self, choice: Choice) -> None:
        self.choice = choice
        describe(self, choice.name, choice.sentence or f"{choice.name}, {choice.origin}")
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame(painter)
        choice, small = self.choice, font(pixels=12)
        origin = painter.fontMetrics().horizontalAdvance(choice.origin) + 12
        room = QRectF(self.MARK, 6, self.width() - self.MARK - 14, self.height() - 12)
        top, below = QRectF(room.topLeft(), QSize(int(room.width()), 20)), QRectF(room).adjusted(0, 20, 0, 0)
        self._text(painter, top.adjusted(0, 0, -origin - 8, 0), choice.name, ROLE.Text, font(weight=_BOLD))
        self._text(painter, top, choice.origin, ROLE.PlaceholderText, small, RIGHT)
        if choice.state == FAILED or (choice.state == READY and not choice.advised):
            sign = QRectF(below.left(), below.center().y() - 7, 14, 14)
            icons.draw(painter, "error", sign, self._colour(ROLE.BrightText))
            below.adjust(20, 0, 0, 0)
        self._text(painter, below, choice.short, ROLE.PlaceholderText, small)


class Option(_Button):
    """A precision: its name, a bar of what it takes of the free memory, and the amount."""

    LABEL, AMOUNT = 132, 76

    def __init__(self, need: Need) -> None:
        super().__init__(36)
        self.need = need
        taken = "" if need.share is None else f", {need.share:.0%} of the memory that is free"
        describe(self, f"{need.label}, {need.amount}", f"{need.label}: {need.amount}{taken}.")

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame(painter)
        whole = QRectF(self.rect()).adjusted(self.MARK, 0, -14, 0)
        label = QRectF(whole.left(), 0, self.LABEL, self.height())
        amount = QRectF(whole.right() - self.AMOUNT, 0, self.AMOUNT, self.height())
        self._text(painter, label, self.need.label, ROLE.Text, font(pixels=12, weight=QFont.Weight.Medium))
        self._text(painter, amount, self.need.amount, ROLE.Text, font(pixels=12, weight=_BOLD), RIGHT)
        if self.need.share is not None:
            self._bar(
                painter, QRectF(label.right() + 8, self.height() / 2 - 4, amount.left() - label.right() - 12, 8)
            )

    def _bar(self, painter: QPainter, box: QRectF) -> None:
        """The free memory as a track. What goes beyond it is striped, so that it also shows without colour."""
        share = self.need.share
        free = box.width() / max(1.0, share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour(ROLE.Mid))
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(self._colour(ROLE.Highlight))
        painter.drawRoundedRect(QRectF(box.left(), box.top(), max(8.0, free * min(1.0, share)), box.height()), 4, 4)
        if share > 1:
            painter.setBrush(QBrush(self._colour(ROLE.BrightText), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(box.adjusted(free, 0, 0, 0))
            painter.fillRect(
                QRectF(box.left() + free - 1, box.top() - 4, 2, box.height() + 8), self._colour(ROLE.Text)
            )


_BOLD = QFont.Weight.DemiBold
