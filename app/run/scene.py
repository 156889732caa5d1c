"""Scene: how the lanes of a race stand at a moment, shown in a Track: the one on screen, or one for a picture.

Knows no playhead and no session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.steps import race
from engine.steps.race import Lane
from engine.values.metrics import accepted
from widgets.lane import Track

REPLAY = "Replay: both lanes at once, each as fast as it was."
NAMES = {"some": "any", "first": "first"}  # of the words that could be read
# What an empty canvas says of a lane that runs, or in the replay, and of one that will run.
READING, WAITING = "Reading the prompt\u2026", "Runs next, alone, so that neither slows the other."


class Scene:
    """Puts lanes into a Track. Both are sized for a canvas of `cells`."""

    def __init__(self, view: Track, lanes: Sequence[Lane], cells: int) -> None:
        self.view, self.lanes, self.cells = view, lanes, cells
        self._found: list[dict[str, Any]] = []
        for lane, shown in zip(lanes, view.lanes, strict=True):
            shown.set_name(lane.name)
            shown.canvas.set_lane(cells)
            shown.canvas.set_lexicon(lane.recording.lexicon)
            shown.show_frame(None)
            shown.set_numbers({})
        view.set_verdict("The lanes run one after the other; then both are replayed at once.")

    def finish(self) -> None:
        """Both lanes are over: what was measured of them is known now."""
        self._found = [race.result(lane) for lane in self.lanes]
        last = [lane.recording.frames[-1] for lane in self.lanes if lane.recording.frames]
        for shown in self.view.lanes:
            shown.canvas.set_message(READING)
            shown.canvas.set_readings(last if len(last) == len(self.lanes) else ())

    def follow(self) -> None:
        """Show the newest frame of every lane, and which of them runs."""
        turn = next((at for at, lane in enumerate(self.lanes) if not lane.recording.outcome), None)
        for at, (lane, shown) in enumerate(zip(self.lanes, self.view.lanes, strict=True)):
            outcome, waits = lane.recording.outcome, turn is not None and at > turn
            shown.canvas.set_message(WAITING if waits else READING if at == turn else "Did not run.")
            shown.set_state("waits" if waits else _state(outcome))
            self._show_lane(at, len(lane.recording.frames) - 1, lane.seconds, bool(outcome))

    def show(self, now: float) -> None:
        """Show both lanes as they stood `now` seconds after they began."""
        order = sorted(self.lanes, key=lambda lane: lane.seconds)
        for at, (lane, shown) in enumerate(zip(self.lanes, self.view.lanes, strict=True)):
            over = now >= lane.seconds
            self._show_lane(at, lane.at(now), min(now, lane.seconds), over)
            shown.set_state(
                ("won" if self._won(lane, order) else "finished") if over else "", over and self._won(lane, order)
            )
        self.view.set_verdict(
            self._so_far(now, order), race.meaning(self.lanes) if now >= order[-1].seconds else ""
        )

    def _won(self, lane: Lane, order: Sequence[Lane]) -> bool:
        """Whether a lane was first, by more than chance."""
        return lane is order[0] and order[-1].seconds >= race.DEAD_HEAT * order[0].seconds

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
            frame, still = recording.frames[index], not self._found  # a lane that runs has the time drawing takes
            shown.show_frame(frame, recording.previous(index), recording.finished(index), still)
        else:
            shown.show_frame(None)
        shown.set_numbers(self._numbers(at, index, now, over))
        quality = (self._found[at]["quality"] if self._found and over else None) or {}
        shown.set_quality(quality.get("nats"), quality.get("seams"))
        written = accepted(recording.frames[index], recording.lexicon) if index >= 0 else 0
        shown.set_progress(written, recording.text_tokens() if recording.outcome else 0)

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


def _state(outcome: str) -> str:
    """How a lane stands that runs, or ran and is not replayed."""
    return {"": "runs", "finished": "finished", "stopped": "stopped"}.get(outcome, "failed")
