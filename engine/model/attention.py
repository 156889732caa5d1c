"""Attention of a canvas, as an attention function of transformers, so that its model code stays as it is.

All cells of a canvas see the same keys, so the heads that share keys are as good as more cells of one head, and no
key is repeated for each of them. In every sixth layer of the published model, eight heads of 512 channels share.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

NAME = "canvas"  # among transformers' attention functions


def use(decoder: Any) -> None:
    """Let the layers of a DiffusionGemma's decoder attend by `attend`. The encoder, of the same settings, stays."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    ALL_ATTENTION_FUNCTIONS.register(NAME, attend)
    settings = copy(decoder.layers[0].self_attn.config)
    settings._attn_implementation = NAME
    for layer in decoder.layers:
        layer.self_attn.config = settings


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    canvas: bool = False,
    scaling: float = 1.0,
    **options: Any,
) -> tuple[Tensor, None]:
    """[b, C, h, d] of query [b, h, C, d] and key and value [b, g, k, d], g a divisor of h; and no weights.

    `mask` [b, 1, 1, k] is added to the scores. Without `canvas`, which says that it is the same for all cells, this
    is transformers' own function.
    """
    if not canvas:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **options)
    batch, heads, cells, width = query.shape
    stacked = query.reshape(batch, key.shape[1], -1, width)
    mixed = scaled_dot_product_attention(stacked, key, value, mask, scale=scaling)
    apart = mixed.unflatten(2, (-1, cells))  # a card's kernels lay their results out in different ways
    return apart.permute(0, 3, 1, 2, 4).reshape(batch, cells, heads, width), None
