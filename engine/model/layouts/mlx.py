"""MLX's affine layout, fused as ours is: a weight X is X.weight, X.scales and X.biases.

X.weight holds codes of 4 or 8 bits in uint32, the first in the lowest bits; a code times its group's scale plus its
bias is the number. Source: the description of mlx.core.quantize. In 4 bits these are the bytes of a Packed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model.layouts.slot import EXPERTS, FLOATS, GROUPS, Slot, Tensors, plain, widened

if TYPE_CHECKING:
    import torch

    from engine.model.experts.pack import Packed

LEAVES = ("weight", "scales", "biases")


@dataclass(frozen=True)
class Affine(Slot):
    """A weight in codes of so many bits; experts stay packed."""

    bits: int = 4

    def value(self, stored: Sequence[torch.Tensor], dtype: torch.dtype) -> torch.Tensor | Packed:
        import torch

        from engine.model.experts.pack import Packed, unpacked

        weight, scales, biases = stored
        codes = weight.view(torch.uint8)  # little endian, as safetensors is
        if self.group:
            return Packed(codes, scales.to(dtype), biases.to(dtype))
        return widened(unpacked(codes) if self.bits == 4 else codes, scales, biases, dtype)


def claims(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a config.json says of this layout, None if it is another. MLX may write it under either name."""
    for name in ("quantization", "quantization_config"):
        told = config.get(name)
        if isinstance(told, Mapping) and "bits" in told and "quant_method" not in told:
            return told
    return None


def slots(told: Mapping[str, Any], tensors: Tensors) -> dict[str, Slot]:
    """The weights by our keys. What is no sound triple stays what it is, under its own key."""
    found: dict[str, Slot] = {}
    for key, tensor in tensors.items():
        name, _, leaf = key.rpartition(".")
        affine = _affine(name, told, tensors) if leaf in LEAVES else None
        if affine is None:
            found[key] = plain(key, tensor)
        elif leaf == "weight":
            found[name if name.endswith(EXPERTS) else key] = affine
    return found


def _affine(name: str, told: Mapping[str, Any], tensors: Tensors) -> Affine | None:
    """The slot of a module, or None if its tensors are not what `told` says: bits and group, maybe its own."""
    keys = tuple(f"{name}.{leaf}" for leaf in LEAVES)
    own = told.get(name)
    said = {**told, **own} if isinstance(own, Mapping) else told
    bits, group, mode = said.get("bits"), said.get("group_size"), said.get("mode", "affine")
    expert = name.endswith(EXPERTS)
    if not all(key in tensors for key in keys) or mode != "affine" or group not in GROUPS:
        return None
    if bits != 4 and (expert or bits != 8):
        return None
    weight, scales, biases = (tensors[key] for key in keys)
    *rows, words = weight["shape"] or [0]
    shape = (*rows, words * 32 // bits)
    sound = weight["dtype"] == "U32" and scales["dtype"] in FLOATS and biases["dtype"] in FLOATS
    if not sound or not list(scales["shape"]) == list(biases["shape"]) == [*rows, shape[-1] // group]:
        return None
    return Affine(shape, keys, group=group if expert else None, bits=bits)
