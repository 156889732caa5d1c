"""A DiffusionGemma without weights, on the meta device, and what it takes for them to be put in one by one.

Knows nothing of files or of how weights are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.model.experts.pack import Packed
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import SIGHT, Checkpoint
from engine.model.layouts import FLOATS, Slot

QUANTISED = ("quantization", "quantization_config")  # of a config.json: for who stored it, not for transformers


def of(config: Mapping[str, Any], dtype: torch.dtype = torch.bfloat16) -> Any:
    """The model that a config.json describes, with no weights yet."""
    from transformers import DiffusionGemmaConfig

    ours = {key: value for key, value in config.items() if key not in QUANTISED}
    return hollow(DiffusionGemmaConfig.from_dict(ours), dtype)


def fitting(found: Checkpoint, dtype: torch.dtype) -> Any:
    """The model of a folder, with no weights yet. LoadError unless the folder holds exactly those that it lacks."""
    model = of(checkpoint.read(found.folder / "config.json"), dtype)
    account(found.name, found.slots, model)
    if (found.folder / "generation_config.json").is_file():
        model.generation_config = _generation(found)
    return model


def _generation(found: Checkpoint) -> Any:
    """What generation_config.json says. transformers refuses names that it does not know, and values that its own
    loop cannot do (equal temperatures, say); here, knobs take what they can and nothing else matters."""
    from transformers.models.diffusion_gemma.generation_diffusion_gemma import DiffusionGemmaGenerationConfig

    try:
        return DiffusionGemmaGenerationConfig.from_pretrained(found.folder, local_files_only=True)
    except Exception:  # whatever a value leads to
        config, told = DiffusionGemmaGenerationConfig(), checkpoint.generation(found.folder)
        for name in vars(config).keys() & told.keys():
            setattr(config, name, told[name])
        return config


def hollow(config: Any, dtype: torch.dtype) -> Any:
    """A model with no weights yet: they are on the meta device, and only what is computed is there."""
    from transformers import DiffusionGemmaForBlockDiffusion

    with torch.device("meta"):
        model = DiffusionGemmaForBlockDiffusion._from_config(config, dtype=dtype)
    for name, buffer in list(model.named_non_persistent_buffers(remove_duplicate=False)):
        put(model, name, torch.empty_like(buffer, device="cpu"))
    model.initialize_weights()  # of what is on meta it makes nothing
    return model


def account(name: str, slots: Mapping[str, Slot], model: Any) -> None:
    """LoadError unless `slots` are exactly the weights of a model. A tied one may have any of its names, and what
    only pictures need may be missing."""
    tied, wanted = model.all_tied_weights_keys, model.state_dict(keep_vars=True)
    there = {tied.get(key, key) for key in slots}
    known = slots.keys() & wanted.keys()
    checkpoint.refuse(
        name,
        {
            "missing": {tied.get(key, key) for key in wanted if not key.startswith(SIGHT)} - there,
            "unknown": slots.keys() - wanted.keys(),
            "of another shape": {key for key in known if slots[key].shape != tuple(wanted[key].shape)},
            "of another type": {key for key in known if slots[key].dtype not in FLOATS},
        },
    )


def fill(model: Any, name: str, key: str, value: Tensor | Packed) -> None:
    """Put in the weight of a key of the checkpoint `name`. LoadError if another is there that it is tied to."""
    place = model.all_tied_weights_keys.get(key, key)
    if not _same(get(model, place), value):
        checkpoint.refuse(name, {"tied to another value": [key]})
    put(model, place, value)


def finish(model: Any, place: str) -> Any:
    """Tie what its class ties, and bring what is computed to the weights' place; what pictures need stays off."""
    for target, source in model.all_tied_weights_keys.items():
        put(model, target, get(model, source))
    for name, buffer in list(model.named_non_persistent_buffers(remove_duplicate=False)):
        if not name.startswith(SIGHT):
            put(model, name, buffer.to(place))
    return model


def blind(model: Any) -> None:
    """Let go of what only pictures need."""
    for name, weight in model.state_dict(keep_vars=True).items():
        if name.startswith(SIGHT):
            put(model, name, torch.empty_like(weight, device="meta"))


def _same(old: Tensor | Packed, new: Tensor | Packed) -> bool:
    """Whether `new` may take the place of `old`, which nothing has been put into or the same."""
    if isinstance(old, Packed):
        return all(map(torch.equal, old.buffers(), new.buffers()))
    return old.is_meta or torch.equal(old, new)


def get(model: Any, name: str) -> Any:
    owner, _, leaf = name.rpartition(".")
    return getattr(model.get_submodule(owner), leaf)


def put(model: Any, name: str, value: Tensor | Packed) -> None:
    """Let `value` be what the model has under that name, as the parameter or the buffer that it was."""
    owner, _, leaf = name.rpartition(".")
    module = model.get_submodule(owner)
    if isinstance(value, Packed):
        module._parameters.pop(leaf, None)
    elif leaf in module._parameters and not isinstance(value, nn.Parameter):
        value = nn.Parameter(value, requires_grad=False)
    setattr(module, leaf, value)
