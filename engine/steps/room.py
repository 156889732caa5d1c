"""Room: the context of a canvas in buffers of fixed size, which the decoder reads as if they were its cache.

The same tensors serve every context that fits, so work on them can be recorded once and replayed. Knows nothing of
steps, nor of who replays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import proxy

import torch
from torch import Tensor

SMALLEST = 512  # places for a context: a prompt and a canvas or so


def size(length: int) -> int:
    """Places of the room for a context of `length` ids: a power of two, so that few rooms serve all contexts."""
    return max(SMALLEST, 1 << (length - 1).bit_length())


@dataclass
class Layer:
    """[1, heads, places + C, width]: the context, places that nobody looks at, the canvas."""

    keys: Tensor
    values: Tensor


class Room:
    """Buffers for a canvas of C cells behind up to `places` ids of context; sliding layers keep their window only.

    `angles` are the rotary ones of the canvas and `masks` [1, 1, 1, places + C] are added to scores, both by kind
    of layer. Allocates 4 * places * heads * width bytes a layer in bfloat16.
    """

    is_compileable = False  # for the stock decoder: not one of transformers' own static caches

    def __init__(self, model: Any, cells: int, places: int) -> None:
        text, like = model.config.text_config, {"dtype": model.dtype, "device": model.device}
        self.cells, self.places, self.kinds, self.layers = cells, places, text.layer_types, []
        spans = dict.fromkeys(self.kinds, places)
        if "sliding_attention" in spans:
            spans["sliding_attention"] = min(places, text.sliding_window)
        for index, kind in enumerate(self.kinds):
            sizes = text.per_layer_config[index]
            shape = 1, sizes.num_key_value_heads, spans[kind] + cells, sizes.head_dim
            self.layers.append(Layer(torch.zeros(shape, **like), torch.zeros(shape, **like)))
        self.masks = {kind: torch.zeros(1, 1, 1, span + cells, **like) for kind, span in spans.items()}
        self._decoder, self._like = model.model.decoder, like
        fresh = angles(self._decoder, self.kinds, 0, cells, like)
        self.angles = {kind: tuple(part.clone() for part in parts) for kind, parts in fresh.items()}
        for layer in model.model.decoder.layers:
            layer.self_attn.append_to_cache = _Append(layer.self_attn)

    @torch.inference_mode()
    def fill(self, cache: Any) -> None:
        """Take the context of `cache`, which holds at most `places` ids."""
        for mine, theirs in zip(self.layers, cache.layers, strict=True):
            kept = theirs.keys.shape[2]
            mine.keys[:, :, :kept] = theirs.keys
            mine.values[:, :, :kept] = theirs.values
        fresh = angles(self._decoder, self.kinds, cache.get_seq_length(), self.cells, self._like)
        for kind, mask in self.masks.items():
            kept = cache.layers[self.kinds.index(kind)].keys.shape[2]
            mask[..., : -self.cells] = torch.finfo(mask.dtype).min
            mask[..., :kept] = 0
            for old, new in zip(self.angles[kind], fresh[kind], strict=True):
                old.copy_(new)

    def write(self, index: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put the canvas of layer `index` behind its context; returns both together."""
        layer = self.layers[index]
        layer.keys[:, :, -self.cells :] = keys
        layer.values[:, :, -self.cells :] = values
        return layer.keys, layer.values


class _Append:
    """Stands in for `append_to_cache` of one stock attention: writes into a Room, and else does what that does."""

    def __init__(self, attention: Any) -> None:
        self.index, self.stock = attention.layer_idx, type(attention).append_to_cache.__get__(proxy(attention))

    def __call__(self, cache: Any, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(cache, Room):
            return cache.write(self.index, keys, values)
        return self.stock(cache, keys, values)


def angles(
    decoder: Any, kinds: Iterable[str], start: int, cells: int, like: dict[str, Any]
) -> dict[str, tuple[Tensor, ...]]:
    """The rotary angles of `cells` places from `start` on, by kind of layer; `like` is a dtype and a device."""
    positions = torch.arange(start, start + cells, device=like["device"])[None]
    return {kind: decoder.rotary_emb(torch.empty(0, **like), positions, kind) for kind in set(kinds)}
