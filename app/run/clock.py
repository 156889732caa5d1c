"""Clock: one playhead for both lanes of a race: the moments of a common time, and which of them show something new.

Knows no widget.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.run.player import Player
from engine.steps.race import Lane

TICKS = 100  # a second, of the common clock


class Tick(NamedTuple):
    """A moment of the common clock."""

    seconds: float


class Timeline:
    """What a Player needs of a recording: moments, hundredths of seconds apart, and where a lane has a frame."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        times = {_behind(frame.seconds) for lane in lanes for frame in lane.recording.frames}
        self._steps = sorted({0, *times})
        self.frames = [Tick(at / TICKS) for at in range(self._steps[-1] + 1)]

    def step(self, index: int, delta: int) -> int:
        """The moment nearest to `index` at which some lane shows another frame, before it or behind it."""
        if delta > 0:
            return next((step for step in self._steps if step > index), self._steps[-1])
        return next((step for step in reversed(self._steps) if step < index), 0)


class Clock(Player):
    """The playhead of both lanes. One step is to the next frame of either."""

    def step(self, delta: int) -> None:
        if self.recording is not None:
            self.seek(self.recording.step(self.index, delta))


def _behind(seconds: float) -> int:
    """The first moment behind a time, however it is rounded."""
    return int(seconds * TICKS) + 1
