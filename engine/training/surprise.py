"""How surprising a finished text is to the same weights, read from left to right: where it has seams.

A text written by diffusion is judged by the causal encoder of the model that wrote it. Knows no prompts' meaning.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

SEAM = 6.9  # nats: a token that was given less than one chance in 1,000


@torch.inference_mode()
def surprise(model, context: Sequence[int], text: Sequence[int]) -> Tensor:
    """Nats [n] of each of the n ids of `text` behind `context` (at least one id); `model` is transformers' own."""
    device, begin = model.device, len(context) - 1
    ids = torch.tensor([[*context, *text]], device=device)
    place = torch.arange(ids.shape[1] - 1, device=device)[None]
    encoded = model.model.encoder(input_ids=ids[:, :-1], position_ids=place)
    cap = model.final_logit_softcapping
    logits = torch.tanh(model.lm_head(encoded.last_hidden_state[0, begin:]).float() / cap) * cap
    return torch.nn.functional.cross_entropy(logits, ids[0, begin + 1 :], reduction="none")


def seams(nats: Tensor) -> int:
    """How many of the tokens with `nats` are seams."""
    return int((nats > SEAM).sum())
