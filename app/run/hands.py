"""Hands: what a wish of a person makes of the text on screen, as an Edit. Pure: knows no window and no session.

An edit is about a frame: on a run that goes on it comes before the next step, elsewhere it begins a branch. Where
the canvas of that frame has ended, there is no next step: `anew` makes it the beginning of another canvas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from engine.values.edit import Edit
from engine.values.frame import Frame, Lexicon
from engine.values.recording import Recording
from engine.values.words.blanks import escaped

Pins = dict[int, int]
Limits = dict[int, tuple[int, ...]]
Waiting = Mapping[int, int | None]  # pins that no frame has yet; None: to be let go


class Force(NamedTuple):
    """What hands hold on a canvas: cells and the ids that they keep, cells and the ids that they may become."""

    pins: Pins
    limits: Limits


def in_force(recording: Recording, index: int) -> Force:
    """What holds in frame `index`, by all edits of its canvas until then."""
    pins: Pins = {}
    limits: Limits = {}
    canvas = recording.frames[index].canvas
    for at, frame in enumerate(recording.frames[: index + 1]):
        for edit in _by_hand(recording, at) if frame.canvas == canvas else ():
            gone = {*edit.free, *edit.melt}
            pins = {cell: id for cell, id in pins.items() if cell not in gone} | dict(edit.pins)
            limits = {cell: ids for cell, ids in limits.items() if cell not in gone} | dict(edit.limits)
    return Force(pins, limits)


def _by_hand(recording: Recording, index: int) -> tuple[Edit, ...]:
    """The edits of a frame, without the one that begins a round of proofreading, which is the last."""
    before, edits = recording.previous(index), recording.frames[index].edits
    return edits[:-1] if before is not None and before.stop else edits


def some(cells: Sequence[int], share: float, seed: int) -> tuple[int, ...]:
    """A share of some cells, at least one, drawn by a seed."""
    count = max(1, round(share * len(cells)))
    return tuple(sorted(Random(seed).sample(list(cells), min(count, len(cells)))))


def change(waiting: Waiting, melt: Iterable[int] = (), pins: Mapping[int, int] | None = None) -> Edit:
    """An edit of pins that wait, cells to melt, and pins of now, which win."""
    free = tuple(sorted(cell for cell, id in waiting.items() if id is None))
    held = {cell: id for cell, id in waiting.items() if id is not None} | dict(pins or {})
    melted = tuple(sorted(set(melt) - set(held)))
    return Edit(free=free, melt=melted, pins=tuple(sorted(held.items())))


def alone(frame: Frame, force: Force, pins: Pins, waiting: Waiting) -> Edit:
    """Only some cells stay, pinned: all others become noise, but those that are pinned already."""
    still = {cell for cell, id in force.pins.items() if waiting.get(cell, id) is not None}
    return change(waiting, set(range(len(frame.ids))) - set(pins) - still, pins)


def written(cells: Sequence[int], ids: Sequence[int], waiting: Waiting) -> Edit:
    """Other words from the first of some cells on, pinned: those cells that are left over become noise."""
    return change(waiting, cells[len(ids) :], dict(enumerate(ids, cells[0])))


def spliced(frame: Frame, force: Force, cells: Sequence[int], ids: Sequence[int], waiting: Waiting) -> Edit:
    """Other words in the place of some cells, pinned; what stands behind moves up or down, its pins with it."""
    first, behind, moved = cells[0], cells[-1] + 1, len(ids) - len(cells)
    shown = frame.shown.tolist()
    whole = [*shown[:first], *ids, *shown[behind:], *[shown[-1]] * -moved][: len(shown)]
    held = force.pins | {cell: id for cell, id in waiting.items() if id is not None}
    gone = {cell for cell in {*force.pins, *force.limits, *waiting} if cell >= first}
    gone |= {cell for cell, id in waiting.items() if id is None}
    pins = {cell: id for cell, id in held.items() if cell not in gone}
    pins |= {cell + moved: id for cell, id in held.items() if cell >= behind and waiting.get(cell, id) is not None}
    pins |= dict(enumerate(ids, first))
    pins = {cell: id for cell, id in pins.items() if cell < len(shown)}
    put = tuple((cell, whole[cell]) for cell in range(first, len(shown)) if cell not in pins)
    return Edit(free=tuple(sorted(gone)), put=put, pins=tuple(sorted(pins.items())))


def anew(frame: Frame, force: Force, edit: Edit) -> Edit:
    """An edit of a canvas that has ended, as the beginning of another one: all that it does not touch is put."""
    gone = {*edit.free, *edit.melt}
    pins = {cell: id for cell, id in force.pins.items() if cell not in gone} | dict(edit.pins)
    limits = {cell: ids for cell, ids in force.limits.items() if cell not in gone} | dict(edit.limits)
    shown = dict(enumerate(frame.shown.tolist())) | dict(edit.put)
    put = {cell: id for cell, id in shown.items() if cell not in edit.melt and cell not in pins}
    return Edit(
        melt=edit.melt,
        put=tuple(sorted(put.items())),
        limits=tuple(sorted(limits.items())),
        pins=tuple(sorted(pins.items())),
    )


def with_gap(lexicon: Lexicon, frame: Frame, cells: Sequence[int]) -> str:
    """The text of a frame as people type it, with a gap where some cells are."""
    end = lexicon.end(frame.guess)
    first, last = (lexicon.text(part) for part in (frame.guess[: cells[0]], frame.guess[cells[-1] + 1 : end]))
    space = " " if lexicon.piece(frame.guess[cells[0]]).startswith(" ") else ""
    gap = "___" if len(cells) == 1 else f"[{len(cells)}]"
    return f"{escaped(first)}{space}{gap}{escaped(last)}"
