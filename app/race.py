"""Race: two lanes on screen: live while they run one after the other, then replayed together by their clocks.

Knows no model and no session: the lanes grow, or they are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QTimer

from app.player import Player
from engine import race
from engine.race import Lane
from widgets.lane import Track

TICKS = 100  # a second, of the common clock
FOLLOW_MS = 100  # between two looks at a lane that runs: few, as drawing takes time from it
REPLAY = "Replay: both lanes at once, each as fast as it was."
NAMES = {"some": "any", "first": "first"}  # of the words that could be read
# What an empty canvas says of a lane that runs, or in the replay, and of one that will run.
READING, WAITING = "Reading the prompt\u2026", "Runs next, alone, so that neither slows the other."


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


class Race(QObject):
    """Owns the playhead and the widget that show a race."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.player = Track(), Clock(self)
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

    def begin(self, lanes: Sequence[Lane], cells: int) -> None:
        """Follow lanes that run one after the other. `cells` are those of a canvas: both are sized for so many."""
        self.lanes, self._found = lanes, []
        self.player.begin(None, None)
        for lane, shown in zip(lanes, self.view.lanes, strict=True):
            shown.set_name(lane.name)
            shown.canvas.set_lane(cells)
            shown.canvas.set_lexicon(lane.recording.lexicon)
            shown.show_frame(None)
            shown.set_numbers({})
        self.view.set_verdict("The lanes run one after the other; then both are replayed at once.")
        self._timer.start()
        self._follow()

    def end(self) -> None:
        """The lanes are over: replay them, unless they were stopped."""
        self._timer.stop()
        self._found = [race.result(lane) for lane in self.lanes]
        if any(lane.recording.outcome != "finished" for lane in self.lanes):
            self.view.set_verdict(race.verdict(self.lanes))
            return self._follow()
        for shown in self.view.lanes:
            shown.canvas.set_message(READING)
        self.player.begin(Timeline(self.lanes), None)
        self.player.seek(0)
        return self.player.play()

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


def _behind(seconds: float) -> int:
    """The first moment behind a time, however it is rounded."""
    return int(seconds * TICKS) + 1


def _state(outcome: str) -> str:
    """How a lane stands that runs, or ran and is not replayed."""
    return {"": "runs", "finished": "finished", "stopped": "stopped"}.get(outcome, "failed")
