"""Survey: a sweep as a whole: what it is to try, its cells, what they are coloured by, and what was found.

Knows no run: values in, wishes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets.brush import painted
from widgets.controls import Number, describe
from widgets.mosaic import Mosaic
from widgets.paint import Inks
from widgets.range import Range
from widgets.segments import Segments
from widgets.square import heat
from widgets.theme import DARK, Theme, explain, font, tip

PLAIN = "canvases"
MOST = 64  # at most
AMPLE = 420  # pixels: a survey lower than this tells the evidence in a tooltip only
HIGH, ROW = 28, 17  # pixels: of a control, and of a line of words
DRAWS = "How often every cell is run, each time from other noise. How few steps are enough is told from 3 on."


class Scale(QWidget):
    """From the least to the largest of what colours the cells."""

    BAR = 84, 8  # pixels

    def __init__(self) -> None:
        super().__init__()
        self._ends, self._inks = ("", ""), Inks.of(DARK)
        self.setFixedHeight(HIGH)

    def set_theme(self, theme: Theme) -> None:
        self._inks = Inks.of(theme)
        self.update()

    def set_ends(self, least: str, most: str) -> None:
        """Both in words; none: nothing is coloured."""
        self._ends = least, most
        self.setAccessibleName(f"From {least} to {most}" if least else "")
        self.updateGeometry()
        self.setVisible(bool(least))
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font(pixels=12))
        return QSize(sum(map(words.horizontalAdvance, self._ends)) + self.BAR[0] + 20, HIGH)

    @painted
    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(pixels=12))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        wide = painter.fontMetrics().horizontalAdvance(self._ends[0])
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, self._ends[0])
        bar = QRectF(wide + 8, (self.height() - self.BAR[1]) / 2, *self.BAR)
        painter.drawText(QRectF(bar.right() + 8, 0, self.width(), self.height()), middle, self._ends[1])
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for at in range(11):
            colours.setColorAt(at / 10, heat(self._inks, at / 10))
        painter.setPen(self._inks.line)
        painter.setBrush(colours)
        painter.drawRoundedRect(bar, 4, 4)


class Survey(QWidget):
    """`across` and `down` are the fields of the knobs, `cells` the canvases."""

    fill_wished = Signal()
    stop_wished = Signal()
    leave_wished = Signal()
    edited = Signal()  # what is to be tried
    colour_chosen = Signal(str)

    def __init__(self, colours: Mapping[str, str]) -> None:
        """`colours`: what cells may be coloured by, and what that is; PLAIN is nothing."""
        super().__init__()
        self.across, self.down, self.cells = Range("across"), Range("down"), Mosaic()
        self._draws = Number(1, MOST, 1, 0)
        self._fill, self._leave = QPushButton(), QPushButton("Leave")
        self._colours, self._scale = Segments(colours, "colour"), Scale()
        self._told, self._found, self._evidence = QLabel(), QLabel(), QLabel()
        self._bar = QProgressBar()
        self._make()
        self._place()
        self.set_filling(False)
        self.set_colour(PLAIN)

    @property
    def draws(self) -> int:
        """How often every cell is run, each time from other noise."""
        return int(self._draws.value())

    def set_draws(self, draws: int) -> None:
        self._draws.setValue(draws)

    def set_filling(self, on: bool, again: bool = False) -> None:
        """Whether it is being filled; `again`: whether a part of it is, and the rest can follow."""
        self._filling = on
        self._fill.setText("Stop" if on else "Go on" if again else "Fill the grid")
        self._fill.setProperty("role", "stop" if on else "accent")
        self._fill.style().unpolish(self._fill)  # the sheet is matched again only then
        self._fill.style().polish(self._fill)
        help = (
            "Stop, and keep what is finished (Esc)." if on else "Run every cell, one after the other (Ctrl+Enter)."
        )
        describe(self._fill, self._fill.text(), help)
        self._bar.setVisible(on)

    def set_progress(self, share: float) -> None:
        self._bar.setValue(round(1000 * share))

    def set_told(self, sentence: str, bad: str = "") -> None:
        """What it would be, or how far it is. `bad`: "across" or "down", the field that cannot be read so."""
        self._told.setText(sentence)
        explain(self._told, sentence)
        role = "over" if bad else "hint"
        self._told.setAccessibleName(sentence)
        if self._told.property("role") != role:
            self._told.setProperty("role", role)
            self._told.style().unpolish(self._told)  # the sheet is matched again only then
            self._told.style().polish(self._told)
        self.across.set_bad(bad == "across")
        self.down.set_bad(bad == "down")

    def set_found(self, sentence: str, evidence: str, all_: Sequence[str] = ()) -> None:
        """How few steps are enough where people look, with what shows it; `all_`: everywhere."""
        for label, text in ((self._found, sentence), (self._evidence, evidence)):
            label.setText(text)
            label.setToolTip(tip("\n".join([*all_, evidence])).replace("\n", "<br>") if all_ else "")
            label.setAccessibleName(text)
            label.setAccessibleDescription("\n".join(all_) or text)

    def set_colour(self, name: str, least: str = "", most: str = "") -> None:
        """What cells are coloured by, and both ends of it in words."""
        self._colours.choose(name)
        self.cells.set_coloured(name != PLAIN)
        self._scale.set_ends(least, most)

    def set_view(self, view: str) -> None:
        self.cells.set_view(view)

    def set_theme(self, theme: Theme) -> None:
        self.cells.set_theme(theme)
        self._scale.set_theme(theme)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._evidence.setVisible(self.height() >= AMPLE)

    def _make(self) -> None:
        self._draws.setFixedSize(48, HIGH)
        describe(self._draws, "Draws", DRAWS)
        describe(self._leave, "Leave the grid", "Back to one canvas (Esc). The grid stays as it is.")
        for button in (self._fill, self._leave):
            button.setFixedHeight(HIGH)
        self._fill.setFixedWidth(108)
        self._leave.setProperty("role", "quiet")
        for label, role in ((self._told, "hint"), (self._found, "heading"), (self._evidence, "legend")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # cut where it is narrow
            label.setFixedHeight(ROW)  # whatever it says: cells stay as large as they are
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        stays = self._bar.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(stays)
        describe(self._bar, "How far the grid is", "")
        self._fill.clicked.connect(lambda: (self.stop_wished if self._filling else self.fill_wished).emit())
        self._leave.clicked.connect(self.leave_wished)
        self._colours.chosen.connect(self.colour_chosen)
        for field in (self.across, self.down):
            field.changed.connect(self.edited)
        self._draws.valueChanged.connect(self.edited)

    def _place(self) -> None:
        column, head, foot = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        draws, times = QLabel("draws"), QLabel("\u00d7")
        for label in (draws, times):
            label.setProperty("role", "label")
            label.setFixedHeight(HIGH)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(6)
        head.setSpacing(6)
        top = Qt.AlignmentFlag.AlignTop  # beside the fields, not beside what is told below them
        head.addWidget(self.across, 1)
        head.addWidget(times, 0, top)
        head.addWidget(self.down, 1)
        head.addSpacing(4)
        for widget in (self._draws, draws, self._fill, self._leave):
            head.addWidget(widget, 0, top)
        foot.setSpacing(10)
        foot.addWidget(self._colours)
        foot.addWidget(self._scale)
        foot.addStretch(1)
        column.addLayout(head)
        column.addWidget(self._told)
        column.addWidget(self._bar)
        column.addWidget(self.cells, 1)
        column.addLayout(foot)
        column.addWidget(self._found)
        column.addWidget(self._evidence)
