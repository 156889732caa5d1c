"""Moment: all that a run's next step depends on, so that another run can go on from there. Knows no loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Moment:
    """Before step `step` of canvas `canvas`, with C cells of d channels. All tensors lie in main memory.

    The context is kept as ids, in the parts in which it was read: read again so, it gives the same numbers.
    """

    canvas: int
    step: int
    chunks: tuple[Sequence[int], ...]
    cells: Tensor  # int64 [C], what the canvas holds
    soft: Tensor  # [C, d], what the model thought of it a step ago
    hands: tuple[Tensor, Tensor] | None  # the pins [C] and limits [C, L] in force; None: nobody has edited anything
    random: Tensor  # the state of the generator
    guesses: tuple[np.ndarray, ...]  # of the steps before, as far back as the stop rule looks
    seconds: float  # of work until then
