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
from engine.model.choice.source import CancelError, Progress
from engine.model.computer.machine import cards
from engine.model.computer.split import spread
from engine.model.experts import stream
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import Checkpoint, DamageError, LoadError
from engine.model.text import chat, rewriting

Cancelled = Callable[[], bool]


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Whatever making a model of a stranger's files raises, as LoadError in one sentence."""
    try:
        yield
    except LoadError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        hint = "close other programs, or choose a smaller model, precision int4 or another device"
        raise LoadError(f"{name} does not fit into the memory that is free: {hint}.") from error
    except Exception as error:  # transformers and what it asks for raise anything
        raise LoadError(f"{name} cannot be loaded ({_reason(error)}): choose another model.") from error


def build(
    found: Checkpoint, place: str, dtype: torch.dtype, precision: str, progress: Progress, cancelled: Cancelled
) -> Any:
    """The model of a checkpoint, on its device and ready to be asked. Raises LoadError, also for lack of memory."""
    with explained(found.name), _quiet(f"Loading {found.name}", progress, cancelled):
        if place == "split":
            model = _split(found, dtype)
        else:
            way = stream if precision == "int4" and not found.packed else straight
            model = way.load(found, place, dtype, progress, cancelled)
        return model.eval().requires_grad_(False)


def _reason(error: BaseException) -> str:
    """What an error of a library says, in some words of one line."""
    lines = [words for line in str(error).splitlines() if (words := line.strip())] or [type(error).__name__]
    return " ".join(lines[: 1 + lines[0].endswith(":")])[:160].rstrip(".:")


def _split(found: Checkpoint, dtype: torch.dtype) -> Any:
    """The model on several graphics cards, as transformers loads it there. LoadError without accelerate."""
    from transformers import DiffusionGemmaForBlockDiffusion

    if find_spec("accelerate") is None:
        raise LoadError("A model on several graphics cards needs accelerate: install it (pip install accelerate).")
    places = spread(blank.fitting(found, dtype), cards())  # refuses what would not come from the file, too
    model, report = DiffusionGemmaForBlockDiffusion.from_pretrained(
        found.folder,
        dtype=dtype,
        device_map=places,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
    )
    lacking = [key for key in report["missing_keys"] if not key.startswith(checkpoint.SIGHT)]
    checkpoint.refuse(found.name, {"missing": lacking})
    blank.blind(model)
    return model


def tokenizer(found: Checkpoint) -> Any:
    """The tokenizer of a checkpoint. Raises LoadError."""
    from transformers import PreTrainedTokenizerFast
    from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(found.folder, local_files_only=True)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the parser of tokenizer.json raises nothing narrower, and may panic
        what = f"The tokenizer of {found.name} cannot be read"
        raise DamageError(what, found.folder / "tokenizer.json") from error
    tokenizer.model_max_length = VERY_LARGE_INTEGER  # how much fits is told before a run, and in a sentence
    rewriting.check(tokenizer, found.name)
    chat.check(tokenizer, found.name)
    return tokenizer


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
