"""A weight of the model in a checkpoint: its shape, the stored tensors that it is made of, and how. Knows no files.

torch is imported only where tensors are at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from engine.model.experts.pack import Packed

EXPERTS = (".experts.gate_up_proj", ".experts.down_proj")  # the keys of the weights that are kept in 4 bits end so
GROUPS = (64, 32)  # columns that may share a scale in 4 bits: the fewest scales that fit are taken
FLOATS = ("BF16", "F16", "F32")  # the types of numbers that are taken as they are, as safetensors calls them
ROWS = 2**14  # that are widened at once

Tensors = Mapping[str, Mapping[str, Any]]  # stored tensors by key, with "shape" and "dtype", as headers have them


@dataclass(frozen=True)
class Slot:
    """A weight that is stored as it is. `parts` are the keys of what `value` is given."""

    shape: tuple[int, ...]
    parts: tuple[str, ...]
    dtype: str = "BF16"  # of what is stored; if it is not one of FLOATS, that is no weight
    group: int | None = None  # for experts that are stored in 4 bits: columns that share a scale, and ...
    extra: int = 2  # ... numbers beside them, a scale and maybe a minimum

    def value(self, stored: Sequence[torch.Tensor], dtype: torch.dtype) -> torch.Tensor | Packed:
        """The weight in `dtype`, where the stored tensors are."""
        return stored[0].to(dtype)


def plain(key: str, tensor: Mapping[str, Any]) -> Slot:
    """The slot of a stored tensor that is a weight."""
    return Slot(tuple(tensor["shape"]), (key,), tensor.get("dtype", ""))


def widened(levels: torch.Tensor, scale: torch.Tensor, minimum: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """levels * scale + minimum in `dtype`, rounded once: levels [.., in] of any type, the others [.., in / group].

    Some rows at a time, so that an embedding is never there in float32.
    """
    import torch

    lines, wide = levels.flatten(0, -2), torch.empty(levels.shape, dtype=dtype, device=levels.device)
    scale, minimum = scale.flatten(0, -2), minimum.flatten(0, -2)
    out = wide.view(lines.shape)
    for start in range(0, len(lines), ROWS):
        some = slice(start, start + ROWS)
        parts = lines[some].unflatten(-1, (scale.shape[-1], -1)).float()
        exact = torch.addcmul(minimum[some].float()[..., None], parts, scale[some].float()[..., None])
        out[some] = exact.flatten(-2)
    return wide
