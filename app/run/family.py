"""Family: the recordings of this session, by their ids, and who branched off whom. Knows no Qt and no model."""

from __future__ import annotations

from typing import NamedTuple

from app.run.hands import in_force
from app.words import short
from engine.values.recording import Recording
from engine.values.settings import counted, knobs

SHORT = 24  # signs of the words that a description quotes

MOST = 48  # recordings that are kept: about a megabyte each


class Member(NamedTuple):
    """A recording of a family: who it branched off, by place in the list; how many steps both have."""

    recording: Recording
    parent: int | None
    common: int


class Family:
    """The newest recordings. One that others branched off goes last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[str, Recording] = {}  # the newest last

    def add(self, recording: Recording) -> None:
        """A recording that is on screen now."""
        self._known.setdefault(recording.id, recording)
        spare = [id for id in self._known if id not in {member.recording.id for member in self.of(recording)}]
        for id in (spare or list(self._known)[1:])[: max(0, len(self._known) - self._most)]:
            del self._known[id]

    def parent(self, recording: Recording | None) -> Recording | None:
        """The recording that it branched off, if it is still there."""
        return self._known.get(recording.parent[0]) if recording is not None and recording.parent else None

    def generation(self, recording: Recording) -> int:
        """How many branches lead to it."""
        parent, count = self.parent(recording), 0
        while parent is not None:
            parent, count = self.parent(parent), count + 1
        return count

    def of(self, recording: Recording) -> list[Member]:
        """All that have an ancestor in common with a recording, the eldest first."""
        root = self._root(recording)
        known = [other for other in self._known.values() if self._root(other) is root]
        place = {other.id: at for at, other in enumerate(known)}
        return [
            Member(
                other, place.get(other.parent[0]) if other.parent else None, other.parent[1] if other.parent else 0
            )
            for other in known
        ]

    def _root(self, recording: Recording) -> Recording:
        while (parent := self.parent(recording)) is not None:
            recording = parent
        return recording


def done(recording: Recording, parent: Recording | None) -> str:
    """In a few words, what a recording began with that its parent had not."""
    if parent is None:
        return "first run"
    common = recording.parent[1]
    if len(recording.frames) <= common:
        return "…"
    frame = recording.frames[common]
    before = parent.frames[common - 1] if common else parent.frames[-1]
    held = in_force(parent, common - 1 if common else len(parent.frames) - 1).pins
    pins = {cell: id for edit in frame.edits for cell, id in edit.pins if held.get(cell) != id}
    melted = {cell for edit in frame.edits for cell in edit.melt}
    parts = [f"step {frame.step + 1}"] if common else []
    parts += [f"{counted(len(melted), 'cell')} melted"] if melted else []
    if pins:
        parts.append(f"“{short(recording.lexicon.text([pins[cell] for cell in sorted(pins)]), SHORT)}” pinned")
    moved = frame.settings.moved(before.settings)
    parts += [f"{knobs()[name].label} {value:g}" for name, value in moved.items() if knobs()[name].live and common]
    return " · ".join(parts or [f"went on with seed {frame.settings.seed}"])
