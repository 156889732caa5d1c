"""Tensors: what the header of a safetensors file says of them, checked against the file's own size.

Source: the format's description (https://huggingface.co/docs/safetensors). Knows no torch.
"""

from __future__ import annotations

import json
import os
import stat
import struct
from math import prod
from pathlib import Path
from typing import Any

LONGEST = 100_000_000  # bytes of a header, by the description
MOST = 2**20  # tensors
RANK, SIDE = 8, 2**40  # of a tensor
# Bits of a number, by the names of the types.
BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "C64": 64}
BITS |= dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8)
BITS |= {"BF16": 16} | {f"{kind}{bits}": bits for kind in "IUF" for bits in (16, 32, 64)}


def size(file: Path, most: int | None = None) -> int:
    """Bytes of a file. ValueError if it is none (a pipe would be waited for), or larger than `most`; OSError."""
    told = os.stat(file)
    if not stat.S_ISREG(told.st_mode):
        raise ValueError("it is no file")
    if most is not None and told.st_size > most:
        raise ValueError("it is too large")
    return told.st_size


def read(file: Path) -> dict[str, dict[str, Any]]:
    """The tensors by key: dtype, shape and data_offsets. ValueError or OSError if anything is not as it must be."""
    whole = size(file)
    with file.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(LONGEST, whole - 8):
            raise ValueError("its header does not fit")
        tensors = loaded(stream.read(length))
    tensors.pop("__metadata__", None)
    _check(tensors, whole - 8 - length)
    return tensors


def loaded(text: bytes | str) -> dict[str, Any]:
    """A JSON object. ValueError on anything else, however deep."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is too deep") from None
    if not isinstance(value, dict):
        raise ValueError("it is no object")
    return value


def _check(tensors: dict[str, Any], data: int) -> None:
    """The tensors lie one behind the other, without gaps, and fill `data` bytes."""
    if not 0 < len(tensors) <= MOST:
        raise ValueError("it has no tensors, or too many")
    spans = sorted(_span(tensor) for tensor in tensors.values())
    ends = [0, *(end for _, end in spans)]
    if ends[-1] != data or any(begin != end for (begin, _), end in zip(spans, ends, strict=False)):
        raise ValueError("its tensors do not fill it")


def _span(tensor: Any) -> tuple[int, int]:
    """Where a tensor begins and ends."""
    if not isinstance(tensor, dict):
        raise ValueError("a tensor is no object")
    kind, shape, span = (tensor.get(name) for name in ("dtype", "shape", "data_offsets"))
    if type(kind) is not str or not _whole(shape, RANK) or not _whole(span, 2) or len(span) != 2:
        raise ValueError("a tensor is not described")
    bits = BITS.get(kind)
    if span[0] > span[1] or (bits and -(-prod(shape) * bits // 8) != span[1] - span[0]):
        raise ValueError("a tensor has another size than its shape")
    return span[0], span[1]


def _whole(values: Any, most: int) -> bool:
    """Whether it is a list of at most so many whole numbers, none of them negative."""
    return (
        isinstance(values, list)
        and len(values) <= most
        and all(type(value) is int and 0 <= value <= SIDE for value in values)
    )
