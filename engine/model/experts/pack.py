"""Weights in 4 bits: two values a byte, with a scale and a minimum for every group of columns.

A weight is about q * scale + minimum, q in 0..15. Where zero is the same level in every group, the minimum follows
from the scale and is not stored. Knows nothing of experts, files or devices.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.model.layouts import GROUPS

GROUP = GROUPS[0]  # columns that share a scale, unless told otherwise
LEVELS = 15  # the largest q
MIDDLE = 8  # the q that is zero where no minimum is stored


class Packed(nn.Module):
    """A stack of matrices [.., out, in] in 4 bits.

    packed: uint8 [.., out, in / 2], the even column in the low half of a byte; scale and minimum: float
    [.., out, in / group]; without a minimum, it is -MIDDLE times the scale.
    """

    def __init__(self, packed: Tensor, scale: Tensor, minimum: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("packed", packed)
        self.register_buffer("scale", scale)
        self.register_buffer("minimum", minimum)

    @property
    def group(self) -> int:
        """How many columns share a scale."""
        return 2 * self.packed.shape[-1] // self.scale.shape[-1]

    @property
    def shape(self) -> torch.Size:
        """[.., out, in], of what is packed."""
        return torch.Size((*self.packed.shape[:-1], 2 * self.packed.shape[-1]))

    def __getitem__(self, at: int) -> Packed:
        """The matrix at a place of the stack, or the stack at one of the first dimension."""
        return Packed(self.packed[at], self.scale[at], None if self.minimum is None else self.minimum[at])

    def dequantise(self) -> Tensor:
        """[.., out, in] in the dtype of the scales."""
        levels = unpacked(self.packed).unflatten(-1, (-1, self.group)).to(self.scale.dtype)
        minimum = -MIDDLE * self.scale if self.minimum is None else self.minimum
        return torch.addcmul(minimum[..., None], levels, self.scale[..., None]).flatten(-2)


def unpacked(packed: Tensor) -> Tensor:
    """The levels uint8 [.., 2 n] in the halves of bytes [.., n], the low one first."""
    return torch.stack((packed & 15, packed >> 4), -1).flatten(-2)


def quantise(weight: Tensor, group: int = GROUP, dtype: torch.dtype | None = None) -> Packed:
    """`weight` [.., out, in] with scales of `dtype`, by default its own. No element moves by more than half a step.

    The minimum is rounded down and the scale up, so that a group's range covers it whatever the precision of
    the scales. Raises ValueError unless `group` is even and divides `in`.
    """
    if group % 2 or weight.shape[-1] % group:
        raise ValueError(f"{weight.shape[-1]} columns cannot be cut into groups of {group}.")
    dtype = dtype or weight.dtype
    parts = weight.float().unflatten(-1, (-1, group))
    low, high = parts.aminmax(dim=-1)
    minimum = _rounded(low, dtype, down=True)
    scale = _rounded((high - minimum.float()) / LEVELS, dtype, down=False)
    step = scale.float().where(scale > 0, 1)  # a group of equal weights has no range
    levels = (parts - minimum.float()[..., None]).div_(step[..., None]).round_().clamp_(0, LEVELS)
    levels = levels.to(torch.uint8).flatten(-2)
    return Packed(levels[..., ::2] | levels[..., 1::2] << 4, scale, minimum)


def _rounded(exact: Tensor, dtype: torch.dtype, down: bool) -> Tensor:
    """`exact` float32 in `dtype`, never above it if `down`, else never below."""
    near, margin = exact.to(dtype), exact.abs() * torch.finfo(dtype).eps
    if down:
        return near.where(near.float() <= exact, (exact - margin).to(dtype))
    return near.where(near.float() >= exact, (exact + margin).to(dtype))
