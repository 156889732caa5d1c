"""Lane: one runner of a race: its name, how it stands, what was measured of it, and its canvas.

Track: the lanes side by side, the verdict, one transport. Knows no race: values in, wishes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.values.frame import Frame
from engine.values.quality import LABEL, in_words
from engine.values.words.letters import one_line
from widgets.brush import painted
from widgets.canvas import Canvas
from widgets.controls import describe
from widgets.decoding import DecodingLine
from widgets.theme import Theme, font
from widgets.transport import SECONDS, Transport

NOTHING = "–"
LEADING = ("seconds", "passes")  # what the back row should read
LOW = 480  # pixels: a race lower than this has no room to spare
CAPTION = 24  # pixels of the prompt above the lanes, in a room
QUALITY = f"How surprising its text is, and how many tokens are given less than one chance in 1,000: {LABEL}."
# What is measured of a lane: the words below the number, and what they mean.
MEASURES = {
    "seconds": "Time of work of this lane alone, from the reading of the prompt on.",
    "passes": "Forward passes of the whole network so far, the reading of the prompt included.",
    "tokens/s": "Tokens of the text, thought and answer, up to its end, per second of its run. Known once it has "
    "finished.",
    "any 8 words": "When eight words in a row could be read for the first time, anywhere in the answer. What "
    "changes later could not be read yet.",
    "first 8 words": "When the first eight words of the answer could be read. What changes later could not be read "
    "yet.",
}


class Rail(QWidget):
    """How much of its text a lane has written: a bar, and the count."""

    BAR, COUNT = 6, 84  # pixels: the height of the bar, the width of the count

    def __init__(self) -> None:
        super().__init__()
        self._written = self._whole = 0
        self.setFixedHeight(18)
        describe(self, "Written", "Tokens of the text accepted so far, of all that it came to.")

    def show_progress(self, written: int, whole: int) -> None:
        """Tokens so far, and in the end; 0 while nobody knows how many it will be."""
        self._written, self._whole = written, whole
        self.setAccessibleDescription(self._words())
        self.update()

    def _words(self) -> str:
        return f"{self._written:,} / {self._whole:,}" if self._whole else f"{self._written:,}"

    @painted
    def paintEvent(self, event) -> None:
        painter, colours = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(0, (self.height() - self.BAR) / 2, self.width() - self.COUNT, self.BAR)
        painter.setBrush(colours.color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(box, 3, 3)
        if self._whole and self._written:
            painter.setBrush(colours.color(QPalette.ColorRole.Highlight))
            box.setWidth(max(self.BAR, box.width() * min(1.0, self._written / self._whole)))
            painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colours.color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(font(pixels=12))
        where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(self.rect()), where, self._words())


class Lane(QWidget):
    """One runner. Its canvas is set in one size of type, so that two lanes can be compared."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        super().__init__()
        self.canvas, self._rail = Canvas(clock=clock), Rail()
        self._name, self._state, self._quality = QLabel(), QLabel(), QLabel()
        self._quality.setProperty("role", "label")
        self._name.setStyleSheet("font-size: 16px; font-weight: 600;")
        self._state.setProperty("role", "badge")
        self._name.setFixedHeight(26)  # as high as a badge, whether there is one or not
        self._numbers = {name: QLabel(NOTHING) for name in MEASURES}
        self._frame: Frame | None = None
        self._place()

    def set_name(self, name: str) -> None:
        self._name.setText(name)
        self.canvas.setAccessibleName(f"Canvas of {name}")

    def set_state(self, words: str, first: bool = False) -> None:
        """How the lane stands, in a word or two; none: nothing is shown. `first` marks the one that won."""
        self._state.setText(words)
        self._state.setVisible(bool(words))
        role = "won" if first else "badge"
        if self._state.property("role") != role:
            self._state.setProperty("role", role)
            self._state.style().unpolish(self._state)  # the sheet is matched again only then
            self._state.style().polish(self._state)

    def set_quality(self, nats: float | None, seams: float | None) -> None:
        """Nats a token, and the share of tokens that are seams; None: not known."""
        known = nats is not None and seams is not None
        self._quality.setText(" \u00b7 ".join(in_words(nats, seams)) if known else "")
        describe(self._quality, self._quality.text(), QUALITY)

    def set_numbers(self, numbers: Mapping[str, str]) -> None:
        """Texts by the names of MEASURES; what is left out is not known yet."""
        for name, label in self._numbers.items():
            label.setText(numbers.get(name, NOTHING))

    def set_progress(self, written: int, whole: int) -> None:
        """Tokens of the text so far, and in the end; 0 while nobody knows."""
        self._rail.show_progress(written, whole)

    def show_frame(
        self,
        frame: Frame | None,
        previous: Frame | None = None,
        finished: Sequence[np.ndarray] = (),
        still: bool = False,
    ) -> None:
        """A frame, as Canvas takes it; `still`: nothing is seen to move. The one that is on show costs nothing."""
        if frame is None or frame is not self._frame:
            self._frame = frame
            self.canvas.show_frame(frame, previous, finished)
            if still:
                self.canvas.settle()

    def resizeEvent(self, event) -> None:
        """Six digits of the large numbers fit into their column."""
        super().resizeEvent(event)
        for name in LEADING:
            self._numbers[name].setFont(
                font(pixels=_within(24, self.width() // 16, 60), weight=QFont.Weight.DemiBold)
            )

    def _place(self) -> None:
        column, head, grid = QVBoxLayout(self), QHBoxLayout(), QGridLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head.setSpacing(12)
        head.addWidget(self._name)
        head.addWidget(self._rail, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._quality)
        head.addWidget(self._state, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        for at, (name, label) in enumerate(self._numbers.items()):
            label.setFont(font(pixels=16, weight=QFont.Weight.DemiBold))  # digits of one width
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
            label.setMinimumWidth(1)  # no number makes one lane wider than the other
            words = QLabel(name)
            words.setProperty("role", "legend")
            for row, part in enumerate((label, words)):
                describe(part, name, MEASURES[name])
                grid.addWidget(part, row, at)
            grid.setColumnStretch(at, 3 if name in LEADING else 2)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(self.canvas, 1)


def _within(least: int, value: int, most: int) -> int:
    return min(most, max(least, value))


class Track(QWidget):
    """Two lanes with a common clock: the transport counts hundredths of seconds."""

    leave_wished = Signal()

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """With a `clock` in milliseconds, what moves is painted as that says; else on timers."""
        super().__init__()
        self.decoding = DecodingLine()
        self.lanes = (Lane(clock), Lane(clock))
        self.transport = Transport(SECONDS, grows=False, branches=False)
        self._heading, self._verdict, self._meaning = QLabel(), QLabel(), QLabel()
        self._meaning.setProperty("role", "hint")
        self._meaning.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._meaning.setWordWrap(True)
        self._fold = QPushButton("Knobs")
        self._fold.setProperty("role", "quiet")
        self._fold.setCheckable(True)
        self._fold.setFixedHeight(28)
        describe(self._fold, "Knobs of the second lane", "How the text is drawn that is written token by token.")
        self._fold.toggled.connect(self.decoding.setVisible)
        self.decoding.hide()
        self._heading.setTextFormat(Qt.TextFormat.PlainText)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._heading.hide()
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumHeight(24)
        self._leave = QPushButton("Leave the race")
        self._leave.setProperty("role", "quiet")
        self._leave.setFixedHeight(28)
        describe(
            self._leave, "Leave the race", "Back to one canvas (Esc). Run makes another race as long as you stay."
        )
        self._leave.clicked.connect(self.leave_wished)
        self._place()

    def set_verdict(self, sentence: str, meaning: str = "") -> None:
        """Who was first; and what that proves and what not, if there is something to say of it."""
        self._verdict.setText(sentence)
        self._meaning.setText(meaning)
        self._make_room()

    def _make_room(self) -> None:
        """In a low window an empty line is the canvases'; in others nothing moves when something is said."""
        self._meaning.setVisible(bool(self._meaning.text()) or self.height() >= LOW)

    def set_caption(self, prompt: str) -> None:
        """What was asked."""
        self._heading.setText(one_line(prompt))

    def show_caption(self, shown: bool) -> None:
        """For a room, where no prompt box tells it."""
        self._heading.setStyleSheet(f"font-size: {CAPTION}px; font-weight: 500;")
        self._heading.setVisible(shown)

    def resizeEvent(self, event) -> None:
        """Sentences for the back row, where there is room for them."""
        super().resizeEvent(event)
        self._verdict.setStyleSheet(f"font-size: {_within(14, self.width() // 72, 26)}px; font-weight: 600;")
        self._meaning.setStyleSheet(f"font-size: {_within(12, self.width() // 104, 18)}px;")
        self._make_room()

    def strip(self, heading: str) -> None:
        """For a picture: a heading, and nothing to click on."""
        for control in (self.decoding, self.transport, self._fold, self._leave):
            control.hide()
        self._heading.setProperty("role", "legend")
        self._heading.setText(heading)
        self._heading.show()

    def set_view(self, view: str) -> None:
        for lane in self.lanes:
            lane.canvas.set_view(view)

    def set_theme(self, theme: Theme) -> None:
        for lane in self.lanes:
            lane.canvas.set_theme(theme)

    def _place(self) -> None:
        column, row, foot = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        row.setSpacing(16)
        for lane in self.lanes:
            lane.setMinimumWidth(1)
            row.addWidget(lane, 1)
        foot.setSpacing(8)
        foot.addWidget(self.transport, 1)
        foot.addWidget(self._fold)
        foot.addWidget(self._leave)
        column.addWidget(self._heading)
        column.addLayout(row, 1)
        column.addWidget(self._verdict)
        column.addWidget(self._meaning)
        column.addWidget(self.decoding, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(foot)
