"""Layouts that are not read, and what people call them. Knows no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

METHODS = {
    "auto-round": "AutoRound",
    "awq": "AWQ",
    "bitsandbytes": "bitsandbytes",
    "fbgemm_fp8": "FP8",
    "fp8": "FP8",
    "gptq": "GPTQ",
    "modelopt": "NVFP4",
    "torchao": "torchao",
}  # by what config.json calls it
# by the format that compressed-tensors names
FORMATS = {"float-quantized": "FP8", "int-quantized": "INT8", "nvfp4-pack-quantized": "NVFP4"}
MARKS = {
    ".qweight": "GPTQ",
    ".quant_state.bitsandbytes__nf4": "bitsandbytes",
    ".absmax": "bitsandbytes",
    ".weight_scale_2": "NVFP4",
}  # ... by how a key ends, where config.json says nothing
TYPES = {"F8_E4M3": "FP8", "F8_E5M2": "FP8"}  # ... by the numbers that are stored


def told(config: Mapping[str, Any]) -> str | None:
    """What a config.json calls its layout, None if it says nothing of one."""
    said = config.get("quantization_config") or config.get("quantization")
    if not said:
        return None
    said = said if isinstance(said, Mapping) else {}
    method = str(said.get("quant_method") or "")
    if not method and "bits" in said:
        return "MLX in another variant"
    if method == "modelopt" and "fp8" in str(said.get("quant_algo")).lower():
        return "FP8"
    if method == "compressed-tensors":
        kind = str(said.get("format") or "")
        return FORMATS.get(kind) or f"{method} in another variant"
    return METHODS.get(method) or method or "quantised weights of an unknown kind"


def signed(stored: Mapping[str, str]) -> str | None:
    """What stored tensors are a sign of: the type of each, by its key."""
    marked = (name for mark, name in MARKS.items() if any(key.endswith(mark) for key in stored))
    typed = (TYPES[kind] for kind in stored.values() if kind in TYPES)
    return next(marked, None) or next(typed, None)


def named(files: Iterable[str]) -> str | None:
    """... of which the names of the files alone tell."""
    names = [name.lower() for name in files]
    if "adapter_config.json" in names and "config.json" not in names:
        return "an adapter (LoRA) of another model"
    gguf = any(name.endswith(".gguf") for name in names)
    return "GGUF" if gguf and not any(name.endswith(".safetensors") for name in names) else None
