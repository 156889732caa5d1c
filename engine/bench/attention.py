"""`unnoise bench attention`: how torch should attend to a context, by kind of layer, with the published heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from engine.bench.turns import milliseconds, named
from engine.model import gemma
from engine.model.hub.published import CONFIG

STEPS = 10  # in one turn
BACKENDS = ("FLASH_ATTENTION", "EFFICIENT_ATTENTION", "CUDNN_ATTENTION", "MATH")
Attend = Callable[[], Tensor]


def measure(device: str = "auto", contexts: Sequence[int] = (1024, 8192), rounds: int = 5) -> dict[str, Any]:
    """Milliseconds of the attention of one canvas behind each context, in a wide layer, which sees all of it, and
    in one with a window.

    By backend and by way: *stacked*, as the model here does it, with the heads that share keys as more cells; and
    *shared*, where torch is told that heads share. With the mask of a recorded step, and without. What a backend
    cannot do is told, not left out. `chosen` is what torch takes by itself.
    """
    place = gemma.choose(device)
    found = {}
    for context in contexts:
        for kind, (heads, shared, width, seen) in _kinds(context).items():
            found[f"{kind} {context}"] = _layer(heads, shared, width, seen, place, rounds)
    return {"bench": "attention", "device": named(torch.device(place)), "rounds": rounds, "layers": found}


def _kinds(context: int) -> dict[str, tuple[int, int, int, int]]:
    """Heads, those of keys, their width, and how much of a context they see, by kind of layer."""
    text = CONFIG["text_config"]
    heads, window = text["num_attention_heads"], text["sliding_window"]
    return {
        "wide": (heads, text["num_global_key_value_heads"], text["global_head_dim"], context),
        "window": (heads, text["num_key_value_heads"], text["head_dim"], min(context, window)),
    }


@torch.inference_mode()
def _layer(heads: int, shared: int, width: int, seen: int, place: str, rounds: int) -> dict[str, Any]:
    cells, dtype = CONFIG["canvas_length"], gemma.DTYPES[place]
    random = torch.Generator(place).manual_seed(0)
    make = partial(torch.randn, generator=random, device=place, dtype=torch.float32)
    query = make(1, heads, cells, width).to(dtype)
    key, value = (make(1, shared, seen + cells, width).to(dtype) for _ in range(2))
    mask = torch.zeros(1, 1, 1, seen + cells, dtype=dtype, device=place)
    stacked = query.reshape(1, shared, -1, width)
    ways = {
        "stacked": partial(scaled_dot_product_attention, stacked, key, value),
        "stacked, masked": partial(scaled_dot_product_attention, stacked, key, value, mask),
        "shared": partial(scaled_dot_product_attention, query, key, value, enable_gqa=True),
        "shared, masked": partial(scaled_dot_product_attention, query, key, value, mask, enable_gqa=True),
    }
    told = {name: _ways(attend, torch.device(place), rounds) for name, attend in ways.items()}
    best = {}
    for name in ("", ", masked"):
        timed = [(ms, way, by) for way in ("stacked", "shared") for by, ms in told[way + name].items()]
        ms, way, by = min(one for one in timed if isinstance(one[0], float))
        best["masked" if name else "free"] = {"way": way, "backend": by, "ms": ms}
    return {"heads": heads, "shared": shared, "width": width, "seen": seen + cells, "best": best, "ms": told}


def _ways(attend: Attend, device: torch.device, rounds: int) -> dict[str, float | str]:
    """Milliseconds of one call by backend, or why there are none."""
    told: dict[str, float | str] = {"chosen": _time(attend, device, rounds)}
    for name in BACKENDS:
        try:
            with sdpa_kernel(getattr(SDPBackend, name)):
                told[name] = _time(attend, device, rounds)
        except (RuntimeError, AttributeError) as error:
            told[name] = str(error).strip().partition("\n")[0][:120]
    return told


def _time(attend: Attend, device: torch.device, rounds: int) -> float:
    attend()  # not counted: libraries are loaded, kernels chosen
    turns = [milliseconds(lambda: [attend() for _ in range(STEPS)], device) / STEPS for _ in range(rounds)]
    return round(median(turns), 4)
