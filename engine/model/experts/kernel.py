"""The grouped product of `plain.py` as one Triton kernel: 4 bit weights, widened in registers.

Knows nothing of routers, models or when to use it. Needs triton; on a CPU it runs in triton's interpreter only.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model.experts.pack import MIDDLE, Packed


class Tiling(NamedTuple):
    """How a product is cut up for a card.

    The defaults are believed to suit an RTX 4090 (SM89), from what the compiler makes of them there (76 registers,
    18 KB of shared memory: three tiles at once on a multiprocessor), and not measured.
    """

    # Of the result in a tile. 256 cells with 8 of 128 experts each are 16 rows an expert, so most of a larger tile
    # would be padding, on which the tensor cores spend as long as on rows. A second tile finds its weights in L2.
    rows: int = 16
    columns: int = 128  # 1408 and 2816 are multiples
    warps: int = 8  # more threads than columns: each then loads the scales that it needs, with none to exchange
    stages: int = 4  # of the loop over groups, three of them on their way from memory


TILING = Tiling()


def grouped(
    x: Tensor,
    weight: Packed,
    ends: Tensor,
    read: Tensor | None = None,
    write: Tensor | None = None,
    share: Tensor | None = None,
    tiling: Tiling = TILING,
) -> Tensor:
    """What `plain.grouped` says, bfloat16 or float32, without ever waiting for the device.

    The grid depends on shapes alone, so a CUDA graph of it serves any routing.
    """
    experts, width, columns = weight.shape
    rows = len(x) if read is None else len(read)
    out = x.new_empty(rows, width)
    with torch.cuda.device_of(x):
        _product[tiles(rows, experts, tiling.rows), triton.cdiv(width, tiling.columns)](
            *(x.contiguous(), weight.packed, weight.scale, weight.minimum, ends, read, write, share, out),
            columns=columns,
            width=width,
            group=weight.group,
            middle=MIDDLE,
            experts=experts,
            lanes=triton.next_power_of_2(experts),
            tall=tiling.rows,
            wide=tiling.columns,
            stages=tiling.stages,
            interpreted=not x.is_cuda,
            num_warps=tiling.warps,
            enable_fp_fusion=True,
        )
    return out


def tiles(rows: int, experts: int, tall: int = TILING.rows) -> int:
    """The most tiles, `tall` rows each, that `rows` can need, however they fall to the experts: each may leave one
    partly empty."""
    return (rows + min(rows, experts) * (tall - 1)) // tall


@triton.jit
def _product(
    x,
    packed,
    scale,
    minimum,
    ends,
    read,
    write,
    share,
    out,
    columns: tl.constexpr,  # of x
    width: tl.constexpr,  # of out
    group: tl.constexpr,
    middle: tl.constexpr,  # the level that is zero where there is no minimum
    experts: tl.constexpr,
    lanes: tl.constexpr,  # the power of two that holds all experts
    tall: tl.constexpr,  # rows and ...
    wide: tl.constexpr,  # ... columns of out in a tile
    stages: tl.constexpr,
    interpreted: tl.constexpr,
):
    # Whose tile this is: as many experts come before it as have all their tiles before it.
    tile, lane = tl.program_id(0), tl.arange(0, lanes)
    stop = tl.load(ends + lane, mask=lane < experts, other=0)
    start = tl.load(ends + lane - 1, mask=(lane > 0) & (lane < experts), other=0)
    count = (stop - start + tall - 1) // tall
    expert = tl.sum((tl.cumsum(count) <= tile).to(tl.int32))
    if expert >= experts:  # a surplus tile
        return
    tile -= tl.sum(tl.where(lane < expert, count, 0))
    row = tl.sum(tl.where(lane == expert, start, 0)) + tile * tall + tl.arange(0, tall)
    live = row < tl.sum(tl.where(lane == expert, stop, 0))
    source = row.to(tl.int64) if read is None else tl.load(read + row, mask=live, other=0)

    column = tl.program_id(1) * wide + tl.arange(0, wide)
    inside = column < width
    line = expert.to(tl.int64) * width + column
    groups: tl.constexpr = columns // group
    activations = x + source[:, None] * columns + tl.arange(0, group)[None, :]
    levels = packed + line[:, None] * (columns // 2) + tl.arange(0, group // 2)[None, :]
    scales = scale + line * groups
    minima = scales if minimum is None else minimum + line * groups  # nothing else is read of it then
    gain = tl.load(scales, mask=inside, other=0)
    base = gain if minimum is None else tl.load(minima, mask=inside, other=0)
    sums = tl.zeros((wide, tall), tl.float32)  # transposed: the tensor cores' long side is for the weights
    for at in tl.range(groups, num_stages=stages):
        part = tl.load(activations + at * group, mask=live[:, None], other=0)
        pair = tl.load(levels + at * (group // 2), mask=inside[:, None], other=0)
        even, odd = tl.split(tl.reshape(part, (tall, group // 2, 2)))
        low, high = _widened(pair, part.dtype)
        if interpreted:  # its dot takes the bits of a bfloat16 for a whole number
            low, high, even, odd = low.to(tl.float32), high.to(tl.float32), even.to(tl.float32), odd.to(tl.float32)
        product = tl.dot(low, tl.trans(even), input_precision="ieee")
        product = tl.dot(high, tl.trans(odd), product, input_precision="ieee")
        # Levels are exact in any type. Scale and minimum join in float32, so that no weight is ever rounded.
        slope = gain.to(tl.float32)
        floor = -middle * slope if minimum is None else base.to(tl.float32)
        if part.dtype == tl.bfloat16:
            floor -= 128 * slope
        sums += slope[:, None] * product
        sums += floor[:, None] * tl.sum(part.to(tl.float32), 1)[None, :]
        more = inside & (at + 1 < groups)  # loaded ahead by hand: too narrow for the compiler to do it
        gain = tl.load(scales + at + 1, mask=more, other=0)
        base = gain if minimum is None else tl.load(minima + at + 1, mask=more, other=0)

    target = row.to(tl.int64) if write is None else tl.load(write + row, mask=live, other=0)
    if share is not None:
        sums *= tl.load(share + target, mask=live, other=0).to(tl.float32)[None, :]
    place = out + target[None, :] * width + column[:, None]
    tl.store(place, sums.to(out.dtype.element_ty), mask=live[None, :] & inside[:, None])


@triton.jit
def _widened(pair, dtype: tl.constexpr):
    """The levels in the low and in the high halves of bytes; in bfloat16 plus 128, whose last bits they are."""
    low, high = pair & 15, pair >> 4
    if dtype == tl.bfloat16:
        low, high = low.to(tl.int16) | 0x4300, high.to(tl.int16) | 0x4300
        return low.to(tl.bfloat16, bitcast=True), high.to(tl.bfloat16, bitcast=True)
    return low.to(dtype), high.to(dtype)
