"""A DiffusionGemma with its experts in 4 bits, read part by part, so that it is never whole in memory.

What is packed goes to disk, too: a part that is there is read from there the next time. Knows nothing of prompts,
steps or of how experts are multiplied.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from engine.model import blank
from engine.model.choice.source import Progress
from engine.model.experts import route
from engine.model.experts.cache import Store
from engine.model.experts.pack import Packed, quantise
from engine.model.folder.checkpoint import Checkpoint, LoadError, header, mend
from engine.model.layouts import EXPERTS
from engine.model.way import Way

FORMAT = 1  # of what is stored: another number, and it is packed again
PART = 2**30  # bytes of the checkpoint that go to one stored file, or a single tensor
CHUNK = 2**26  # bytes of the checkpoint that are packed at once, or a single expert
BUFFERS = ("packed", "scale", "minimum")  # of a Packed, as they are stored


@dataclass(frozen=True)
class Part:
    """Tensors of one file that are packed and stored together."""

    file: Path
    sizes: dict[str, int]  # bytes in that file, by key


def load(
    found: Checkpoint, place: str, dtype: torch.dtype, progress: Progress, cancelled: Callable[[], bool]
) -> Any:
    """A DiffusionGemmaForBlockDiffusion on `place`: experts Packed with scales of `dtype`, the rest in `dtype`.

    Encoder and decoder share all that the class ties, the Packed too. Raises LoadError, for a tensor that is
    missing, unknown or of another shape before any is read; if cancelled, its kind CancelError.
    """
    model = blank.fitting(found, dtype)
    if found.group is None:
        raise LoadError(f"{found.name} has experts that do not fit into int4: choose precision full.")
    plan = list(parts(found))
    source = found.name if "/" in found.name else found.folder.resolve()
    store = Store(f"{source} {str(dtype).removeprefix('torch.')} {found.group}")
    names = [f"{at:04}.safetensors" for at in range(len(plan))]
    store.open(names, found.size("int4", dtype.itemsize))
    way = Way(progress, cancelled, sum(sum(part.sizes.values()) for part in plan))
    for name, part in zip(names, plan, strict=True):
        origin = _origin(part, dtype, found.group)
        tensors = store.read(name, origin)
        if tensors is None:
            tensors = pack(found, part, place, dtype, way)
            store.write(name, origin, tensors)
        else:
            way.went(f"Loading {found.name}", sum(part.sizes.values()))
        fill(found, model, part, tensors, place)
    blank.finish(model, place)
    route.use(model)
    return model


def parts(found: Checkpoint) -> Iterator[Part]:
    """The checkpoint in parts of about PART bytes, tensors in the order in which they lie in their file."""
    wanted = found.keys - found.sight
    for file in found.files:
        sizes: dict[str, int] = {}
        for start, end, key in sorted((*entry["data_offsets"], key) for key, entry in header(file).items()):
            if key not in wanted:
                continue
            if sizes and sum(sizes.values()) + end - start > PART:
                yield Part(file, sizes)
                sizes = {}
            sizes[key] = end - start
        if sizes:
            yield Part(file, sizes)


def pack(found: Checkpoint, part: Part, place: str, dtype: torch.dtype, way: Way) -> dict[str, Tensor]:
    """The tensors of a part as they are stored: for an expert's weights the three of a Packed."""
    place = place if place == "cuda" else "cpu"  # where it is done: MPS lacks some of the operations
    tensors: dict[str, Tensor] = {}
    with safe_open(part.file, "pt") as stored:
        for key, size in part.sizes.items():
            if key.endswith(EXPERTS):
                packed = _packed(stored.get_slice(key), size, dtype, found, place, way)
                tensors |= {f"{key}.{name}": buffer for name, buffer in packed.named_buffers()}
            else:
                tensors[key] = stored.get_tensor(key).to(place, dtype)
                way.went(f"Packing {found.name}", size)
    return tensors


def _packed(weight: Any, size: int, dtype: torch.dtype, found: Checkpoint, place: str, way: Way) -> Packed:
    """An expert weight [E, out, in] of `size` bytes in a file, read and packed some experts at a time."""
    experts, done = weight.get_shape()[0], []
    some = max(1, CHUNK * experts // size)
    for start in range(0, experts, some):
        piece = weight[start : start + some].to(place)
        done.append(quantise(piece, found.group, dtype))
        way.went(f"Packing {found.name}", size * len(piece) // experts)
    whole = Packed(*(torch.cat(buffers) for buffers in zip(*(p.buffers() for p in done), strict=True)))
    if not (whole.scale.isfinite().all() and whole.minimum.isfinite().all()):
        raise LoadError(f"{found.name} holds experts that are no finite numbers: {mend(found.folder)}.")
    return whole


def fill(found: Checkpoint, model: Any, part: Part, tensors: dict[str, Tensor], place: str) -> None:
    """Give the model the tensors of a part. LoadError."""
    held = {key: tensor.to(place, copy=place == "cpu") for key, tensor in tensors.items()}  # no file's pages
    for key in part.sizes:
        value = Packed(*(held[f"{key}.{name}"] for name in BUFFERS)) if key.endswith(EXPERTS) else held[key]
        blank.fill(model, found.name, key, value)


def _origin(part: Part, dtype: torch.dtype, group: int) -> str:
    """What a stored part is made from. The hub names a file by what it holds; others are known by their time."""
    file, stat = part.file.resolve(), part.file.stat()
    made = [FORMAT, str(file), stat.st_size, stat.st_mtime_ns, list(part.sizes), str(dtype), group]
    return sha256(json.dumps(made).encode()).hexdigest()
