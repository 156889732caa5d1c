"""Fold: a group that opens and closes, and says in its head what is not as usual. Knows not what it holds."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets import icons
from widgets.brush import painted
from widgets.controls import ROLE, describe
from widgets.theme import font


class Head(QAbstractButton):
    """The line that is clicked: a sign, the name, and at the right what is worth knowing while it is closed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setText(name)
        self._news, self._fresh = "", False
        self.setCheckable(True)
        self.setFixedHeight(30)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_news("", False)

    def show_news(self, news: str, fresh: bool) -> None:
        """`fresh`: it is not so yet in the run on screen."""
        self._news, self._fresh = news, fresh
        describe(self, self.text(), f"Show or hide these knobs. Not as usual: {news or 'none'}.")
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(colours.color(ROLE.Highlight), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 2, -1, -2), 6, 6)
        painter.save()
        painter.translate(QPointF(14, self.height() / 2))
        painter.rotate(0 if self.isChecked() else -90)
        icons.draw(painter, "down", QRectF(-7, -7, 14, 14), colours.color(ROLE.PlaceholderText))
        painter.restore()
        face = font(pixels=12, weight=QFont.Weight.DemiBold)
        painter.setFont(face)
        painter.setPen(colours.color(ROLE.WindowText))
        painter.drawText(QRectF(28, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        left = 28 + painter.fontMetrics().horizontalAdvance(self.text()) + 12
        painter.setFont(font(pixels=12))
        painter.setPen(colours.color(ROLE.Highlight if self._fresh else ROLE.PlaceholderText))
        room = QRectF(left, 0, self.width() - left - 12, self.height())
        short = painter.fontMetrics().elidedText(self._news, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, short)


class Fold(QWidget):
    """A head, and a grid below it that is there while it is open."""

    opened = Signal(bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.head, self._inside = Head(name), QWidget()
        self.grid = QGridLayout(self._inside)
        self.grid.setContentsMargins(15, 0, 11, 8)
        self.grid.setHorizontalSpacing(6)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._inside)
        self._inside.hide()
        self.head.toggled.connect(self._inside.setVisible)
        self.head.clicked.connect(self.opened)

    @property
    def open(self) -> bool:
        return self.head.isChecked()

    def set_open(self, on: bool) -> None:
        """No signal."""
        self.head.setChecked(on)
