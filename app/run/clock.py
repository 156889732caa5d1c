"""Clock: one playhead for several recordings, whose frame is a moment of a Timeline. Knows no widget."""

from __future__ import annotations

from app.run.player import Player


class Clock(Player):
    """The playhead of a Timeline. One step is to the next frame of any of its runs."""

    def step(self, delta: int) -> None:
        if self._gate is not None and delta > 0 and self.index >= self.last:
            super().step(delta)
        elif self.recording is not None:
            self.seek(self.recording.step(self.index, delta))

    def _interval(self) -> float:
        return super()._interval() if self.recording is not None and self.recording.paced else 0.0
