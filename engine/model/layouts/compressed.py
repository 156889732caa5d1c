"""The layout "pack-quantized" of compressed-tensors, int4 and symmetric.

A weight X is X.weight_packed, X.weight_scale and X.weight_shape. The first holds eight codes in an int32, the
earliest in the lowest bits; a code less 8, times its group's scale, is the number. Source: the documentation of
compressed-tensors. Experts lie there one by one, gate and up apart: they are gathered. The minimum of a group
follows from its scale and is not stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model.layouts.slot import FLOATS, GROUPS, Slot, Tensors, plain, widened

if TYPE_CHECKING:
    import torch

    from engine.model.experts.pack import Packed

EXPERT = re.compile(r"(.+\.experts)\.(\d+)\.(gate|up|down)_proj$")
JOINED = {"gate_up_proj": ("gate", "up"), "down_proj": ("down",)}  # what ours is made of, in order
LEAVES = ("weight_packed", "weight_scale", "weight_shape")


@dataclass(frozen=True)
class Symmetric(Slot):
    """A matrix on its own."""

    def value(self, stored: Sequence[torch.Tensor], dtype: torch.dtype) -> torch.Tensor | Packed:
        import torch

        from engine.model.experts.pack import MIDDLE, unpacked

        codes, scale = stored
        scale = scale.float()  # times eight it may be no float16
        return widened(unpacked(codes.view(torch.uint8)), scale, -MIDDLE * scale, dtype)


@dataclass(frozen=True)
class Gathered(Slot):
    """All experts of a layer: codes and scale of each one's matrices, in the order in which ours holds them."""

    def value(self, stored: Sequence[torch.Tensor], dtype: torch.dtype) -> torch.Tensor | Packed:
        import torch

        from engine.model.experts.pack import Packed

        codes, scales = torch.cat(stored[::2]).view(torch.uint8), torch.cat(stored[1::2]).to(dtype)
        return Packed(*(part.view(*self.shape[:2], -1) for part in (codes, scales)))


def claims(config: Mapping[str, Any]) -> int | None:
    """How many columns share a scale if a config.json says that this is the layout, else None."""
    told = config.get("quantization_config")
    if not isinstance(told, Mapping) or told.get("format") != "pack-quantized":
        return None
    groups = told.get("config_groups")
    said = [group.get("weights") for group in groups.values()] if isinstance(groups, Mapping) else []
    if not said or not all(isinstance(weights, Mapping) for weights in said):
        return None
    sizes = {weights.get("group_size") for weights in said if _is_ours(weights)}
    return sizes.pop() if len(sizes) == 1 and all(map(_is_ours, said)) else None


def _is_ours(weights: Mapping[str, Any]) -> bool:
    usual = weights.get("num_bits") == 4 and weights.get("type", "int") == "int" and weights.get("symmetric", True)
    return bool(usual) and weights.get("group_size") in GROUPS


def slots(group: int, tensors: Tensors) -> dict[str, Slot]:
    """The weights by our keys. What is no sound matrix stays what it is, under its own key."""
    packed = {key.rpartition(".")[0] for key in tensors if key.endswith(".weight_packed")}
    sound = {name: shape for name in packed if (shape := _shape(name, group, tensors))}
    gathered = _gathered(group, sound)
    alone = {name: shape for name, shape in sound.items() if not EXPERT.match(name)}
    used = {name for slot in gathered.values() for name in map(_owner, slot.parts)} | alone.keys()
    rest = (key for key in tensors if not (_owner(key) in used and key.rpartition(".")[2] in LEAVES))
    found = {key: plain(key, tensors[key]) for key in rest}
    return found | gathered | {f"{name}.weight": Symmetric(shape, _parts(name)) for name, shape in alone.items()}


def _shape(name: str, group: int, tensors: Tensors) -> tuple[int, int] | None:
    """[out, in] of a packed matrix; None if its tensors are not of one piece."""
    codes, scale = tensors[f"{name}.weight_packed"], tensors.get(f"{name}.weight_scale")
    if scale is None or len(codes["shape"]) != 2 or codes["dtype"] != "I32" or scale["dtype"] not in FLOATS:
        return None
    out, columns = codes["shape"][0], 8 * codes["shape"][1]
    return (out, columns) if list(scale["shape"]) == [out, columns // group] and columns % group == 0 else None


def _gathered(group: int, sound: Mapping[str, tuple[int, int]]) -> dict[str, Slot]:
    """The experts' weights, of the layers that have all of theirs in one shape."""
    counts = Counter(there[1] for name in sound if (there := EXPERT.match(name)) and there[3] == "down")
    found: dict[str, Slot] = {}
    for owner, count in counts.items():
        for ours, theirs in JOINED.items():
            names = [f"{owner}.{at}.{one}_proj" for at in range(count) for one in theirs]
            shapes = {sound.get(name) for name in names}
            if len(shapes) == 1 and None not in shapes:
                out, columns = shapes.pop()
                parts = tuple(part for name in names for part in _parts(name))
                shape = (count, out * len(theirs), columns)
                found[f"{owner}.{ours}"] = Gathered(shape, parts, group=group, extra=1)
    return found


def _parts(name: str) -> tuple[str, str]:
    return f"{name}.weight_packed", f"{name}.weight_scale"


def _owner(key: str) -> str:
    return key.rpartition(".")[0]
