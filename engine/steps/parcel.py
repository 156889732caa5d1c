"""Parcel: the arrays of one step as one tensor, one copy from the device a step. Knows no model and no loop."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.steps.readout import Readout

_WHOLE, _REAL = ("ids", "guess", "held", "top_ids"), ("entropy", "top_probs")


def pack(ids: Tensor, held: Tensor, seen: Readout, hidden: Tensor) -> Tensor:
    """int32 [n]: what a Frame keeps of C cells that now hold `ids` [C], one array behind the other.

    The entropy of a cell is NaN if anything of it is not finite, in `hidden` [C, d] or in what was read out of it.
    """
    whole = [ids, seen.guess, held, seen.top_ids]
    real = [marred(seen.entropy, hidden, seen.soft), seen.top_probs]
    return torch.cat(
        [part.flatten().to(torch.int32) for part in whole] + [part.flatten().view(torch.int32) for part in real]
    )


def marred(entropy: Tensor, *rows: Tensor) -> Tensor:
    """`entropy` [C] as it is, to the bit, but NaN where a row of [C, d] holds a NaN or an infinity.

    Logits hide that: soft capping makes numbers of infinities.
    """
    for row in rows:
        entropy = entropy + 0 * row.abs().amax(-1).to(entropy.dtype)
    return entropy


def sound(arrays: dict[str, np.ndarray]) -> bool:
    """Whether all that was unpacked is numbers."""
    return all(np.isfinite(arrays[name]).all() for name in _REAL)


def unpack(numbers: np.ndarray, cells: int) -> dict[str, np.ndarray]:
    """The arrays of a Frame by name, each a view of what `pack` made of `cells` cells."""
    top = len(numbers) // cells // 2 - 2  # candidates a cell: four arrays have one number a cell, two have `top`
    widths = [1, 1, 1, top, 1, top]
    parts = np.split(numbers, np.cumsum(widths)[:-1] * cells)
    wide = {"top_ids", "top_probs"}
    arrays = {
        name: part.reshape(cells, top) if name in wide else part
        for name, part in zip(_WHOLE + _REAL, parts, strict=True)
    }
    arrays |= {name: arrays[name].view(np.float32) for name in _REAL}
    return arrays | {"held": arrays["held"].astype(bool)}
