"""A DiffusionGemma's norms as one operation each: the stock ones are up to nine, more than half of all in a step.

A graphics card spends longer on beginning such small operations than on doing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from torch import Tensor
from torch.nn.functional import rms_norm


def use(model: Any) -> None:
    """Let the norms of a DiffusionGemma be quick. What they give stays the same to the last bit on a CPU."""
    stock, quick = _kinds()
    for module in model.modules():
        if type(module) is stock:
            module.__class__ = quick


@contextmanager
def stock(model: Any) -> Iterator[None]:
    """Within it, `model` has transformers' own norms: to be measured as it is."""
    plain, quick = _kinds()
    changed = [module for module in model.modules() if type(module) is quick]
    for module in changed:
        module.__class__ = plain
    try:
        yield
    finally:
        for module in changed:
            module.__class__ = quick


@cache
def _kinds() -> tuple[type, type]:
    """Transformers' norm, and ours, which is one, too."""
    from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaRMSNorm

    class Norm(DiffusionGemmaRMSNorm):
        def forward(self, hidden_states: Tensor) -> Tensor:
            return rms_norm(
                hidden_states, hidden_states.shape[-1:], self.weight if self.with_scale else None, self.eps
            )

    return DiffusionGemmaRMSNorm, Norm
