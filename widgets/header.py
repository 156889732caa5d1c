"""Header: the name, the model that is loaded, the view of the canvas, and the menus. Knows no action itself."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from widgets.brush import painted
from widgets.controls import describe
from widgets.theme import DARK, Theme
from widgets.transport import ViewSwitch


class Mark(QWidget):
    """The sign of the application: a small grid of cells, some of them settled."""

    CELLS = (0.15, 0.3, 0.65, 0.25, 0.7, 1.0, 0.5, 1.0, 1.0)

    def __init__(self) -> None:
        super().__init__()
        self._theme = DARK
        self.setFixedSize(22, 22)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        draw_mark(painter, QRectF(self.rect()), self._theme)


def draw_mark(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Nine cells from noise (pale) to text (full)."""
    size, gap = box.width() * 0.28, box.width() * 0.08
    colour = QColor(theme.accent)
    for index, strength in enumerate(Mark.CELLS):
        colour.setAlphaF(strength)
        painter.setBrush(colour)
        row, column = divmod(index, 3)
        x, y = box.left() + column * (size + gap), box.top() + row * (size + gap)
        painter.drawRoundedRect(QRectF(x, y, size, size), size / 4, size / 4)


class Header(QWidget):
    """The top line of the window. Menus are made by `menu`; what they do is the app's."""

    model_wished = Signal()  # to choose another one

    def __init__(self) -> None:
        super().__init__()
        self.views = ViewSwitch()
        self._mark, self._name, self._model = Mark(), QLabel("Unnoise"), self._button("No model")
        self._name.setStyleSheet("font-size: 17px; font-weight: 600;")
        describe(self._model, "Model", "The model that writes. Choose another one here.")
        self._model.clicked.connect(self.model_wished)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(8)
        for widget in (self._mark, self._name):
            self._line.addWidget(widget)
        self._line.addSpacing(8)
        self._line.addWidget(self._model)
        self._line.addStretch(1)
        self._line.addWidget(self.views)

    def set_theme(self, theme: Theme) -> None:
        self._mark.set_theme(theme)

    def add(self, button: QWidget) -> None:
        """Something more, beside the model."""
        self._line.insertWidget(self._line.indexOf(self._model) + 1, button)

    def set_model(self, text: str) -> None:
        self._model.setText(text + "  \u25be")
        self._model.setAccessibleName(f"Model: {text}")

    def menu(self, label: str) -> QMenu:
        """A new menu at the right end."""
        button = self._button(label + "  \u25be")
        button.setProperty("role", "quiet")
        describe(button, label, f"The {label} menu.")
        self._line.addWidget(button)
        return self._attach(button)

    def _button(self, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setFixedHeight(30)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton { padding: 0 10px; } QToolButton::menu-indicator { image: none; }")
        return button

    def _attach(self, button: QToolButton) -> QMenu:
        menu = QMenu(button)
        button.setMenu(menu)
        return menu
