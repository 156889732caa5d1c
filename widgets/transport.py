"""Transport: play, step, scrub, speed and Live, for one playhead. Units: what it counts. ViewSwitch: prose or grid.

Knows no player: it shows the state it is given and sends wishes; the state changes when the answer comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from widgets.controls import Combo, IconButton, Slider, describe
from widgets.segments import Segments

SPEEDS = {f"{n} step{'s' * (n > 1)}/s": float(n) for n in (1, 2, 5, 10, 20)} | {"real time": 0.0}
KEY = "Space, or Ctrl+Space while typing"
LEAST, HIGH = (108, 64), 28  # pixels: the width of the readout, in a narrow transport too, and its height
NARROW = 600  # pixels: a transport narrower than this has no buttons for the first and the last step


def _steps(index: int, count: int, most: int) -> str:
    shown = min(index + 1, count)
    return f"{shown:,} of at most {most:,}" if most > count else f"{shown:,} / {count:,}"


def _seconds(index: int, count: int, most: int) -> str:
    return f"{index / 100:.2f} / {(count - 1) / 100:.2f} s"


def _share(index: int, count: int, most: int) -> str:
    return f"{index / max(1, count - 1):.0%} done"


class Units(NamedTuple):
    """What indices count: the speeds that are offered, in indices a second, and how a place is told."""

    speeds: Mapping[str, float]  # the last one is 0: as fast as it was computed
    told: Callable[[int, int, int], str]  # of an index, how many there are, and may be


STEPS = Units(SPEEDS, _steps)  # over all canvases
CLOCK = {"1/10 speed": 10.0, "1/4 speed": 25.0, "1/2 speed": 50.0, "real time": 0.0}  # in hundredths of seconds
SECONDS = Units(CLOCK, _seconds)
SHARES = Units(SPEEDS, _share)  # from the first step to the last


class Transport(QWidget):
    """The bar under the canvas. Indices count from 0 what the units say."""

    played = Signal()
    paused = Signal()
    stepped = Signal(int)  # -1 or 1
    sought = Signal(int)
    speed_chosen = Signal(float)  # steps a second; 0: as fast as it was computed
    live_chosen = Signal()
    branch_wished = Signal()  # go on from the step that is shown

    def __init__(self, units: Units = STEPS, grows: bool = True, branches: bool = True) -> None:
        """`grows`: there may be more than was seen; `branches`: a run can be gone on with from what is shown."""
        super().__init__()
        self._count, self._most, self._playing, self._proofread = 0, 0, False, 0
        self._units, self._least = units, LEAST[0]
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for button in self._buttons():
            line.addWidget(button)
        self._branch.setVisible(branches)
        line.addSpacing(4)
        line.addWidget(self._scrub_bar(), 1)
        line.addWidget(self._readout())
        line.addSpacing(8)
        line.addWidget(self._speeds())
        line.addSpacing(4)
        line.addWidget(self._live_pill())
        self._live.setVisible(grows)
        self.set_units(units)
        self.set_state(0, 0, False, True)

    def resizeEvent(self, event) -> None:
        """In a narrow window the bar has the room of what it can do itself."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        for button in (self._first, self._last):
            button.setVisible(not narrow)
        self._least = LEAST[narrow]
        self._make_room()

    def set_units(self, units: Units) -> None:
        """Count something else, at the speed at which it was computed. No signal."""
        self._units = units
        self._speed.blockSignals(True)
        self._speed.clear()
        self._speed.addItems(list(units.speeds))
        self._speed.setCurrentText("real time")
        self._speed.blockSignals(False)

    def set_state(self, index: int, count: int, playing: bool, live: bool, most: int = 0) -> None:
        """Shows step `index` of `count` (no steps yet: 0 of 0), and of `most` that may come. No signal."""
        if playing != self._playing:
            self._play.set_icon(*(("pause", f"Pause ({KEY})") if playing else ("play", f"Play ({KEY})")))
        self._count, self._most, self._playing = count, most, playing
        self._show_scrub(index, count)
        self._make_room()
        self._label.setText(self._place_of(index))
        self._live.setChecked(live and playing)  # a run that is paused stands still
        self._enable(index, count, live)

    def set_speed(self, speed: float) -> None:
        """Shows a speed in steps a second, 0 for real time; the nearest that is offered. No signal."""
        offered = list(self._units.speeds.values())
        nearest = min(offered[:-1], key=lambda other: abs(other - speed)) if speed > 0 else 0.0
        self._speed.blockSignals(True)
        self._speed.setCurrentIndex(offered.index(nearest))
        self._speed.blockSignals(False)

    def set_boundaries(self, indices: list[int], proofread: Sequence[int] = ()) -> None:
        """Marks the first steps of the canvases on the scrub bar, and all that are proofreading."""
        self._proofread = len(proofread)
        self._scrub.set_marks(index for index in indices if index > 0)
        self._scrub.set_lined(proofread)

    def _make_room(self) -> None:
        """The readout has the size of its longest text: else each step would lay out the window."""
        wide = self._label.fontMetrics().horizontalAdvance(self._place_of(self._count - 1))
        self._label.setFixedSize(max(self._least, wide), HIGH)

    def _place_of(self, index: int) -> str:
        count = self._count
        if not count:
            return "– / –"
        if self._proofread:
            return f"{min(index + 1, count):,} / {count - self._proofread:,} + {self._proofread:,}"
        return self._units.told(index, count, self._most)

    def _show_scrub(self, index: int, count: int) -> None:
        if self._scrub.isSliderDown():  # the hand on it is ahead of the state
            return
        self._scrub.blockSignals(True)
        self._scrub.set_reach(max(0, count - 1))
        self._scrub.setRange(0, max(0, count - 1, self._most - 1))
        self._scrub.setValue(index)
        self._scrub.blockSignals(False)
        self._scrub.update()

    def _enable(self, index: int, count: int, live: bool) -> None:
        for button in (self._first, self._back):
            button.setEnabled(index > 0)
        self._forward.setEnabled(count > 0 and (index < count - 1 or live))  # live: one more step is computed
        self._last.setEnabled(index < count - 1)
        self._play.setEnabled(count > 0)
        self._branch.setEnabled(count > 0 and not live)
        self._scrub.setEnabled(count > 0)

    def _buttons(self) -> list[IconButton]:
        self._first = IconButton("first", "First step (Ctrl+Home)")
        self._back = IconButton("back", "One step back (Ctrl+Left)")
        self._play = IconButton("play", f"Play ({KEY})", side=36, role="accent")
        self._forward = IconButton("forward", "One step forward (Ctrl+Right)")
        self._last = IconButton("last", "Last step")
        self._first.clicked.connect(lambda: self.sought.emit(0))
        self._back.clicked.connect(lambda: self.stepped.emit(-1))
        self._play.clicked.connect(lambda: (self.paused if self._playing else self.played).emit())
        self._forward.clicked.connect(lambda: self.stepped.emit(1))
        self._last.clicked.connect(lambda: self.sought.emit(self._count - 1))
        self._branch = IconButton("branch", "Go on from here, as a branch (Ctrl+J)")
        self._branch.clicked.connect(self.branch_wished)
        return [self._first, self._back, self._play, self._forward, self._last, self._branch]

    def _scrub_bar(self) -> Slider:
        self._scrub = Slider()
        self._scrub.setMinimumWidth(56)
        self._scrub.words = self._place_of
        describe(self._scrub, "Step", "Go to any step. Marks: a new canvas begins. A line below: proofreading.")
        self._scrub.valueChanged.connect(self.sought)
        return self._scrub

    def _readout(self) -> QLabel:
        self._label = QLabel()
        self._label.setProperty("role", "value")
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        describe(self._label, "Step shown", "The step that is shown, of the steps + those of proofreading.")
        return self._label

    def _speeds(self) -> Combo:
        self._speed = Combo()
        self._speed.setFixedSize(96, HIGH)
        describe(self._speed, "Playing speed", "How fast steps are shown. Real time: as they were computed.")
        self._speed.currentTextChanged.connect(lambda text: self.speed_chosen.emit(self._units.speeds[text]))
        return self._speed

    def _live_pill(self) -> QPushButton:
        self._live = QPushButton("Live")
        self._live.setProperty("role", "pill")
        self._live.setCheckable(True)
        self._live.setFixedHeight(HIGH)
        describe(self._live, "Live", "Stay with the newest step (Ctrl+End).")
        self._live.clicked.connect(self._wish_live)
        return self._live

    def _wish_live(self) -> None:
        self._live.setChecked(True)  # left by seeking, not by a second click
        self.live_chosen.emit()


class ViewSwitch(Segments):
    """The canvas as prose, as a grid, or as what suits the moment."""

    VIEWS: ClassVar = {
        "prose": "The canvas as flowing text.",
        "auto": "A grid while it is written, flowing text once it is done.",
        "grid": "The canvas as a board of cells.",
    }

    def __init__(self) -> None:
        super().__init__(self.VIEWS, "view")
        self.set_view("auto")

    def set_view(self, name: str) -> None:
        """Shows which view is on. No signal."""
        self.choose(name)
