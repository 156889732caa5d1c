"""Our step against transformers' own, in one process, taking turns, the first turn thrown away.

Every function returns a dict of numbers that can be printed as one JSON line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from engine.denoise import denoise
from engine.experts import route
from engine.experts.pack import GROUP, Packed
from engine.published import CONFIG
from engine.settings import Settings
from engine.training.presets import PRESETS

RESTLESS = Settings(confidence=0.0)  # never stops early: all turns do the same work
NEVER = 1e-30  # the same for transformers, which refuses 0


def step(source: str | Path | None = None, device: str = "auto", steps: int = 8, rounds: int = 5) -> dict[str, Any]:
    """Milliseconds a step on the model `source`: ours, with a Frame each, against generate()'s, with nothing.

    A turn is a whole canvas of `steps`, with the prompt's prefill on both sides.
    """
    from engine import gemma

    model = gemma.load(source, device)
    prompt = model.encode("Write a story about a fox who finds a lantern.")
    settings = replace(RESTLESS, steps=steps)
    ids = torch.tensor([prompt], device=model.device)

    def ours() -> None:
        for _ in denoise(model, prompt, lambda canvas, step: settings):
            pass

    def theirs() -> None:
        options = {"max_denoising_steps": steps, "max_new_tokens": model.length, "confidence_threshold": NEVER}
        model.model.generate(ids, **options).sequences.cpu()

    return {"bench": "step", "model": model.name} | _compare(ours, theirs, model.device, rounds, steps)


def readout(
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
    return sizes | _compare(ours, lambda: _stock_step(still, settings), still.device, rounds, 1)


@dataclass(frozen=True)
class Layer:
    """Sizes of a layer's experts: `cells` of `hidden` channels go each through `top` of `experts`, `width` wide."""

    cells: int
    hidden: int
    experts: int
    top: int
    width: int


def layers(place: str) -> dict[str, Layer]:
    """What `experts` times on a kind of device: the published layer on a GPU, what a CPU can do elsewhere."""
    text = CONFIG["text_config"]
    published = Layer(
        *(CONFIG["canvas_length"], text["hidden_size"]),
        *(text["num_experts"], text["top_k_experts"], text["moe_intermediate_size"]),
    )
    if place == "cuda":
        return {"published": published}
    small = PRESETS["cpu"].shape
    return {
        "seedling": Layer(small.canvas, small.hidden, small.experts, small.top_experts, small.expert),
        "reduced": replace(published, cells=64, experts=8, top=2),  # as many rows an expert as in the published
    }


def experts(device: str = "auto", rounds: int = 5, sizes: dict[str, Layer] | None = None) -> dict[str, Any]:
    """Milliseconds the experts of one layer take: ours in 4 bits against transformers' grouped_mm on whole weights.

    The weights are random. `difference` is the largest between the two results, as a share of the largest value.
    """
    from engine import gemma

    place = gemma.choose(device)
    sizes = sizes or layers(place)
    return {"bench": "experts"} | {name: _experts(layer, place, rounds) for name, layer in sizes.items()}


@torch.inference_mode()
def _experts(layer: Layer, place: str, rounds: int, steps: int = 10) -> dict[str, Any]:
    from engine.gemma import DTYPES

    packed, whole = _modules(layer, place, DTYPES[place])
    random = torch.Generator(place).manual_seed(1)
    hidden = torch.randn(layer.cells, layer.hidden, generator=random, device=place).to(DTYPES[place])
    weights, index = torch.rand(layer.cells, layer.experts, generator=random, device=place).topk(layer.top)

    def turn(module: Any) -> Callable[[], Tensor]:
        return lambda: [module(hidden, index, weights) for _ in range(steps)][-1].cpu()

    ours, theirs = turn(packed), turn(whole)
    found, expected = ours().float(), theirs().float()
    return {
        **asdict(layer),
        "packed_mb": round(sum(part.nbytes for part in packed.buffers()) / 1e6, 3),
        "whole_mb": round(sum(part.nbytes for part in whole.parameters()) / 1e6, 3),
        "difference": round(((found - expected).abs().max() / expected.abs().max()).item(), 6),
        "kernel": route.product(hidden.device).__module__.rpartition(".")[2],
    } | _compare(ours, theirs, hidden.device, rounds, steps)


def _modules(layer: Layer, place: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Transformers' experts module twice, with the same random weights: packed, and as they are."""
    from transformers import DiffusionGemmaTextConfig
    from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS
    from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaTextExperts

    ALL_EXPERTS_FUNCTIONS.register(route.NAME, route.experts)
    random, modules = torch.Generator(place).manual_seed(0), []
    for kind in (route.NAME, "grouped_mm"):
        sizes = {"hidden_size": layer.hidden, "moe_intermediate_size": layer.width, "num_experts": layer.experts}
        with torch.device("meta"):
            modules.append(DiffusionGemmaTextExperts(DiffusionGemmaTextConfig(**sizes)))
        modules[-1].config._experts_implementation = kind
    packed, whole = modules
    for name, weight in list(whole.named_parameters()):
        half = *weight.shape[:-1], weight.shape[-1] // 2
        levels = torch.randint(256, half, generator=random, device=place, dtype=torch.uint8)
        scale = torch.rand(*weight.shape[:-1], weight.shape[-1] // GROUP, generator=random, device=place).to(dtype)
        value = Packed(levels, scale, -8 * scale)
        delattr(packed, name)
        setattr(packed, name, value)
        setattr(whole, name, torch.nn.Parameter(value.dequantise(), requires_grad=False))
    return packed, whole


def _compare(
    ours: Callable[[], None], theirs: Callable[[], None], device: torch.device, rounds: int, steps: int
) -> dict[str, Any]:
    turns = [(_milliseconds(ours) / steps, _milliseconds(theirs) / steps) for _ in range(rounds + 1)][1:]
    mine, stock = (median(side) for side in zip(*turns, strict=True))
    return {
        "ours_ms": round(mine, 3),
        "transformers_ms": round(stock, 3),
        "times_faster": round(stock / mine, 3),
        "share_of_time": round(mine / stock, 3),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "steps": steps,
    }


def _milliseconds(turn: Callable[[], None]) -> float:
    """How long a turn takes that ends with a copy from the device."""
    began = perf_counter()
    turn()
    return (perf_counter() - began) * 1e3


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
        past_key_values=None,
        finished_denoising=torch.zeros(1, dtype=torch.bool, device=still.device),
        cur_step=settings.steps,
        sampler=sampler,
        logits_processor=stock.LogitsProcessorList([schedule]),
        diffusion_stopping_criteria=stock.StableAndConfidentStoppingCriteria(settings.stability, NEVER),
    )
    canvas.cpu()
