"""Status: the bottom line: the model, the graphics card, one sentence, progress of long work. Knows no run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QSizePolicy, QWidget

from engine.values.recording import Reading
from widgets import icons
from widgets.brush import painted
from widgets.controls import describe
from widgets.theme import font

CARD = "The graphics card, all programs on it: memory (GB of 10\u2079 bytes), time busy, power, temperature. Now:"
LEAST = 120  # pixels that the card's values leave to the sentence, beside the least that it needs by itself


def _parts(reading: Reading) -> list[tuple[str, str]]:
    """What the card tells of memory, time, power and heat: numbers with their units."""
    parts = []
    if reading.used is not None and reading.total is not None:
        parts.append((f"{reading.used / 1e9:.1f}", f"of {reading.total / 1e9:.1f} GB"))
    rest = ((reading.busy, "%"), (reading.watts, "W"), (reading.celsius, "°C"))
    return parts + [(f"{value:.0f}", unit) for value, unit in rest if value is not None]


class Sentence(QLineEdit):
    """One line of text that can be selected and copied whole, though it is elided while it is too long."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("role", "sentence")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, sentence: str, role: str) -> None:
        self.setProperty("role", role)
        self.style().unpolish(self)  # the sheet is matched again only then
        self.style().polish(self)
        self.setText(sentence)
        self.setMaximumWidth(QFontMetrics(self.font()).horizontalAdvance(sentence) + 24)
        self.setCursorPosition(0)
        describe(self, "State", sentence)

    @painted
    def paintEvent(self, event) -> None:
        room = self.contentsRect().adjusted(8, 0, -8, 0)
        metrics = QFontMetrics(self.font())
        if self.hasFocus() or metrics.horizontalAdvance(self.text()) <= room.width():
            return super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        short = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        return painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)


class Sign(QWidget):
    """The warning sign beside an error."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(18, 18)
        self.setAccessibleName("Error")

    @painted
    def paintEvent(self, event) -> None:
        colour = self.palette().color(QPalette.ColorRole.BrightText)
        icons.draw(QPainter(self), "error", QRectF(self.rect()), colour)


class Status(QWidget):
    """The bottom line of the window."""

    cancel_wished = Signal()
    said = Signal()  # another sentence

    def __init__(self) -> None:
        super().__init__()
        self.fails = False  # the sentence tells of an error
        self._reading: Reading | None = None
        self._model, self._sentence, self._sign = (
            QLabel("no model", textFormat=Qt.TextFormat.PlainText),
            Sentence(),
            Sign(),
        )
        self._model.setProperty("role", "badge")
        describe(self._model, "Model", "The model, where it runs and in which number format.")
        self._bold = QFontMetrics(font(weight=QFont.Weight.DemiBold))
        self._card = QLabel(textFormat=Qt.TextFormat.RichText)
        self._card.setMinimumWidth(1)  # it may not widen the window
        self._card.setProperty("role", "label")
        describe(self._card, "Graphics card", CARD)
        self._task, self._bar, self._cancel = QLabel(), QProgressBar(), QPushButton("Cancel")
        self._task.setProperty("role", "hint")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(96)
        self._cancel.setProperty("role", "quiet")
        describe(self._cancel, "Cancel", "Stop this work.")
        self._cancel.clicked.connect(self.cancel_wished)
        self._place()
        self.set_card(None)
        self.set_progress("")
        self.say("")

    def set_model(self, name: str, device: str = "") -> None:
        """Names the model and where it runs, as "cpu, float32"."""
        self._model.setText("  ·  ".join(part for part in (name, device) if part))

    def set_card(self, reading: Reading | None) -> None:
        """What the graphics card says, as far as there is room; None: there is none, or it says nothing."""
        self._reading = reading
        parts = [] if reading is None else _parts(reading)
        room = self.width() - self.layout().minimumSize().width() - LEAST
        fitting = (some for some in (parts, parts[:2], parts[1:2]) if self._wide(some) <= room)
        some = next(fitting, [])
        self._card.setVisible(bool(some))
        self._card.setText("GPU " + ", ".join(f"{self._strong(number)} {unit}" for number, unit in some))
        describe(self._card, "Graphics card", f"{CARD} {', '.join(map(' '.join, parts))}.")

    def _wide(self, parts: list[tuple[str, str]]) -> int:
        """Pixels of a line of parts, all in bold: a little more than they take."""
        return self._bold.horizontalAdvance("GPU " + ", ".join(map(" ".join, parts)))

    def _strong(self, number: str) -> str:
        colour = self.palette().windowText().color().name()
        return f'<span style="color:{colour};font-weight:600">{number}</span>'

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.set_card(self._reading)  # rich text keeps the colour that it was made with

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.set_card(self._reading)  # as much of it as there is room for now

    def say(self, sentence: str, kind: str = "info") -> None:
        """Shows a sentence; kind "error" with a sign and in bold."""
        self.fails = kind == "error"
        self._sign.setVisible(self.fails)
        self._sentence.say(sentence, "error" if self.fails else "sentence")
        self.said.emit()

    def set_progress(self, label: str, fraction: float | None = None) -> None:
        """Shows how far long work is, from 0 to 1, or only that it goes on (None). An empty label hides it."""
        if not label and self._cancel.hasFocus():
            self._sentence.setFocus()  # it says how the work ended; Qt would choose a button at random
        for widget in (self._task, self._bar, self._cancel):
            widget.setVisible(bool(label))
        self._task.setText(label)
        self._bar.setAccessibleName(label or "Progress")
        self._bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._bar.setValue(round(1000 * min(1.0, max(0.0, fraction))))

    def _place(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._model, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addSpacing(8)
        line.addWidget(self._card)
        line.addStretch()
        line.addWidget(self._sign)
        line.addWidget(self._sentence, 1)
        for widget in (self._task, self._bar, self._cancel):
            line.addWidget(widget)
