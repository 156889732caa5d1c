"""Which cells a step accepts: small pure functions of how sure the model is of every cell.

All share one signature, `(entropy, top, settings, step) -> held`: `entropy` float32 [C] in nats of the
temperature-shaped distribution, `top` float32 [C, K >= 2] the probabilities of its likeliest tokens, falling, and
`held` bool [C].
Cells that are no question have infinite entropy and no probability: none of them counts, and whoever asks leaves
them out of what is accepted. Of the others every sampler accepts at least one. It takes numbers of `settings` and
the step as 0-dim tensors, too, so that they can change on a device that nobody waits for. Knows nothing of tokens,
canvases or models.

Left out after a try with the embedded model, on 24 prompts that its training never saw (seams in 100 tokens, nats a
token, passes of the decoder; the entropy bound has 4.0, 0.85 in 20, and 4.5, 0.96 in 17 of at most 24):

- discrete DDIM, the exact posterior of uniform noise (Austin et al., "Structured Denoising Diffusion Models in
  Discrete State-Spaces", arXiv 2107.03006): a cell takes its draw, keeps what it holds, or takes noise, by what
  becomes of each from one level of noise to the next: 6.7, 1.31 in 24; at temperature 0 7.5, 1.48. Chance decides
  which cells move, where doubt decides for the bound.
- the leave-one-out corrector (Gourevitch et al., "Uniform Diffusion Models Revisited: Leave-One-Out Denoiser and
  Absorbing State Reformulation", arXiv 2605.22765): passes that draw the least sure cells anew, from what the model
  thinks of them less what their own token tells it, its odds divided by 1 + V level / (1 - level). With one such
  pass of eight cells behind each of its steps DDIM has 6.0, 1.19 in 47. The bound gains nothing: 4.4, 0.95 in 29
  with eight of them behind it; 4.1, 0.86 if they are colder.
- blocks of 32 cells from left to right, accepted above 0.9 (on 6 texts: 1.88 nats in 44; the bound 0.78 in 18).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.values.settings import SAMPLERS as NAMES
from engine.values.settings import Settings

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
    return (top[:, 0] >= settings.accept_above) | _surest(top[:, 0].neg(), 1)


def margin(entropy: Tensor, top: Tensor, settings: Settings, step: int) -> Tensor:
    """The cells whose likeliest token leads the second by at least `settings.accept_above`, and the clearest.

    Source: the top probability margin of Kim et al., "Train for the Worst, Plan for the Best: Understanding Token
    Ordering in Masked Diffusions" (arXiv 2502.06768), as a threshold.
    """
    lead = (top[:, 0] - top[:, 1]).masked_fill(entropy.isinf(), -1.0)
    return (lead >= settings.accept_above) | _surest(lead.neg(), 1)


def linear_quota(entropy: Tensor, top: Tensor, settings: Settings, step: int) -> Tensor:
    """The surest cells by entropy: the share `(step + 1) / settings.steps` of the canvas, rounded up."""
    return _surest(entropy, -(-entropy.isfinite().sum() * (step + 1) // settings.steps))


def _surest(doubt: Tensor, count: int | Tensor) -> Tensor:
    """bool [C]: the `count` cells of least doubt, the earlier of two equal ones first; all if there are no more."""
    order = torch.sort(doubt, stable=True).indices
    rank = torch.arange(doubt.numel(), device=doubt.device)
    return torch.zeros_like(doubt, dtype=torch.bool).scatter(0, order, rank < count)


SAMPLERS: dict[str, Sampler] = dict(zip(NAMES, (entropy_bound, confidence, linear_quota, margin), strict=True))
