"""Seat: where words stand that may stand anywhere within some cells: where the model likes them best.

It is decided once, before the step of their edit, by one look at the canvas as it is then. A word is liked at a
place by the product of the probabilities of its tokens there, at temperature 1. Knows no canvas, step or hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.steps.readout import Head
from engine.values.edit import EditError, Near

ROWS = 32  # of logits at a time: 34 MB with a vocabulary of 262,144

Cells = dict[int, int]  # cells, and the ids that they are to hold


def seat(near: Sequence[Near], taken: np.ndarray, hidden: Tensor, head: Head) -> Cells:
    """The words of `near` on cells that are not `taken` [C], by the hidden states [C, d] of a look.

    Every word has its place within its cells, whatever the model likes. Raises EditError if not all have room.
    """
    taken, found = taken.copy(), {}
    if not _all_have_room(near, taken):
        raise EditError("There is no room for all of these words: give them more cells.")
    ids = sorted({id for _, _, word in near for id in word})
    likes = liking(hidden, head, ids)
    for at, one in enumerate(near):
        word = one[2]
        nats = likes[:, [ids.index(id) for id in word]]
        starts = _starts(one, taken)
        best = sorted(starts, key=lambda start: -sum(nats[start + i, i] for i in range(len(word))))
        start = next(s for s in best if _all_have_room(near[at + 1 :], _with(taken, s, len(word))))
        taken = _with(taken, start, len(word))
        found |= dict(enumerate(word, start))
    return found


@torch.inference_mode()
def liking(hidden: Tensor, head: Head, ids: Sequence[int]) -> np.ndarray:
    """float32 [C, n]: the log probability of n ids in each cell, from the hidden states [C, d] of a look."""
    parts = []
    for rows in hidden.split(ROWS):
        logits = head(rows)
        parts.append(logits[:, list(ids)] - logits.logsumexp(-1, keepdim=True))
    return torch.cat(parts).float().cpu().numpy()


def _starts(one: Near, taken: np.ndarray) -> list[int]:
    """The cells from which on there is room for a word."""
    first, last, word = one
    spans = range(first, min(last + 1, len(taken)) - len(word) + 1)
    return [start for start in spans if not taken[start : start + len(word)].any()]


def _with(taken: np.ndarray, start: int, count: int) -> np.ndarray:
    taken = taken.copy()
    taken[start : start + count] = True
    return taken


def _all_have_room(near: Sequence[Near], taken: np.ndarray) -> bool:
    """Whether all words fit, each as far to the left as it goes, those first whose cells end first.

    Where it says so of some words, it says so of all but one of them, too, beside that one in its place: so whoever
    puts one word after the other, and asks every time, comes to an end.
    """
    for one in sorted(near, key=lambda one: (one[1], one[0])):
        starts = _starts(one, taken)
        if not starts:
            return False
        taken = _with(taken, starts[0], len(one[2]))
    return True
