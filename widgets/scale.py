"""Scale: from measured numbers to shares of a chart's height, and the round numbers that its labels stand at.

Knows no drawing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROUND = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)  # halves of these are short, too
PACES = (1, 1.2, 1.5, 1.6, 2, 2.4, 2.5, 3, 4, 5, 6, 8, 10)  # from one label of steps to the next: round to people
TOP = 1.04  # of the range: a line at the full height is seen whole


class Scale(NamedTuple):
    """The values at the floor and at the top of a chart, and where its axis has labels. `log`: they are log10."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Values as shares of the height, at most just above the top; NaN where there is no number."""
        values = np.asarray(values, float)
        known = np.isfinite(values) & ((values > 0) if self.log else True)
        plain = np.where(known, values, 1.0)
        placed = np.clip(((np.log10(plain) if self.log else plain) - self.low) / (self.high - self.low), 0, TOP)
        return np.where(known, placed, np.nan)


def nice(value: float) -> float:
    """The least round number, two figures at most, that is not below `value`; 1 for nonsense."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((factor * power for factor in ROUND if factor * power >= value * (1 - 1e-9)), 10 * power)


def pace(steps: int, most: int) -> int:
    """How many steps are from one label to the next, so that there are at most so many: a round number."""
    if steps <= most:
        return 1
    power = 10 ** (len(str(math.ceil(steps / most))) - 1)
    paces = (round(step * power) for step in PACES)
    return next(step for step in paces if step * most >= steps)


def linear(top: float, unit: str = "") -> Scale:
    """From 0 to `top`, with labels at both ends and half way; the unit, if there is one, stands for the 0."""
    return Scale(0.0, top, [(0.0, unit or "0"), (top / 2, f"{top / 2:,.4g}"), (top, f"{top:,.4g}")])


def decades(least: int, most: int) -> Scale:
    """From 10**least to 10**most, with a label at every power."""
    return Scale(least, most, [(power, f"{10.0**power:g}") for power in range(least, most + 1)], log=True)
