"""All experts of a layer in two products, as an experts function of transformers: for models that have few."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import linear

NAME = "dense"  # among transformers' experts functions


def use(model: Any) -> None:
    """Let `model`, a PreTrainedModel with whole experts, compute all of them."""
    from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

    ALL_EXPERTS_FUNCTIONS.register(NAME, experts)
    model.set_experts_implementation(NAME)


def experts(module: Any, hidden: Tensor, index: Tensor, weights: Tensor) -> Tensor:
    """Each token through its experts: [n, d] of hidden [n, d]; index and weights [n, k] are of the chosen ones.

    Those not chosen are weighted with zero. Waits for no device, and for small experts costs less than to gather.
    """
    rows, count = hidden.shape[0], module.num_experts
    share = weights.new_zeros(rows, count).scatter(1, index, weights)
    gate, up = linear(hidden, module.gate_up_proj.flatten(0, 1)).view(rows, count, 2, -1).unbind(2)
    inner = module.act_fn(gate) * up * share.to(hidden.dtype)[:, :, None]
    return linear(inner.flatten(1), module.down_proj.transpose(0, 1).flatten(1))
