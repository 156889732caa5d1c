"""`unnoise bench experts`: the experts of one layer, ours in 4 bits against transformers' grouped_mm, and how our
kernel should cut them up for the card that is here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import product
from statistics import median
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from engine.bench import chance
from engine.bench.turns import compare, milliseconds, named
from engine.model import gemma
from engine.model.choice.source import EMBEDDED
from engine.model.experts import route
from engine.model.experts.pack import GROUP
from engine.model.hub.published import CONFIG

STEPS = 10  # in one turn
# Rows, columns, warps and stages that are compared: first what changes most, around what is believed to be good.
TILINGS = sorted(product((16, 32), (64, 128, 256), (4, 8), (2, 3, 4, 5)), key=lambda t: (t[0], abs(t[3] - 4)))


@dataclass(frozen=True)
class Layer:
    """Sizes of a layer's experts: `cells` of `hidden` channels go each through `top` of `experts`, `width` wide."""

    cells: int
    hidden: int
    experts: int
    top: int
    width: int


TOY = {"toy": Layer(cells=4, hidden=64, experts=3, top=2, width=64)}  # for a kernel that is interpreted


def layers(place: str) -> dict[str, Layer]:
    """What `experts` times on a kind of device: the published layer on a GPU, what a CPU can do elsewhere."""
    published = _layer(CONFIG)
    if place == "cuda":
        return {"published": published}
    return {
        "seedling": _layer(json.loads((EMBEDDED / "config.json").read_text("utf-8"))),
        "reduced": replace(published, cells=64, experts=8, top=2),  # as many rows an expert as in the published
    }


def _layer(config: dict[str, Any]) -> Layer:
    text = config["text_config"]
    names = "hidden_size", "num_experts", "top_k_experts", "moe_intermediate_size"
    return Layer(config["canvas_length"], *(text[name] for name in names))


def measure(device: str = "auto", rounds: int = 5, sizes: dict[str, Layer] | None = None) -> dict[str, Any]:
    """Milliseconds the experts of one layer take: ours in 4 bits against transformers' grouped_mm on whole weights.

    The weights are random. `difference` is the largest between the two results, as a share of the largest value.
    """
    place = gemma.choose(device)
    sizes = sizes or layers(place)
    return {"bench": "experts"} | {name: _experts(layer, place, rounds) for name, layer in sizes.items()}


def sweep(
    device: str = "auto", rounds: int = 5, seconds: float = 60, sizes: dict[str, Layer] | None = None
) -> dict[str, Any]:
    """Milliseconds that they take by our kernel alone, by tiling, and which is best.

    Those that are believed to be good come first; once `seconds` are over, the others are left out, and counted.
    `difference` is between the result and that of the first. Raises ValueError where the kernel does not run.
    """
    place = gemma.choose(device)
    if place != "cuda" and not os.environ.get("TRITON_INTERPRET"):
        raise ValueError("The kernel whose tilings are compared runs on a graphics card, and there is none here.")
    sizes, end = sizes or (layers(place) if place == "cuda" else TOY), monotonic() + seconds
    found = {name: _tilings(layer, place, rounds, end) for name, layer in sizes.items()}
    return {"bench": "experts", "device": named(torch.device(place)), "rounds": rounds} | found


@torch.inference_mode()
def _tilings(layer: Layer, place: str, rounds: int, end: float) -> dict[str, Any]:
    from engine.model.experts import kernel

    packed, given = _modules(layer, place, gemma.DTYPES[place])[0], _routed(layer, place)
    tilings = [kernel.TILING, *(one for one in map(kernel.Tiling._make, TILINGS) if one != kernel.TILING)]
    told: list[dict[str, Any]] = []
    usual = route.experts(packed, *given, partial(kernel.grouped, tiling=kernel.TILING)).float()
    for tiling in tilings:
        if told and monotonic() >= end:
            break
        multiply = partial(route.experts, packed, *given, partial(kernel.grouped, tiling=tiling))
        told.append(tiling._asdict() | _tiling(multiply, usual, rounds))
    timed = sorted((one for one in told if "ms" in one), key=lambda one: one["ms"])
    best = timed[0] if timed else None
    return {**asdict(layer), "best": best, "tilings": told, "left_out": len(tilings) - len(told)}


def _tiling(multiply: Callable[[], Tensor], usual: Tensor, rounds: int) -> dict[str, Any]:
    """What is found of one tiling, or why nothing is."""

    def turn() -> None:
        for _ in range(STEPS):
            multiply()

    try:
        result = multiply().float()  # compiles
        times = [milliseconds(turn, usual.device) / STEPS for _ in range(rounds)]
    except Exception as error:  # it does not fit into what a multiprocessor has, or does not compile
        return {"error": str(error).partition("\n")[0][:200]}
    apart = ((result - usual).abs().max() / usual.abs().max()).item()
    return {"ms": round(median(times), 4), "difference": round(apart, 6)}


def _routed(layer: Layer, place: str) -> tuple[Tensor, Tensor, Tensor]:
    """Random cells [n, d], and which experts [n, k] they go through, with what weights [n, k]."""
    random = torch.Generator(place).manual_seed(1)
    hidden = torch.randn(layer.cells, layer.hidden, generator=random, device=place).to(gemma.DTYPES[place])
    weights, index = torch.rand(layer.cells, layer.experts, generator=random, device=place).topk(layer.top)
    return hidden, index, weights


@torch.inference_mode()
def _experts(layer: Layer, place: str, rounds: int, steps: int = STEPS) -> dict[str, Any]:
    packed, whole = _modules(layer, place, gemma.DTYPES[place])
    hidden, index, weights = _routed(layer, place)

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
    } | compare(ours, theirs, hidden.device, rounds, steps)


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
        value = chance.packed(weight.shape, GROUP, dtype, random)
        delattr(packed, name)
        setattr(packed, name, value)
        setattr(whole, name, torch.nn.Parameter(value.dequantise(), requires_grad=False))
    return packed, whole
