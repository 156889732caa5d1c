"""`unnoise bench experts`: the experts of one layer, ours in 4 bits against transformers' grouped_mm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.bench import chance
from engine.bench.turns import compare
from engine.model import gemma
from engine.model.choice.source import EMBEDDED
from engine.model.experts import route
from engine.model.experts.pack import GROUP
from engine.model.hub.published import CONFIG


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


@torch.inference_mode()
def _experts(layer: Layer, place: str, rounds: int, steps: int = 10) -> dict[str, Any]:
    packed, whole = _modules(layer, place, gemma.DTYPES[place])
    random = torch.Generator(place).manual_seed(1)
    hidden = torch.randn(layer.cells, layer.hidden, generator=random, device=place).to(gemma.DTYPES[place])
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
