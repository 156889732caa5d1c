"""Token: what the model considered for one cell. Knows no frame: the details are worked out elsewhere."""

from __future__ import annotations

from math import isnan

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from widgets.brush import painted
from widgets.controls import describe
from widgets.theme import DARK, MONO, Theme, font

HINT = "Point at a token to see what the model considered."
MOST = 8  # candidates that a frame carries


def visible(text: str) -> str:
    """A token with its white space made visible: blanks as ␣, line breaks as ↵, tabs as ⇥."""
    return text.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "(nothing)"


class Bars(QWidget):
    """Candidates with their probabilities, most likely first: a word, a bar, a percentage."""

    ROW, NAME, SHARE = 22, 104, 52

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: list[tuple[str, float]]) -> None:
        self._rows = rows[:MOST]
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.ROW * max(5, len(self._rows)))  # five: moving over cells must not shake it

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, (text, share) in enumerate(self._rows):
            self._paint_row(painter, QRectF(0, index * self.ROW, self.width(), self.ROW), text, share)

    def _paint_row(self, painter: QPainter, box: QRectF, text: str, share: float) -> None:
        colours, role = self.palette(), QPalette.ColorRole
        name = QRectF(box.left(), box.top(), self.NAME, box.height())
        track = QRectF(name.right() + 8, box.center().y() - 4, box.width() - self.NAME - self.SHARE - 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(role.Button))
        painter.drawRoundedRect(track, 4, 4)
        painter.setBrush(colours.color(role.Highlight))
        track.setWidth(track.width() * known(share))
        painter.drawRoundedRect(track, 4, 4)
        painter.setPen(colours.color(role.WindowText))
        painter.setFont(font(MONO, 12))
        short = painter.fontMetrics().elidedText(visible(text), Qt.TextElideMode.ElideRight, self.NAME)
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, short)
        painter.setFont(font(pixels=12))
        painter.setPen(colours.color(role.PlaceholderText))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, right, percentage(share))


def known(share: float) -> float:
    """A probability as the length of a bar: none where it is unknown."""
    return 0.0 if isnan(share) else min(1.0, share)


def nats(entropy: float) -> str:
    """An entropy for people."""
    return "unknown" if isnan(entropy) else f"{entropy:.3f} nats"


def percentage(share: float) -> str:
    """A probability for people. Rounding never claims certainty: below 1 it stays below 100 %."""
    if isnan(share):
        return "unknown"
    if 0 < share < 0.001:
        return "<0.1 %"
    return ">99.9 %" if 0.999 < share < 1 else f"{100 * share:.1f} %"


class Word(QLabel):
    """The token in large letters, elided to the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setProperty("role", "token")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        self._whole = text
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width()))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.say(self._whole)


class Token(QFrame):
    """The card of one cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._theme, self._details = DARK, None
        self._text, self._state, self._numbers = Word(), QLabel(), QLabel()
        self._bars, self._hint = Bars(), QLabel(HINT)
        self._state.setTextFormat(Qt.TextFormat.RichText)
        self._numbers.setProperty("role", "hint")
        self._hint.setProperty("role", "hint")
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(16, 12, 16, 12)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        describe(self._numbers, "Entropy", "How undecided the model is about this cell, in nats. 0: one choice.")
        self._place()
        self.show_details(None)

    def show_details(self, details) -> None:
        """Shows cell, text, state, entropy (nats) and candidates [(text, probability)]; None: the hint."""
        self._details = details
        self._pages.setCurrentIndex(0 if details is None else 1)
        if details is not None:
            self._show(details)

    def set_theme(self, theme: Theme) -> None:
        """The colours of the states."""
        self._theme = theme
        self.show_details(self._details)

    def _show(self, details) -> None:
        self._text.say(visible(details.text))
        colour = getattr(self._theme, details.state, self._theme.muted)
        self._state.setText(f'<span style="color:{QColor(colour).name()}">●</span> {details.state}')
        self._numbers.setText(f"cell {details.cell}  ·  entropy {nats(details.entropy)}")
        self._bars.show_rows(details.candidates)

    def _place(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._text, 1)
        head.addWidget(self._state)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._numbers)
        column.addSpacing(4)
        column.addWidget(self._bars)
        column.addStretch()
        self._pages = QStackedLayout(self)  # as high with the hint as with details
        self._pages.addWidget(self._hint)
        self._pages.addWidget(page)
