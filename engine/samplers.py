"""Which cells a step accepts: small pure functions of how sure the model is of every cell.

All share one signature, `(entropy, top, settings, step) -> held`: `entropy` float32 [C] in nats of the
temperature-shaped distribution, `top` float32 [C] the probability of its likeliest token, `held` bool [C].
Every one accepts at least one cell. Knows nothing of tokens, canvases or models.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import torch
from torch import Tensor

from engine.settings import SAMPLERS as NAMES
from engine.settings import Settings

Sampler = Callable[[Tensor, Tensor, Settings, int], Tensor]


def entropy_bound(entropy: Tensor, top: Tensor, settings: Settings, step: int) -> Tensor:
    """The surest cells, while the entropies before them sum to at most `settings.entropy_bound` nats.

    Source: Ben-Hamu et al., "Accelerated Sampling from Masked Diffusion Models via Entropy Bounded Unmasking"
    (arXiv 2505.24857), as in EntropyBoundSampler of transformers' generation_diffusion_gemma.py.
    """
    ascending, order = torch.sort(entropy)
    before = torch.cumsum(ascending, dim=-1) - ascending
    return torch.zeros_like(entropy, dtype=torch.bool).scatter(0, order, before <= settings.entropy_bound)


def confidence(entropy: Tensor, top: Tensor, settings: Settings, step: int) -> Tensor:
    """The cells whose likeliest token has at least probability `settings.accept_above`, and the surest."""
    return (top >= settings.accept_above) | _surest(top.neg(), 1)


def linear_quota(entropy: Tensor, top: Tensor, settings: Settings, step: int) -> Tensor:
    """The surest cells by entropy: the share `(step + 1) / settings.steps` of the canvas, rounded up."""
    return _surest(entropy, ceil(entropy.numel() * min(step + 1, settings.steps) / settings.steps))


def _surest(doubt: Tensor, count: int) -> Tensor:
    """bool [C]: exactly `count` cells of least doubt, the earlier of two equal ones first."""
    order = torch.sort(doubt, stable=True).indices
    held = torch.zeros_like(doubt, dtype=torch.bool)
    held[order[:count]] = True
    return held


SAMPLERS: dict[str, Sampler] = dict(zip(NAMES, (entropy_bound, confidence, linear_quota), strict=True))
