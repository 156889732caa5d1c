"""Versus: two runs on screen, A and B, held together by steps, by their clocks, or by the share that is done.

B may still be written: what the session runs while this is on screen takes its place. Knows no window.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.run.clock import Clock
from app.run.duo import Duo
from app.run.session import Session
from app.run.timeline import LINES, Timeline
from app.words import ending, kind
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.sides import LOCKS, Sides
from widgets.status import Status
from widgets.transport import SECONDS, SHARES, STEPS

UNITS = {"step": STEPS, "clock": SECONDS, "share": SHARES}
READING = "Reading the prompt\u2026"


class Versus(QObject):
    """Owns the playhead and the widget that show two runs, from the wish to compare until it is left."""

    switched = Signal()  # two runs are shown, or were left
    moved = Signal()  # others, or other frames of them, are on screen

    def __init__(self, session: Session, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.player = Sides(), Clock(self)
        self.shown, self._lock = False, "step"
        self._session, self._status = session, status
        self.duo = Duo(self.view, self._grows)
        self._wire()

    def _wire(self) -> None:
        player, view, transport = self.player, self.view, self.view.transport
        player.obey(transport)
        connections = [
            (transport.speed_chosen, player.set_speed),
            (view.lock_chosen, self.set_lock),
            (view.swap_wished, self.swap),
            (view.blink_wished, self.blink),
            (view.leave_wished, self.leave),
            (player.moved, self._show),
            (player.changed, self._show_playhead),
            (self._session.grew, self._grew),
            (self._session.ended, self._ended),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    # Wishes

    def compare(self, a: Recording, b: Recording) -> None:
        """Show two runs side by side, as they ended. One may be the run that goes on: then it is B."""
        if a is b or not a.frames or not (b.frames or self._grows(b)):
            return self._status.say("There are no two texts to compare yet.", "info")
        a, b = (b, a) if self._grows(a) else (a, b)
        self._open(a)
        self._take(b)
        return None

    def hold(self, a: Recording) -> None:
        """Keep a run as A: what runs next becomes B."""
        self._open(a)
        self.duo.side("B").canvas.set_message(READING)
        self.duo.show([len(a.frames) - 1, -1])
        self.moved.emit()

    def swap(self) -> None:
        """Left becomes right."""
        if self.shown:
            self.duo.swap()
            self._show(self.player.index)

    def blink(self) -> None:
        """Both in one place, one after the other, or side by side again."""
        if self.shown:
            self.view.set_blink(not self.view.blinking)

    def next_lock(self) -> None:
        """Hold both together by the next of the three."""
        if self.shown:
            names = list(LOCKS)[: 2 if self._grows(self.runs.get("B")) else 3]
            self.set_lock(names[(names.index(self._lock) + 1) % len(names)])

    def set_lock(self, name: str) -> None:
        """Hold both together by a key of LOCKS, at the place that is on screen."""
        self._lock = name
        self.view.set_lock(name)
        if not self.shown or "B" not in self.runs:
            return
        old, index = self.player.recording, self.player.index
        ended = index >= self.player.last
        self._line()
        most = max(range(2), key=lambda at: len(old.runs[at].frames))
        now = old.at(index)[most]
        line = self.player.recording
        places = (at for at in range(len(line.frames)) if line.at(at)[most] >= now)
        live = self.player.live
        self.player.seek(self.player.last if ended else next(places, 0))
        if live:
            self.player.go_live()

    def leave(self) -> None:
        """Back to the one canvas, as it was."""
        if self.shown:
            self.shown = False
            self.player.begin(None, None)  # a run that goes on goes on
            self.view.set_blink(False)
            self.switched.emit()
            if recording := self._session.recording:
                self._status.say(ending(recording) if recording.outcome else "Running.", kind(recording))

    @property
    def runs(self) -> dict[str, Recording]:
        """By letter; B is missing as long as it is waited for."""
        return self.duo.runs

    @property
    def line(self) -> Timeline | None:
        """What holds both together, once both are over."""
        over = self.shown and "B" in self.runs and not self._grows(self.runs["B"]) and self.runs["B"].frames
        return self.player.recording if over else None

    @property
    def waits(self) -> bool:
        """Whether there is no B yet."""
        return self.shown and "B" not in self.runs

    @property
    def newest(self) -> Recording:
        """B, or A as long as there is no other."""
        return self.runs.get("B", self.runs["A"])

    def seen(self) -> list[tuple[Recording, int, Canvas]]:
        """The recordings on screen, which of their frames, and where."""
        at = self.player.recording.at(self.player.index) if "B" in self.runs else [len(self.runs["A"].frames) - 1]
        return [
            (self.runs[letter], index, self.duo.side(letter).canvas)
            for letter, index in zip("AB", at, strict=False)
        ]

    # What is shown

    def _open(self, a: Recording) -> None:
        self.duo.begin(a)
        if not self.shown:
            self.shown = True
            self.switched.emit()

    def _take(self, b: Recording) -> None:
        """B is another one now; it may still be written."""
        self.duo.take(b)
        gate = self._session.live if self._grows(b) else None
        if gate is not None and self._lock == "share":
            self._lock = "step"
            self.view.set_lock("step")
        self._line()
        self.player.begin(self.player.recording, gate)
        if gate is None:
            self.player.seek(self.player.last)

    def _line(self) -> None:
        """Another way of holding both together."""
        line, b = LINES[self._lock], self.runs["B"]
        self.view.transport.set_units(UNITS[self._lock])
        self.view.allow_share(not self._grows(b))
        self.player.set_speed(0.0)
        self.player.recording = line([self.runs["A"], b], b if self._grows(b) else None)

    def _grows(self, run: Recording | None) -> bool:
        session = self._session
        return run is not None and not run.outcome and run is session.recording and session.live is not None

    def begin(self) -> None:
        """There is another run, or recording: one that is written takes the place of B."""
        if self.shown and self._session.live is not None:
            self.duo.side("B").canvas.set_message(READING)
            self._take(self._session.recording)

    def _grew(self) -> None:
        if self.shown and self._grows(self.runs.get("B")):
            self.player.recording.grow()
            self.player.grew()

    def _ended(self) -> None:
        """B is whole: now it is known where both end."""
        b = self.runs.get("B")
        if not self.shown or b is not self._session.recording or self._session.replaced:
            return
        speed = self.player.speed
        self.duo.renew()
        if not b.frames:
            self.duo.side("B").canvas.set_message(ending(b))
        self._line()
        self.player.finish()
        self.player.set_speed(speed)
        self.view.transport.set_speed(speed)
        self._show(self.player.index)

    def _show(self, index: int) -> None:
        if self.shown and "B" in self.runs and self.player.recording is not None:
            self.duo.show(self.player.recording.at(index))
            self.moved.emit()
            self._show_playhead()

    def set_coloured(self, on: bool) -> None:
        """Whether words have the colour of their surprise: then it is told what that is."""
        self.duo.coloured = on
        self.refresh()

    def refresh(self) -> None:
        """What is known of the texts has changed."""
        self._show(self.player.index)

    def _show_playhead(self) -> None:
        player = self.player
        if self.shown and player.recording is not None:
            shown = max(player.index, 0), player.last + 1, player.playing, player.live
            self.view.transport.set_state(*shown, self._most())

    def _most(self) -> int:
        """Steps that there may be at most, of both; 0 where all are there, or nobody knows."""
        a, b = self.runs["A"], self.runs.get("B")
        if not self._grows(b) or self._lock != "step" or b.settings.proofread:
            return 0
        return max(len(a.frames), b.settings.steps * b.settings.canvases)
