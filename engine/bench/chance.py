"""Random weights, made on the device that uses them: for sizes that no file brings. What is said is noise."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.model import blank
from engine.model.experts import route
from engine.model.experts.pack import LEVELS, Packed
from engine.model.folder.checkpoint import SIGHT
from engine.model.gemma import Gemma
from engine.model.layouts import EXPERTS

SPREAD = 0.02  # the standard deviation of weights, as in transformers' configuration


def gemma(config: Any, place: str, dtype: torch.dtype, group: int | None, name: str) -> Gemma:
    """A Gemma of a DiffusionGemmaConfig. `group`: columns of an expert that share a scale; None: whole experts."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    empty = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))  # random ids spell nothing
    return Gemma(model(config, place, dtype, group), empty, name)


def model(config: Any, place: str, dtype: torch.dtype, group: int | None) -> Any:
    """A DiffusionGemmaForBlockDiffusion, tied as its class ties it.

    One weight is made at a time, packed ones packed: never is there more than the result and one weight.
    """
    hollow, random = blank.hollow(config, dtype), torch.Generator(place).manual_seed(0)
    made: dict[int, Tensor | Packed] = {}  # by what it takes the place of, so that ties stay
    for name, empty in hollow.state_dict(keep_vars=True).items():
        if not empty.is_meta or name.startswith(SIGHT):
            continue
        if id(empty) not in made:
            made[id(empty)] = _weight(empty, group if name.endswith(EXPERTS) else None, random)
        blank.put(hollow, name, made[id(empty)])
    if group:
        route.use(hollow)
    return blank.finish(hollow, place).eval().requires_grad_(False)


def _weight(empty: Tensor, group: int | None, random: torch.Generator) -> Tensor | Packed:
    if group:
        return packed(empty.shape, group, empty.dtype, random)
    weight = torch.ones(empty.shape, dtype=empty.dtype, device=random.device)  # gains of norms, scales
    if empty.dim() > 1:
        weight.normal_(0, SPREAD, generator=random)
    return nn.Parameter(weight, requires_grad=False) if isinstance(empty, nn.Parameter) else weight


def packed(shape: torch.Size, group: int, dtype: torch.dtype, random: torch.Generator) -> Packed:
    """A Packed that stands for [.., out, in], about SPREAD wide, without what it would be packed from."""
    *rows, columns = shape
    options = {"generator": random, "device": random.device}
    levels = torch.randint(256, (*rows, columns // 2), dtype=torch.uint8, **options)
    scale = (1 + torch.rand(*rows, columns // group, **options)).mul_(SPREAD / LEVELS * 2).to(dtype)
    return Packed(levels, scale, scale * (-LEVELS / 2))
