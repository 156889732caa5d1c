"""Race: two lanes on screen: live while they run one after the other, then replayed together by their clocks.

Knows no model: the session has lanes that grow, or they are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.clock import TICKS, Clock, Timeline
from app.session import Session
from engine import race
from engine.race import Lane
from widgets.lane import Track
from widgets.status import Status

FOLLOW_MS = 100  # between two looks at a lane that runs: few, as drawing takes time from it
REPLAY = "Replay: both lanes at once, each as fast as it was."
NAMES = {"some": "any", "first": "first"}  # of the words that could be read
# What an empty canvas says of a lane that runs, or in the replay, and of one that will run.
READING, WAITING = "Reading the prompt\u2026", "Runs next, alone, so that neither slows the other."


class Race(QObject):
    """Owns the playhead and the widget that show a race, from its beginning until it is left."""

    switched = Signal()  # a race is shown, or was left

    def __init__(self, session: Session, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.player = Track(), Clock(self)
        self.shown = False
        self._session, self._status = session, status
        self.lanes: Sequence[Lane] = ()
        self._found: list[dict[str, Any]] = []
        self._timer = QTimer(self, interval=FOLLOW_MS)
        self._wire()

    def _wire(self) -> None:
        player, transport = self.player, self.view.transport
        connections = [
            (transport.played, player.play),
            (transport.paused, player.pause),
            (transport.stepped, player.step),
            (transport.sought, player.seek),
            (transport.speed_chosen, player.set_speed),
            (player.moved, self._show_moment),
            (player.changed, self._show_playhead),
            (self._timer.timeout, self._follow),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def begin(self) -> None:
        """Follow the session's lanes, which run one after the other. Both are sized for a canvas of the model."""
        self.lanes, self._found = self._session.lanes, []
        self.shown = True
        self.switched.emit()
        self.player.begin(None, None)
        for lane, shown in zip(self.lanes, self.view.lanes, strict=True):
            shown.set_name(lane.name)
            shown.canvas.set_lane(self._session.model.length)
            shown.canvas.set_lexicon(lane.recording.lexicon)
            shown.show_frame(None)
            shown.set_numbers({})
        self.view.set_verdict("The lanes run one after the other; then both are replayed at once.")
        self._timer.start()
        self._follow()
        self._status.say("Racing.", "info")

    def end(self) -> None:
        """The lanes are over: replay them, unless they were stopped."""
        self._timer.stop()
        self._found = [race.result(lane) for lane in self.lanes]
        outcomes = {lane.recording.outcome for lane in self.lanes}
        if outcomes == {"finished"}:
            self._status.say("The race is over: both lanes are replayed by their own clocks.", "info")
            return self._replay()
        if outcomes <= {"finished", "stopped"}:
            self._status.say("The race was stopped by you.", "info")
        self.view.set_verdict(race.verdict(self.lanes))
        return self._follow()

    def _replay(self) -> None:
        for shown in self.view.lanes:
            shown.canvas.set_message(READING)
        self.player.begin(Timeline(self.lanes), None)
        self.player.seek(0)
        self.player.play()

    def leave(self) -> None:
        """Back to the one canvas, as it was. A race that goes on is stopped."""
        if self.shown:
            self._session.stop()
            self.player.pause()
            self.shown = False
            self.switched.emit()

    def set_candidates(self, count: int) -> None:
        for shown in self.view.lanes:
            shown.canvas.set_candidates(count)

    def _follow(self) -> None:
        """Show the newest frame of every lane, and which of them runs."""
        turn = next((at for at, lane in enumerate(self.lanes) if not lane.recording.outcome), None)
        for at, (lane, shown) in enumerate(zip(self.lanes, self.view.lanes, strict=True)):
            outcome, waits = lane.recording.outcome, turn is not None and at > turn
            shown.canvas.set_message(WAITING if waits else READING if at == turn else "Did not run.")
            shown.set_state("waits" if waits else _state(outcome))
            self._show_lane(at, len(lane.recording.frames) - 1, lane.seconds, bool(outcome))

    def _show_moment(self, index: int) -> None:
        """Show both lanes as they stood at one moment of their clocks."""
        now = index / TICKS
        order = sorted(self.lanes, key=lambda lane: lane.seconds)
        for at, (lane, shown) in enumerate(zip(self.lanes, self.view.lanes, strict=True)):
            over = now >= lane.seconds
            self._show_lane(at, lane.at(now), min(now, lane.seconds), over)
            shown.set_state(
                ("first" if lane is order[0] else "finished") if over else "", over and lane is order[0]
            )
        self.view.set_verdict(self._so_far(now, order))
        self._show_playhead()

    def _so_far(self, now: float, order: Sequence[Lane]) -> str:
        """What can be said at a moment: the verdict not before both are there."""
        if now >= order[-1].seconds:
            return race.verdict(self.lanes)
        first = order[0]
        return f"{first.name} has finished, after {first.seconds:.2f} s." if now >= first.seconds else REPLAY

    def _show_lane(self, at: int, index: int, now: float, over: bool) -> None:
        lane, shown = self.lanes[at], self.view.lanes[at]
        recording = lane.recording
        if index >= 0:
            shown.show_frame(recording.frames[index], recording.previous(index), recording.finished(index))
        else:
            shown.show_frame(None)
        shown.set_numbers(self._numbers(at, index, now, over))

    def _numbers(self, at: int, index: int, now: float, over: bool) -> dict[str, str]:
        """What was measured of a lane up to `now`, as it is shown. What is not known by then is left out."""
        passes = self.lanes[at].passes(index)
        numbers = {"seconds": f"{now:.2f}"} | ({} if passes is None else {"passes": f"{passes:,}"})
        found = self._found[at] if self._found else {}
        for name in ("some", "first"):
            when = found.get(f"{name}_words_seconds")
            if when is not None and when <= now:
                numbers[f"{NAMES[name]} {race.WORDS} words"] = f"{when:.2f} s"
        if over and found.get("text_tok_s"):
            numbers["tokens/s"] = f"{found['text_tok_s']:,.0f}"
        return numbers

    def _show_playhead(self) -> None:
        player = self.player
        self.view.transport.set_state(max(player.index, 0), player.last + 1, player.playing, False)


def _state(outcome: str) -> str:
    """How a lane stands that runs, or ran and is not replayed."""
    return {"": "runs", "finished": "finished", "stopped": "stopped"}.get(outcome, "failed")
