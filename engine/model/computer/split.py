"""Split: which graphics card has which part of a model that is too large for one. Knows nothing of loading.

Every layer lies on one card, in order, so that a canvas goes from card to card once a step; accelerate moves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

LAYER = re.compile(r"\b(?:language_model|decoder)\.layers\.(\d+)$")  # of text: the vision tower's stay together


def spread(model: Any, free: Sequence[int]) -> dict[str, int]:
    """The card of every part of a DiffusionGemma, which may be on meta, as transformers' `device_map`.

    The first card has what is no layer, and all cards are filled to about the same share. A layer of the encoder is
    on the card of the decoder's, with which it has its weights in common.
    """
    decoder = model.model.decoder
    one = sum(weight.numel() for weight in decoder.layers[0].parameters())
    rest = sum(weight.numel() for weight in model.parameters()) - len(decoder.layers) * one
    ends = [end / sum(free) for end in accumulate(free)]
    whole = rest + one * len(decoder.layers)

    def card(layer: int) -> int:
        middle = (rest + one * (layer + 0.5)) / whole
        return next((index for index, end in enumerate(ends) if middle <= end), len(ends) - 1)

    return {name: card(int(found[1])) if (found := LAYER.search(name)) else 0 for name in _parts(model, "")}


def _parts(module: Any, name: str) -> Iterator[str]:
    """The layers of text, and the largest modules that hold none."""
    if LAYER.search(name) or not any(LAYER.search(f"{name}.{inner}") for inner, _ in module.named_modules()):
        yield name
    else:
        for child, part in module.named_children():
            yield from _parts(part, f"{name}.{child}".lstrip("."))
