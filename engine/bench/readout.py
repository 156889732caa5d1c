"""`unnoise bench readout`: what a step does after the decoder, ours against transformers', on the same logits."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from engine.bench.turns import NEVER, RESTLESS, compare
from engine.steps.denoise import denoise
from engine.values.settings import Settings


def measure(
    vocabulary: int = 262_144, cells: int = 256, width: int = 64, device: str = "cpu", rounds: int = 3
) -> dict[str, Any]:
    """Milliseconds a step takes after the decoder: ours against transformers', on the same random logits.

    Transformers' side is its `_denoising_step` and, as in its decoder, the soft embedding; `width` is that of the
    embedding, kept small so that the matrix product, which is the same on both sides, does not hide the rest.
    """
    still, settings = Still(vocabulary, cells, width, torch.device(device)), replace(RESTLESS, steps=1)

    def ours() -> None:
        next(denoise(still, [0], lambda canvas, step: settings))

    sizes = {"bench": "readout", "vocabulary": vocabulary, "cells": cells, "width": width}
    return sizes | compare(ours, lambda: _stock_step(still, settings), still.device, rounds, 1)


class Still:
    """A Denoiser without a network: the same random logits in every step, so that only the readout costs time."""

    ends: frozenset[int] = frozenset()
    scale = 1.0

    def __init__(self, vocabulary: int, length: int, width: int, device: torch.device) -> None:
        random = torch.Generator(device).manual_seed(0)
        self.vocabulary, self.length, self.device = vocabulary, length, device
        self.logits = 4 * torch.randn(length, vocabulary, generator=random, device=device)
        self.embedding = torch.randn(vocabulary, width, generator=random, device=device)

    def prefill(self, ids: Any, cache: Any = None) -> None:
        return None

    def decode(self, canvas: Tensor, cache: Any, soft: Tensor | None) -> Tensor:
        return self.logits

    def head(self, hidden: Tensor) -> Tensor:
        return hidden.clone()

    def graph(self, length: int) -> None:
        return None


@torch.inference_mode()
def _stock_step(still: Still, settings: Settings) -> None:
    """One step by transformers' own code, but for the network."""
    from transformers.models.diffusion_gemma import generation_diffusion_gemma as stock

    shape = still.length, still.vocabulary, settings.steps
    sampler = stock.EntropyBoundSampler(stock.EntropyBoundSamplerConfig(settings.entropy_bound), *shape)
    schedule = stock.LinearTemperatureScheduleLogitsProcessor(settings.t_min, settings.t_max, settings.steps)
    canvas, logits = sampler.initialize_canvas(1, still.device), still.logits[None]
    host = SimpleNamespace(
        config=SimpleNamespace(text_config=SimpleNamespace(vocab_size=still.vocabulary)),
        model=SimpleNamespace(decoder=SimpleNamespace(embed_tokens=SimpleNamespace(weight=still.embedding))),
    )

    def forward(self_conditioning_logits: Tensor, **_: Any) -> SimpleNamespace:
        self_conditioning_logits.softmax(dim=-1, dtype=torch.float32) @ still.embedding * still.scale
        return SimpleNamespace(logits=logits)

    canvas, *_ = stock.DiffusionGemmaGenerationMixin._denoising_step(
        host,
        decoder_forward=forward,
        current_canvas=canvas,
        argmax_canvas=canvas,
        input_ids=canvas,
        decoder_position_ids=None,
        self_conditioning_logits=logits,
        mask_mapping=None,
        cache=None,
        finished_denoising=torch.zeros(1, dtype=torch.bool, device=still.device),
        cur_step=settings.steps,
        sampler=sampler,
        logits_processor=stock.LogitsProcessorList([schedule]),
        diffusion_stopping_criteria=stock.StableAndConfidentStoppingCriteria(settings.stability, NEVER),
    )
    canvas.cpu()
