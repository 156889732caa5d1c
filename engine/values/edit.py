"""Edit: what a hand does to cells of a canvas, from a step on. Knows no torch and no words, only ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

CHOICES = 16  # most ids that a cell can be limited to
WORDS = 16  # most words that may stand anywhere within some cells, in one edit

Near = tuple[int, int, tuple[int, ...]]  # the first and the last of some cells, and the ids of words within them


class EditError(ValueError):
    """An edit that cannot be. Its message is one sentence."""


@dataclass(frozen=True)
class Edit:
    """Applied before step `step` of canvas `canvas`, in the order of the fields: what comes later wins.

    A cell is *free* (the model decides), *limited* (it decides among some ids) or *pinned* (it keeps one id). Words
    that are `near` are put on cells that are free: the frame tells of them as pins, of the edit that it was given
    nothing else. Raises EditError on numbers that can be no cell and no id.
    """

    canvas: int = 0
    step: int = 0
    free: tuple[int, ...] = ()  # cells that are let go
    melt: tuple[int, ...] = ()  # cells that are let go, hold noise again, and forget what was thought of them
    put: tuple[tuple[int, int], ...] = ()  # cells and the ids that they hold now, but may lose
    limits: tuple[tuple[int, tuple[int, ...]], ...] = ()  # cells and the ids that they may become
    pins: tuple[tuple[int, int], ...] = ()  # cells and the ids that they keep
    near: tuple[Near, ...] = ()  # words to be pinned somewhere within some cells, where the model likes them

    def __post_init__(self) -> None:
        numbers = [
            self.canvas,
            self.step,
            *self.free,
            *self.melt,
            *(n for pair in self.put + self.pins for n in pair),
        ]
        numbers += [number for cell, ids in self.limits for number in (cell, *ids)]
        numbers += [number for first, last, ids in self.near for number in (first, last, *ids)]
        if not all(type(number) is int and 0 <= number < 2**31 for number in numbers):
            raise EditError("An edit names cells and tokens by whole numbers from 0.")
        if not all(0 < len(ids) <= CHOICES for _, ids in self.limits):
            raise EditError(f"A cell can be limited to 1 to {CHOICES} tokens.")
        if len(self.near) > WORDS:
            raise EditError(f"{WORDS} words at most can be put near a place at once.")
        for first, last, ids in self.near:
            if not 0 < len(ids) <= last - first + 1:
                raise EditError(f"{len(ids)} tokens do not fit into the cells from {first} to {last}.")

    @property
    def cells(self) -> set[int]:
        """All cells that it touches, or may."""
        within = (range(first, last + 1) for first, last, _ in self.near)
        told = (cell for cell, _ in self.put + self.limits + self.pins)
        return {*self.free, *self.melt, *told, *(cell for cells in within for cell in cells)}

    @property
    def ids(self) -> set[int]:
        """All ids that it names."""
        chosen = {id for _, ids in self.limits for id in ids}
        chosen |= {id for _, _, ids in self.near for id in ids}
        return chosen | {id for _, id in self.put + self.pins}

    def fits(self, cells: int, vocabulary: int) -> Edit:
        """Itself, if a canvas has those cells and a vocabulary of that size its ids. Raises EditError if not."""
        if self.cells and max(self.cells) >= cells:
            raise EditError(f"An edit names cell {max(self.cells)}, but a canvas has {cells} cells.")
        if self.ids and max(self.ids) >= vocabulary:
            raise EditError(f"An edit names token {max(self.ids)}, but the model knows {vocabulary}.")
        return self

    def to_list(self) -> list[Any]:
        """Its fields in their order, as JSON has them, but for words that have no place yet: no frame has them."""
        return [getattr(self, field.name) for field in fields(self) if field.name != "near"]

    @classmethod
    def from_list(cls, values: Iterable[Any]) -> Edit:
        """What `to_list` made, back from JSON. Raises ValueError or TypeError on anything else."""
        canvas, step, free, melt, put, limits, pins = values
        return cls(canvas, step, tuple(free), tuple(melt), _pairs(put), _limits(limits), _pairs(pins))


def pinned(ids: Mapping[int, int], canvas: int = 0, step: int = 0) -> Edit:
    """Pins cells to ids, from a step on."""
    return Edit(canvas, step, pins=tuple(sorted(ids.items())))


def _pairs(values: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((cell, id) for cell, id in values)


def _limits(values: Iterable[tuple[int, Iterable[int]]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    return tuple((cell, tuple(ids)) for cell, ids in values)
