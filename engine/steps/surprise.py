"""Surprise: a finished text under the same weights read from left to right: what is odd in it, where it has seams.

One causal pass. Knows no steps, and nothing of who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.values.frame import Lexicon
from engine.values.quality import Quality, written

ROWS = 64  # of logits at a time: 67 MB with a vocabulary of 262,144


class Causal(Protocol):
    """What a model must do to be read from left to right."""

    device: torch.device

    def read(self, ids: Sequence[int], cache: Any = None) -> tuple[Tensor, Any]: ...
    def head(self, hidden: Tensor) -> Tensor: ...


@torch.inference_mode()
def surprise(reader: Causal, context: Sequence[int], text: Sequence[int]) -> Tensor:
    """Nats [n] of each of the n ids of `text` behind `context` (at least one id): -log p(id | all before it), at
    temperature 1."""
    if not len(text):
        return torch.zeros(0, device=reader.device)
    begin, ids = len(context) - 1, [*context, *text]
    hidden = reader.read(ids[:-1])[0][begin:]
    wanted = torch.tensor(ids[begin + 1 :], device=reader.device)
    parts = zip(hidden.split(ROWS), wanted.split(ROWS), strict=True)
    return torch.cat([cross_entropy(reader.head(rows), right, reduction="none") for rows, right in parts])


def quality(reader: Causal, lexicon: Lexicon, prompt: Sequence[int], ids: np.ndarray) -> Quality:
    """The surprise of the text on all canvases, `ids` [C], behind a prompt of those ids."""
    cells = written(lexicon, ids)
    nats = np.full(len(ids), np.nan, np.float32)
    nats[cells] = surprise(reader, prompt, ids[cells].tolist()).cpu().numpy()
    return Quality(nats)
