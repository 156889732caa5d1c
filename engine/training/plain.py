"""Plain: transformers' own model as Causal, so that what judges a checkpoint is not this program."""

from collections.abc import Sequence

import torch
from torch import Tensor


class Plain:
    """Reads a whole text at once, without a cache."""

    def __init__(self, model):
        self.model, self.device = model, model.device

    def read(self, ids: Sequence[int], cache: None = None) -> tuple[Tensor, None]:
        """Hidden states [n, d] of the causal encoder behind each of `ids`."""
        row = torch.tensor([list(ids)], device=self.device)
        place = torch.arange(row.shape[1], device=self.device)[None]
        return self.model.model.encoder(input_ids=row, position_ids=place).last_hidden_state[0], None

    def head(self, hidden: Tensor) -> Tensor:
        """Softcapped logits, float32 [R, V]."""
        cap = self.model.final_logit_softcapping
        return torch.tanh(self.model.lm_head(hidden).float() / cap) * cap
