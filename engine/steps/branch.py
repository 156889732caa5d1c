"""Branch: a recording that is gone on with, from a moment that was kept or by its steps computed again.

Knows no thread and no screen; no torch is imported until a branch runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.values.edit import Edit
from engine.values.frame import Frame, StepError
from engine.values.recording import Recording

if TYPE_CHECKING:
    from engine.steps.denoise import Ask, Edits
    from engine.steps.moment import Moment

KEPT = 4  # recordings whose moments are kept: 0.3 MB a step of the embedded model, 1.4 of the published one
Place = tuple[int, int]  # canvas and step


class Moments:
    """The moments of the newest runs, from which others can go on at once."""

    def __init__(self, recordings: int = KEPT) -> None:
        self._most = recordings
        self._of: dict[str, dict[Place, Moment]] = {}

    def keep(self, recording: Recording) -> Callable[[Moment], None]:
        """What `denoise` gives the moments of a recording. A branch has those of its parent from before it left."""
        left = following(recording)
        parent = self._of.get(recording.parent[0], {}) if recording.parent else {}
        own = self._of[recording.id] = {place: moment for place, moment in parent.items() if place <= left}
        for old in list(self._of)[: -self._most]:
            del self._of[old]

        def keep(moment: Moment) -> None:
            own[moment.canvas, moment.step] = moment

        return keep

    def next(self, recording: Recording) -> Moment | None:
        """The moment before the step that a recording has not got yet, if it was kept."""
        owners = (recording.id, recording.parent[0] if recording.parent else "")
        found = (self._of.get(owner, {}).get(following(recording)) for owner in owners)
        return next(filter(None, found), None)

    def clear(self) -> None:
        """Let all go: they are of another model."""
        self._of.clear()


def following(recording: Recording) -> Place:
    """The place of the step behind those that a recording has."""
    if not recording.frames:
        return 0, 0
    last = recording.frames[-1]
    return (last.canvas + 1, 0) if last.stop else (last.canvas, last.step + 1)


def go_on(
    model: Any, recording: Recording, ids: Sequence[int], ask: Ask, edits: Edits, moments: Moments | None = None
) -> Iterator[Frame]:
    """The frames behind those that a recording has, of a prompt of those `ids`. Those of an empty one: a whole run.

    Where no moment was kept, its steps are computed again first; StepError if that gives other tokens.
    """
    from engine.steps.denoise import denoise

    start, keep = moments and moments.next(recording), moments and moments.keep(recording)
    if start:
        return denoise(model, ids, ask, edits=edits, start=start, keep=keep)
    before = list(recording.frames)
    frames = denoise(model, ids, _knobs(recording, ask), edits=_hands(recording, edits), keep=keep)
    return _behind(frames, before)


def _knobs(recording: Recording, ask: Ask) -> Ask:
    """What was asked until then, and `ask` behind it."""
    first = recording.ask()
    return lambda canvas, step: first(canvas, step) or ask(canvas, step)


def _hands(recording: Recording, edits: Edits) -> Edits:
    places = {(frame.canvas, frame.step): frame.edits for frame in recording.frames}

    def hands(canvas: int, step: int) -> tuple[Edit, ...]:
        return places[canvas, step] if (canvas, step) in places else edits(canvas, step)

    return hands


def _behind(frames: Iterator[Frame], before: list[Frame]) -> Iterator[Frame]:
    """The frames behind those that a recording has, on its clock: what was computed again took another time."""
    late = 0.0
    for old, frame in zip(before, frames, strict=False):
        late = old.seconds - frame.seconds
        if not np.array_equal(old.ids, frame.ids):
            raise StepError(
                "The steps of this recording come out differently here, so nothing can go on from them: "
                "use the model and the device that made it."
            )
    for frame in frames:
        yield replace(frame, seconds=frame.seconds + late) if late else frame
