"""A checkpoint's weights and tokenizer as transformers' objects. Every weight comes from the file.

Lets transformers print nothing. Knows nothing of what is done with a model.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import torch

from engine.model import blank, straight
from engine.model.checkpoint import Checkpoint, LoadError
from engine.model.computer.machine import cards
from engine.model.computer.split import spread
from engine.model.experts import stream
from engine.model.source import CancelError, Progress

Cancelled = Callable[[], bool]


def build(
    found: Checkpoint, place: str, dtype: torch.dtype, precision: str, progress: Progress, cancelled: Cancelled
) -> Any:
    """The model of a checkpoint, on its device and ready to be asked. Raises LoadError, also for lack of memory."""
    try:
        with _quiet(f"Loading {found.name}", progress, cancelled):
            if place == "split":
                model = _split(found, dtype)
            else:
                way = stream if precision == "int4" and not found.packed else straight
                model = way.load(found, place, dtype, progress, cancelled)
            return model.eval().requires_grad_(False)
    except LoadError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        hint = "close other programs, or choose a smaller model, precision int4 or another device"
        raise LoadError(f"{found.name} does not fit into the memory that is free: {hint}.") from error
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise LoadError(f"{found.name} cannot be loaded ({reason}): fetch it again, or choose another.") from error


def _split(found: Checkpoint, dtype: torch.dtype) -> Any:
    """The model on several graphics cards, as transformers loads it there. LoadError without accelerate."""
    from transformers import DiffusionGemmaForBlockDiffusion

    if find_spec("accelerate") is None:
        raise LoadError("A model on several graphics cards needs accelerate: install it (pip install accelerate).")
    places = spread(blank.fitting(found, dtype), cards())  # refuses what would not come from the file, too
    model = DiffusionGemmaForBlockDiffusion.from_pretrained(
        found.folder,
        dtype=dtype,
        device_map=places,
        local_files_only=True,
        use_safetensors=True,
    )
    blank.blind(model)
    return model


def tokenizer(found: Checkpoint) -> Any:
    """The tokenizer of a checkpoint. Raises LoadError."""
    from transformers import PreTrainedTokenizerFast

    try:
        return PreTrainedTokenizerFast.from_pretrained(found.folder, local_files_only=True)
    except Exception as error:  # the parser of tokenizer.json raises nothing narrower
        raise LoadError(f"The tokenizer of {found.name} cannot be read: fetch the model again.") from error


@contextmanager
def _quiet(what: str, progress: Progress, cancelled: Cancelled) -> Iterator[None]:
    """transformers prints and logs nothing meanwhile; what would be its progress bars goes to `progress`."""
    from transformers.utils import logging

    def watch(factory: Any, args: Sequence[Any], options: Any) -> Iterator[Any]:
        items = list(args[0])
        for at, item in enumerate(items):
            if cancelled():
                raise CancelError("Loading was cancelled: choose a model to go on.")
            progress(what, at / len(items))
            yield item

    verbosity, hook = logging.get_verbosity(), logging.set_tqdm_hook(watch)
    logging.set_verbosity(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        logging.set_tqdm_hook(hook)
