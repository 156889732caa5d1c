"""Config: what a checkpoint's config.json and generation_config.json may say, checked before anything is built.

Bounds are far above any model there is; what they keep out would hang, take all memory, or fail in the first step.
Knows no torch, and not what the values do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

# Whole numbers by name, wherever in config.json: the least and the most.
WHOLE = {
    "canvas_length": (1, 2048),
    "vocab_size": (2, 2**20),
    "hidden_size": (1, 2**15),
    "intermediate_size": (1, 2**18),
    "moe_intermediate_size": (1, 2**18),
    "num_hidden_layers": (1, 256),
    "num_attention_heads": (1, 1024),
    "num_key_value_heads": (1, 1024),
    "num_global_key_value_heads": (1, 1024),
    "head_dim": (2, 4096),
    "global_head_dim": (2, 4096),
    "num_experts": (1, 4096),
    "top_k_experts": (1, 4096),
    "sliding_window": (1, 2**24),
    "max_position_embeddings": (1, 2**27),
    "num_labels": (0, 10_000),
    "patch_size": (1, 1024),
    "pooling_kernel_size": (1, 1024),
    "position_embedding_size": (1, 2**20),
}
# Other numbers: above the first, up to the second.
REAL = {
    "rms_norm_eps": (0.0, 1.0),
    "final_logit_softcapping": (0.0, 1e6),
    "initializer_range": (0.0, 1e3),
    "rope_theta": (0.0, 1e12),
    "partial_rotary_factor": (0.0, 1.0),
}
NONE = {"num_global_key_value_heads"}  # may be null: then they are as many as in the other layers
KINDS = ("sliding_attention", "full_attention")
# What transformers takes where config.json says nothing (configuration_diffusion_gemma.py).
USUAL = {"num_attention_heads": 8, "num_key_value_heads": 4, "num_hidden_layers": 30, "vocab_size": 262_144}
_LAYER = re.compile(r"model\.decoder\.layers\.(\d{1,4})\.experts\.(?:gate_up|down)_proj$")
DEEPEST, MOST = 8, 1000  # of values in values, and of values in one


def check(config: Mapping[str, Any]) -> None:
    """ValueError, with a few words on what is wrong, unless a DiffusionGemma can be built and run from a config."""
    _numbers(config, DEEPEST)
    text = config.get("text_config")
    if not isinstance(text, Mapping):
        raise ValueError("text_config is missing")
    for name in ("vision_config", "quantization_config", "quantization"):
        _one(config.get(name), name, Mapping, None)
    for name in ("num_experts", "top_k_experts", "moe_intermediate_size"):
        if name not in text:
            raise ValueError(f"{name} is missing")
    if text["top_k_experts"] > text["num_experts"]:
        raise ValueError("top_k_experts is more than num_experts")
    _layers(text)
    for where in (config, text):
        for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
            ids(where.get(name), name, text.get("vocab_size", USUAL["vocab_size"]))


def generation(values: Mapping[str, Any], vocabulary: int) -> None:
    """The same of generation_config.json, of which only the ids that end a text matter: other knobs have ranges."""
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        ids(values.get(name), name, vocabulary)


def ids(value: Any, name: str, vocabulary: int) -> None:
    """One id, some, or none."""
    for token in value if isinstance(value, list) else [] if value is None else [value]:
        if type(token) is not int or not 0 <= token < vocabulary:
            raise ValueError(f"{name} is no token")


def shapes(text: Mapping[str, Any], keys: Iterable[str]) -> dict[str, tuple[int | None, ...]]:
    """What a text_config says of the largest weights, None where it says nothing: of as many layers as it names, or
    as `keys` do. Nothing of weights with other names than the published ones."""
    layers = {int(found[1]) for key in keys if (found := _LAYER.match(key))}
    if not layers:
        return {}
    vocabulary, d = text.get("vocab_size", USUAL["vocab_size"]), text.get("hidden_size")
    experts, inner = text["num_experts"], text["moe_intermediate_size"]
    found: dict[str, tuple[int | None, ...]] = {"model.decoder.embed_tokens.weight": (vocabulary, d)}
    for layer in layers | set(range(text.get("num_hidden_layers", USUAL["num_hidden_layers"]))):
        if not (text.get("per_layer_config") or {}).get(str(layer)):
            place = f"model.decoder.layers.{layer}.experts."
            found |= {f"{place}gate_up_proj": (experts, 2 * inner, d), f"{place}down_proj": (experts, d, inner)}
    return found


def _layers(text: Mapping[str, Any]) -> None:
    """What the layers say of themselves fits together."""
    count = text.get("num_hidden_layers", USUAL["num_hidden_layers"])
    kinds = text.get("layer_types")
    if kinds is not None and not (
        isinstance(kinds, list) and len(kinds) == count and all(kind in KINDS for kind in kinds)
    ):
        raise ValueError("layer_types does not name every layer")
    own = text.get("per_layer_config")
    _one(own, "per_layer_config", Mapping, None)
    _one(text.get("rope_parameters"), "rope_parameters", Mapping, None)
    for at, layer in (own or {}).items():
        if not (at.isascii() and at.isdecimal() and int(at) < count and isinstance(layer, Mapping)):
            raise ValueError("per_layer_config names a layer that there is not")
    heads = text.get("num_attention_heads", USUAL["num_attention_heads"])
    shared = [text.get("num_key_value_heads", USUAL["num_key_value_heads"]), text.get("num_global_key_value_heads")]
    shared += [layer.get("num_key_value_heads") for layer in (own or {}).values()]
    if any(heads % some for some in shared if some):
        raise ValueError("num_key_value_heads does not divide num_attention_heads")


def _numbers(values: Mapping[str, Any], depth: int) -> None:
    """Every value that has a range is in it, at any depth."""
    if not depth or len(values) > MOST:
        raise ValueError("it holds too much")
    for name, value in values.items():
        if name in WHOLE and not (value is None and name in NONE):
            low, high = WHOLE[name]
            if type(value) is not int or not low <= value <= high:
                raise ValueError(f"{name} must be a whole number from {low} to {high}")
            if name.endswith("head_dim") and value % 2:
                raise ValueError(f"{name} must be even")
        elif name in REAL:
            low, high = REAL[name]
            if type(value) not in (int, float) or not low < value <= high:
                raise ValueError(f"{name} must be a number above {low:g}, up to {high:g}")
        elif type(value) is int and abs(value) >= 2**53:
            raise ValueError(f"{name[:40]} is too large")
        elif isinstance(value, Mapping):
            _numbers(value, depth - 1)


def _one(value: Any, name: str, kind: type, other: Any) -> None:
    if value is not other and not isinstance(value, kind):
        raise ValueError(f"{name} is of another kind")
