"""Layouts: how the tensors of a checkpoint become the model's weights. One module for each layout that is read.

All follows from config.json and the heads of the files, so that it is known before anything is fetched or loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.model.layouts import compressed, foreign, mlx
from engine.model.layouts.slot import EXPERTS, FLOATS, GROUPS, Slot, Tensors, plain

__all__ = ["EXPERTS", "FLOATS", "GROUPS", "Slot", "Tensors", "foreign", "slots", "unread"]

VESTIGES = (".embed_vision.embedding.",)  # tables of an older Gemma that some files still hold and no model has


def slots(config: Mapping[str, Any], tensors: Tensors) -> dict[str, Slot]:
    """The weights that a checkpoint holds, by our keys. What no layout knows is left as it is, to be refused."""
    tensors = {key: tensor for key, tensor in tensors.items() if not any(part in key for part in VESTIGES)}
    if told := mlx.claims(config):
        return mlx.slots(told, tensors)
    if group := compressed.claims(config):
        return compressed.slots(group, tensors)
    return {key: plain(key, tensor) for key, tensor in tensors.items()}


def unread(config: Mapping[str, Any], found: Mapping[str, Slot]) -> str | None:
    """What people call the layout of a checkpoint that cannot be read; None for one that can, it seems."""
    types = {key: slot.dtype for key, slot in found.items()}
    strange = set(types.values()) - set(FLOATS)
    if mlx.claims(config) or compressed.claims(config):
        packed = all(slot.group for key, slot in found.items() if key.endswith(EXPERTS))
        return None if packed and not strange else foreign.told(config)
    return foreign.told(config) or (foreign.signed(types) if strange else None)
