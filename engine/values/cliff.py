"""Cliff: the fewest steps whose text is still as good as with the most steps of a sweep, and how sure that is.

For every step count the surprise of its texts is compared with that of the most steps, noise by noise: the mean of
the differences, and the upper end of its one-sided 95 % interval by Student's t. "As good" is not "not proved to be
worse": the upper end has to be below MARGIN, so too few seeds give no answer rather than a bold one. No torch.

Source: the paired test of non-inferiority, as in Walker and Nowacki, "Understanding Equivalence and Noninferiority
Testing" (J Gen Intern Med 26(2), 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import fmean, stdev
from typing import Any, NamedTuple

from engine.values.grid import Grid
from engine.values.settings import counted, knobs

MARGIN = 0.5  # nats a token: what still counts as the same; where texts break they lose several
LEAST = 3  # seeds that say anything
# Student's t, 95 % one-sided, for 1, 2, ... degrees of freedom; the normal distribution's behind them.
T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753)
T95 += (1.746, 1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697)
NORMAL = 1.645


class Evidence(NamedTuple):
    """One step count against the most steps."""

    steps: int
    worse: float  # nats a token by which it surprises more, a mean over the seeds
    upper: float  # the end of the interval of that mean
    seeds: int


class Cliff(NamedTuple):
    """In one row (or column) of a sweep: what beside the steps is the same."""

    beside: dict[str, Any]  # the value of the other knob; empty if there is none
    steps: int | None  # the fewest that are as good as the most, and so are all between; None: nothing shows it
    most: int
    evidence: tuple[Evidence, ...]  # from many steps to few

    def told(self) -> dict[str, Any]:
        """The same for JSON."""
        rows = [row._asdict() | {"worse": round(row.worse, 4), "upper": _known(row.upper)} for row in self.evidence]
        return {**self.beside, "steps": self.steps, "of": self.most, "margin": MARGIN, "evidence": rows}

    def proof(self) -> str:
        """The evidence for people, in one line; "" where there is none."""
        rows = [
            f"{row.steps}: {row.worse:+.2f} (at most {row.upper:+.2f})" for row in self.evidence if row.seeds > 1
        ]
        return f"Nats a token more than with {self.most} steps: {',  '.join(rows)}" if rows else ""

    def sentence(self) -> str:
        """The same for people."""
        where = "".join(f"{knobs()[name].label} {value}: " for name, value in self.beside.items())
        seeds = self.evidence[0].seeds if self.evidence else 0
        if seeds < LEAST:
            return f"How few steps are enough takes at least {LEAST} draws to tell."
        if self.steps is None:
            nothing = f"{where}nothing" if where else "Nothing"
            return f"{nothing} below {self.most} steps is shown to be as good, with {counted(seeds, 'seed')}."
        row = next(row for row in self.evidence if row.steps == self.steps)
        return (
            f"{where}{self.steps} steps are as good as {self.most}: {row.worse:+.2f} nats a token, at most "
            f"{row.upper:+.2f} (paired over {counted(seeds, 'seed')}, 95 %; below {MARGIN} counts as the same)."
        )


def sentences(grid: Grid) -> list[str]:
    """What is said of all cliffs of a sweep, nothing twice."""
    return list(dict.fromkeys(cliff.sentence() for cliff in cliffs(grid)))


def cliffs(grid: Grid) -> list[Cliff]:
    """The cliff of every line of a sweep along its steps; none if no axis has them."""
    if all(axis.name != "steps" for axis in grid.axes):
        return []
    others = [axis for axis in grid.axes if axis.name != "steps"]
    return [cliff(grid, line) for line in (range(len(others[0].values)) if others else [0])]


def line_of(grid: Grid, x: int, y: int) -> int | None:
    """The line along the steps that a cell is in, None if no axis has them."""
    names = [axis.name for axis in grid.axes]
    return (x, y)[1 - names.index("steps")] if "steps" in names else None


def cliff(grid: Grid, line: int) -> Cliff:
    """That of one line of a sweep along its steps."""
    along = [axis.name for axis in grid.axes].index("steps")
    others = [axis for axis in grid.axes if axis.name != "steps"]
    return _cliff(grid, along, line, {others[0].name: others[0].values[line]} if others else {})


def _cliff(grid: Grid, along: int, line: int, beside: dict[str, Any]) -> Cliff:
    counts = grid.axes[along].values
    order = sorted(range(len(counts)), key=lambda at: -counts[at])
    nats = {at: _nats(grid, (at, line) if along == 0 else (line, at)) for at in order}
    evidence = [_compare(counts[at], nats[at], nats[order[0]]) for at in order[1:]]
    evidence = [row for row in evidence if row is not None]
    steps = None
    for row in evidence:
        if row.seeds < LEAST or row.upper > MARGIN:
            break
        steps = row.steps
    return Cliff(beside, steps, counts[order[0]], tuple(evidence))


def _known(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 4) if isfinite(value) else None


def _nats(grid: Grid, cell: tuple[int, int]) -> dict[int, float]:
    """Of a cell's finished texts by draw."""
    places = ((*cell, draw) for draw in range(grid.draws))
    return {place[2]: grid.qualities[place].mean for place in places if place in grid.qualities}


def _compare(steps: int, few: dict[int, float], most: dict[int, float]) -> Evidence | None:
    pairs = [few[draw] - most[draw] for draw in few.keys() & most.keys()]
    return Evidence(steps, *bound(pairs), len(pairs)) if pairs else None


def bound(differences: Sequence[float]) -> tuple[float, float]:
    """The mean of some differences, and the upper end of its one-sided 95 % interval; infinity for a single one."""
    mean, many = fmean(differences), len(differences)
    if many < 2:
        return mean, float("inf")
    student = T95[many - 2] if many - 2 < len(T95) else NORMAL
    return mean, mean + student * stdev(differences) / sqrt(many)
