"""Player: which frame of the recording is on screen now. Live is pinned to the end of a recording that grows.

The playhead is derived from a monotonic clock, never from counted ticks. Knows no widget.
"""

from __future__ import annotations

from bisect import bisect_right
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.values.handoff import Gate
from engine.values.recording import Recording

TICK_MS = 16


class Player(QObject):
    """Plays a recording. At the live end of a run, pause, step and speed act on the denoiser itself."""

    moved = Signal(int)  # the index of the frame to show
    changed = Signal()  # playing, live, or the number of frames

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recording: Recording | None = None
        self.index = -1
        self.playing = False
        self.live = False
        self.speed = 0.0  # steps per second, 0 is real time
        self._gate: Gate | None = None
        self._anchor = (0.0, 0.0)  # clock and position when playing began
        self._seen = 0
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def obey(self, transport: Any) -> None:
        """Let whatever has the signals of a Transport steer it; of the speed others may want to know first."""
        transport.played.connect(self.play)
        transport.paused.connect(self.pause)
        transport.stepped.connect(self.step)
        transport.sought.connect(self.seek)
        transport.live_chosen.connect(self.go_live)

    @property
    def held(self) -> bool:
        """Whether the denoiser waits to be let on."""
        return self._gate is not None and self._gate.paused

    @property
    def last(self) -> int:
        return len(self.recording.frames) - 1 if self.recording else -1

    @property
    def plays(self) -> bool:
        """Whether there is something to be played."""
        return self.last >= 0

    def begin(self, recording: Recording, gate: Gate | None) -> None:
        """A new recording: live while a gate says that it still grows, else at its end."""
        self.recording, self._gate = recording, gate
        self.index, self._seen = -1, 0
        self.live = self.playing = gate is not None
        if gate is not None:
            gate.pace(self._interval())
            self._timer.start()
        self.changed.emit()

    def grew(self) -> None:
        """There are more frames: the next tick shows them, however many came."""
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """The recording will not grow any more."""
        self._gate = None
        if self.live:
            self.live = self.playing = False
            self._go(self.last)
        self.changed.emit()

    def play(self) -> None:
        """Go on from here, or from the start when at the end. Where nothing was written, nothing plays."""
        if self.last < 0 and self._gate is None:
            return
        self.playing = True
        if self._gate is not None and (self.live or self.index >= self.last):
            self.live = True
            self._gate.resume()
        else:
            if self.index >= self.last:
                self._go(0)
            self._drop_anchor()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Hold here. At the live end the denoiser holds, too, before its next step."""
        self.playing = False
        if self.live and self._gate is not None:
            self._gate.pause()
        self.changed.emit()

    def toggle(self) -> None:
        self.pause() if self.playing else self.play()

    def step(self, delta: int) -> None:
        """Move by whole frames. One forward from the live end lets the denoiser do one more step."""
        if self._gate is not None and delta > 0 and self.index >= self.last:
            self.live, self.playing = True, False
            if not self._gate.paused:
                self._gate.pause()
            self._gate.step()
            self._timer.start()
            self.changed.emit()
        else:
            self.seek(self.index + delta)

    def back(self) -> None:
        self.step(-1)

    def forward(self) -> None:
        self.step(1)

    def first(self) -> None:
        self.seek(0)

    def seek(self, index: int) -> None:
        """Show a frame and stay there. What runs goes on running."""
        if self.last < 0:
            return
        stood, was = not (self.live or self.playing), self.index
        self.live = self.playing = False
        self._go(min(max(index, 0), self.last))
        if not stood or self.index == was:
            self.changed.emit()

    def go_live(self) -> None:
        """Pin the screen to the newest frame."""
        if self._gate is not None:
            self.live = self.playing = True
            self._gate.resume()
            self._timer.start()
        self._go(self.last)
        self.changed.emit()

    def set_speed(self, steps_per_second: float) -> None:
        self.speed = steps_per_second
        self._drop_anchor()
        if self._gate is not None:
            self._gate.pace(self._interval())
        self.changed.emit()

    def _interval(self) -> float:
        return 1 / self.speed if self.speed else 0.0

    def _drop_anchor(self) -> None:
        self._anchor = (monotonic(), self._position(self.index))

    def _position(self, index: int) -> float:
        """Where a frame stands on the axis of play: its index, or its engine time in real time."""
        if self.speed or not 0 <= index <= self.last:
            return float(max(index, 0))
        return self.recording.frames[index].seconds

    def _tick(self) -> None:
        if self._seen != self.last:
            self._seen = self.last
            self.changed.emit()
        if self.live:
            self._go(self.last)
        elif self.playing:
            self._play_on()
        elif self._gate is None:
            self._timer.stop()

    def _play_on(self) -> None:
        clock, start = self._anchor
        now = start + (monotonic() - clock) * (self.speed or 1.0)
        if self.speed:
            self._go(min(int(now), self.last))
        else:
            self._go(max(0, bisect_right(self.recording.frames, now, key=lambda frame: frame.seconds) - 1))
        if self.index >= self.last:
            self._arrive()

    def _arrive(self) -> None:
        """Played up to the newest frame: go live if more will come."""
        self.live = self.playing = self._gate is not None
        if self._gate is not None:
            self._gate.resume()
        self.changed.emit()

    def _go(self, index: int) -> None:
        if index != self.index and index >= 0:
            self.index = index
            self.moved.emit(index)
