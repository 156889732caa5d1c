"""Hands: the edits that are in force on a canvas, as tensors of fixed shape, and what they make of a step.

Three tensors say it all, so a recorded CUDA step has them as buffers and is never recorded anew: which id a cell is
pinned to, which ids it is limited to, and whether it may end the text: not before a word that is pinned, or that
would be no part of it. Knows no loop and no model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.steps.readout import Readout
from engine.values.edit import CHOICES, Edit

NONE = -1  # no pin, no limit


class Hands:
    """Of a canvas of C cells whose text ends with one of `ends`.

    `pins` int64 [C], `limits` int64 [C, CHOICES] and `inner` bool [C] lie on the device and stay there.
    """

    def __init__(self, cells: int, device: torch.device, ends: Iterable[int] = ()) -> None:
        self.ends = torch.tensor(sorted(ends), dtype=torch.int64, device=device)
        self.inner = torch.zeros(cells, dtype=torch.bool, device=device)  # cells that no end may be in
        self.pins = torch.full((cells,), NONE, dtype=torch.int64, device=device)
        self.limits = torch.full((cells, CHOICES), NONE, dtype=torch.int64, device=device)
        self.pinned = np.zeros(cells, np.bool_)  # the same as pins >= 0, for the host
        self.limited = np.zeros(cells, np.bool_)
        self.goes_on = False  # the same as inner.any()

    def rest(self) -> None:
        """All cells are free: a canvas begins."""
        self.pins.fill_(NONE)
        self.limits.fill_(NONE)
        self.inner.zero_()
        self.pinned[:] = self.limited[:] = self.goes_on = False

    @torch.inference_mode()
    def set(self, pins: Tensor, limits: Tensor) -> None:
        """Be as at another time: `pins` [C] and `limits` [C, CHOICES] as they were then."""
        self.pins.copy_(pins)
        self.limits.copy_(limits)
        self._look()

    def _look(self) -> None:
        pins = self.pins.cpu().numpy()
        self.pinned, self.limited = pins >= 0, (self.limits >= 0).any(-1).cpu().numpy()
        ended = np.flatnonzero(np.isin(pins, self.ends.cpu().numpy()))
        words = np.flatnonzero(self.pinned[: ended[0] if ended.size else len(pins)])
        inner = np.arange(len(pins)) < (words[-1] if words.size else 0)
        self.inner.copy_(torch.from_numpy(inner))
        self.goes_on = bool(inner.any())

    def take(self, edits: Iterable[Edit]) -> None:
        """Let go, limit and pin as the edits say, one after the other."""
        pins, limits = self.pins.cpu().numpy().copy(), self.limits.cpu().numpy().copy()
        for edit in edits:
            gone = [*edit.free, *edit.melt]
            pins[gone], limits[gone] = NONE, NONE
            for cell, ids in edit.limits:
                pins[cell], limits[cell] = NONE, [*ids, *[NONE] * (CHOICES - len(ids))]
            for cell, id in edit.pins:
                pins[cell] = id
        self.pins.copy_(torch.from_numpy(pins))
        self.limits.copy_(torch.from_numpy(limits))
        self._look()

    @property
    def taken(self) -> np.ndarray:
        """bool [C]: no place for words: the cells that are pinned or limited, and those behind a pinned end."""
        behind = np.isin(self.pins.cpu().numpy(), self.ends.cpu().numpy()).cumsum() > 0
        return self.pinned | self.limited | behind

    def free(self) -> Tensor:
        """bool [C]: the cells that the model decides on."""
        return self.pins < 0

    def hold(self, cells: Tensor) -> Tensor:
        """int64 [C]: what a canvas holds, with the pinned cells holding their ids."""
        return torch.where(self.free(), cells, self.pins)

    def read(self, seen: Readout, embedding: Tensor, scale: float) -> Readout:
        """What the model thinks, with its pinned cells as certain of their ids as what is written in a prompt.

        Their entropy and candidates stay what was measured: how much the model would have liked something else.
        """
        sure = embedding[self.pins.clamp_min(0)] * scale
        soft = torch.where(self.free()[:, None], seen.soft, sure.to(seen.soft.dtype))
        return replace(seen, guess=self.hold(seen.guess), soft=soft)

    def open(self, seen: Readout) -> tuple[Tensor, Tensor]:
        """Entropy [C] and the likeliest probabilities [C, TOP], as a sampler is told them: pinned cells are no
        question."""
        free = self.free()
        return seen.entropy.masked_fill(~free, float("inf")), seen.top_probs.masked_fill(~free[:, None], 0.0)


def changed(
    edits: Iterable[Edit], cells: Tensor, noise: Tensor, soft: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """A canvas [C] and its soft embedding [C, d], with what edits melt (to `noise` [C]) and put, as new tensors."""
    cells, soft = cells.clone(), None if soft is None else soft.clone()
    for edit in edits:
        melted = torch.tensor(edit.melt, dtype=torch.int64, device=cells.device)
        cells[melted] = noise[melted]
        at, ids = torch.tensor(edit.put, dtype=torch.int64, device=cells.device).reshape(-1, 2).T
        cells[at] = ids
        if soft is not None:
            soft[melted], soft[at] = 0, 0
    return cells, soft
