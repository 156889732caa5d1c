"""Lane: one runner of a race: its name, how it stands, what was measured of it, and its canvas.

Track: the lanes side by side, the verdict, one transport. Knows no race: values in, wishes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.values.frame import Frame
from widgets.canvas import Canvas
from widgets.controls import describe
from widgets.decoding import DecodingLine
from widgets.theme import Theme, font
from widgets.transport import Transport

NOTHING = "–"
# What is measured of a lane: the words below the number, and what they mean.
MEASURES = {
    "passes": "Forward passes of the whole network so far, the reading of the prompt included.",
    "seconds": "Time of work of this lane alone, from the reading of the prompt on.",
    "tokens/s": "Tokens of the text, thought and answer, up to its end, per second of its run. Known once it has "
    "finished.",
    "any 8 words": "When eight words in a row could be read for the first time, anywhere in the answer. What "
    "changes later could not be read yet.",
    "first 8 words": "When the first eight words of the answer could be read. What changes later could not be read "
    "yet.",
}


class Lane(QWidget):
    """One runner. Its canvas is set in one size of type, so that two lanes can be compared."""

    def __init__(self, knobs: QWidget | None = None) -> None:
        """`knobs` of its own stand beside its name."""
        super().__init__()
        self.canvas, self._knobs = Canvas(), knobs
        self._name, self._state = QLabel(), QLabel()
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

    def set_numbers(self, numbers: Mapping[str, str]) -> None:
        """Texts by the names of MEASURES; what is left out is not known yet."""
        for name, label in self._numbers.items():
            label.setText(numbers.get(name, NOTHING))

    def show_frame(
        self, frame: Frame | None, previous: Frame | None = None, finished: Sequence[np.ndarray] = ()
    ) -> None:
        """A frame, as Canvas takes it. The one that is on show already costs nothing."""
        if frame is None or frame is not self._frame:
            self._frame = frame
            self.canvas.show_frame(frame, previous, finished)

    def _place(self) -> None:
        column, head, grid = QVBoxLayout(self), QHBoxLayout(), QGridLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head.addWidget(self._name)
        head.addStretch(1)
        if self._knobs:
            head.addWidget(self._knobs)
            head.addSpacing(4)
        head.addWidget(self._state, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        for at, (name, label) in enumerate(self._numbers.items()):
            label.setFont(font())  # digits of one width
            label.setStyleSheet("font-size: 16px; font-weight: 600;")
            words = QLabel(name)
            words.setProperty("role", "legend")
            for row, part in enumerate((label, words)):
                describe(part, name, MEASURES[name])
                grid.addWidget(part, row, at)
            grid.setColumnStretch(at, 1)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(self.canvas, 1)


class Track(QWidget):
    """Two lanes with a common clock: the transport counts hundredths of seconds."""

    leave_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.decoding = DecodingLine()
        self.lanes = (Lane(), Lane(self.decoding))
        self.transport = Transport(clock=True)
        self._heading, self._verdict = QLabel(), QLabel()
        self._heading.setProperty("role", "legend")
        self._heading.hide()
        self._verdict.setStyleSheet("font-size: 16px; font-weight: 600;")
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._verdict.setWordWrap(True)
        self._verdict.setMinimumHeight(44)
        self._leave = QPushButton("Leave the race")
        self._leave.setProperty("role", "quiet")
        self._leave.setFixedHeight(28)
        describe(
            self._leave, "Leave the race", "Back to one canvas (Esc). Run makes another race as long as you stay."
        )
        self._leave.clicked.connect(self.leave_wished)
        self._place()

    def set_verdict(self, sentence: str) -> None:
        self._verdict.setText(sentence)

    def strip(self, heading: str) -> None:
        """For a picture: a heading, and nothing to click on."""
        for control in (self.decoding, self.transport, self._leave):
            control.hide()
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
            row.addWidget(lane, 1)
        foot.setSpacing(8)
        foot.addWidget(self.transport, 1)
        foot.addWidget(self._leave)
        column.addWidget(self._heading)
        column.addLayout(row, 1)
        column.addWidget(self._verdict)
        column.addLayout(foot)
