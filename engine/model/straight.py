"""A DiffusionGemma read straight to where it is used, weight by weight, from any layout that is read.

Knows nothing of prompts, steps or of how experts are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from engine.model import blank
from engine.model.choice.source import Progress
from engine.model.experts import route
from engine.model.experts.pack import Packed
from engine.model.folder.checkpoint import Checkpoint, LoadError, header, mend
from engine.model.way import Way


def load(
    found: Checkpoint, place: str, dtype: torch.dtype, progress: Progress, cancelled: Callable[[], bool]
) -> Any:
    """A DiffusionGemmaForBlockDiffusion on `place`, in `dtype`; experts that are stored in 4 bits stay so.

    Without what only pictures need, which `fill` reads later. Raises LoadError, before any weight is read if one is
    missing, unknown or of another shape; if cancelled, its kind CancelError.
    """
    model = blank.fitting(found, dtype)
    fill(model, found, found.keys - found.sight, place, dtype, progress, cancelled)
    blank.finish(model, place)
    if found.packed:
        route.use(model)
    return model


def fill(
    model: Any,
    found: Checkpoint,
    keys: Iterable[str],
    place: str,
    dtype: torch.dtype,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    """Read the weights of some keys into a model, in the order in which they lie in their files. LoadError."""
    lie = [(file, *tensor["data_offsets"], key) for file in found.files for key, tensor in header(file).items()]
    at = {key: (file, start) for file, start, _, key in lie}
    size = {key: end - start for _, start, end, key in lie}
    order = sorted(keys, key=lambda key: at[found.slots[key].parts[0]])
    way = Way(progress, cancelled, sum(size[part] for key in order for part in found.slots[key].parts))
    near = place if place.startswith("cuda") else "cpu"  # where it is made: MPS lacks some of the operations
    with ExitStack() as stack:
        files = {file: stack.enter_context(safe_open(file, "pt")) for file in found.files}
        for key in order:
            slot = found.slots[key]
            stored = [files[at[part][0]].get_tensor(part).to(near) for part in slot.parts]
            value = slot.value(stored, dtype)
            _finite(found, value)
            blank.fill(model, found.name, key, _own(value, stored, place))
            way.went(f"Loading {found.name}", sum(size[part] for part in slot.parts))


def _own(value: Tensor | Packed, stored: list[Tensor], place: str) -> Tensor | Packed:
    """A weight at its place and in memory of its own: a file's pages go when the file does."""
    if isinstance(value, Packed):
        return Packed(*(_own(part, stored, place) for part in value.buffers()))
    moved = value.to(place)
    pages = {tensor.untyped_storage().data_ptr() for tensor in stored if tensor.device.type == "cpu"}
    return moved.clone() if moved.untyped_storage().data_ptr() in pages else moved


def _finite(found: Checkpoint, value: Tensor | Packed) -> None:
    parts = [part for part in value.buffers() if part.is_floating_point()] if isinstance(value, Packed) else []
    if not all(bool(part.isfinite().all()) for part in parts):
        raise LoadError(f"{found.name} holds experts that are no finite numbers: {mend(found.folder)}.")
