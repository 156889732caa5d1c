"""Findings: what a grid has found so far, in colours and words to be shown. Knows no session."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np

from engine.values.grid import Cell, Grid, Place
from engine.values.quality import LABEL
from engine.values.settings import counted
from widgets.square import DONE, RUNS, STOPPED, Square

At = tuple[int, int]  # column and row


class Colour(NamedTuple):
    """What cells are coloured by: a value of Cell, how it is written, and what it is."""

    value: str
    form: str
    help: str


COLOURS = {
    "steps": Colour("steps", "{:.0f} steps", "Steps that were taken."),
    "speed": Colour("tok_s", "{:,.0f} tok/s", "Tokens of the text, up to its end, per second."),
    "surprise": Colour("nats", "{:.2f} nats", f"How surprising a token is, in nats: {LABEL}."),
    "seams": Colour("seams", "{:.1%} seams", f"Share of tokens that are given less than 1 in 1,000: {LABEL}."),
    "agreement": Colour(
        "agreement", "{:.0%} the same", "Tokens that are those of the most careful cell, in order."
    ),
}


class Heat:
    """A table of one of COLOURS; without one, nothing is coloured."""

    def __init__(self, grid: Grid, name: str) -> None:
        self._colour = COLOURS.get(name)
        table = grid.known(self._colour.value) if self._colour else np.full(grid.size[::-1], np.nan)
        known = table[~np.isnan(table)]
        self._table, self._least, self._most = table, known.min(initial=np.inf), known.max(initial=-np.inf)

    @property
    def ends(self) -> tuple[str, str]:
        """The least and the largest in words; "" while there are none."""
        return ("", "") if self._least > self._most else (self._words(self._least), self._words(self._most))

    def at(self, at: At) -> dict[str, str | float]:
        """How a cell is coloured, as Square has it."""
        value = self._table[at[1], at[0]]
        if isnan(value):
            return {}
        span = self._most - self._least
        return {"value": self._words(value), "share": float((value - self._least) / span) if span else 0.0}

    def _words(self, value: float) -> str:
        return self._colour.form.format(value)


def square(grid: Grid, at: At, heat: Heat) -> Square:
    """A cell as it is shown: its first run; the one that goes on, if it is in that cell."""
    growing = running(grid)
    place = growing if growing is not None and growing[:2] == at else (*at, 0)
    run = grid.recordings.get(place)
    if run is None or not run.frames:
        return Square(RUNS if run is not None and not run.outcome else Square().state)
    frame, ready = run.frames[-1], (*at, 0) in grid.qualities
    cell = grid.cell(*at)
    if place == growing or cell is None:
        state, steps = STOPPED if run.outcome else RUNS, counted(len(run.frames), "step")
        words = [f"{steps} \u00b7 {frame.seconds:.2f} s"] if state == RUNS else [f"stopped \u00b7 {steps}"]
        return Square(state, frame, run.previous(len(run.frames) - 1), words, told=f"{state}, {steps}", ready=ready)
    return Square(DONE, frame, None, _words(cell), told=_told(grid, at, cell), ready=ready, **heat.at(at))


def running(grid: Grid) -> Place | None:
    """The place of the run that goes on."""
    newest = next(reversed(grid.recordings), None)
    return newest if newest is not None and not grid.recordings[newest].outcome else None


def summary(grid: Grid) -> str:
    """What a grid that is filled has taken."""
    steps, seconds = (sum(values) for values in list(zip(*grid.taken.values(), strict=True))[:2])
    kept = sum(frame.nbytes for run in grid.recordings.values() for frame in run.frames) / len(grid.taken)
    return (
        f"{counted(len(grid.taken), 'run')}, {steps:,} steps in {time(seconds)} \u00b7 "
        f"each takes {memory(kept)} of memory here; its steps are among the earlier runs"
    )


def _words(cell: Cell) -> list[str]:
    """What a cell took, in less and less room."""
    speed = [] if isnan(cell.tok_s) else [f"{cell.tok_s:,.0f}"]
    parts = (("steps", ".2f", " tok/s"), ("st", ".2f", " tok/s"), ("st", ".1f", "/s"))
    return [
        " \u00b7 ".join([f"{cell.steps:.0f} {noun}", f"{cell.seconds:{form}} s", *(each + unit for each in speed)])
        for noun, form, unit in parts
    ]


def _told(grid: Grid, at: At, cell: Cell) -> str:
    count = sum((*at, draw) in grid.qualities for draw in range(grid.draws))
    same = "" if isnan(cell.agreement) else f", {cell.agreement:.0%} as the most careful cell"
    return cell.in_words() + same + (f"; a mean of {counted(count, 'draw')}" if grid.draws > 1 else "")


def time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def memory(count: float) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} KB"
