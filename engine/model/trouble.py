"""Trouble: what may go wrong while a model is loaded or runs, as one sentence that says what to do. Knows no torch.

Libraries below raise what they like: errors are known here by their words, and by the names of their kinds.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from engine.model.folder.checkpoint import LoadError
from engine.model.text.tokens import PromptError
from engine.values.edit import EditError
from engine.values.frame import StepError
from engine.values.picture import PictureError
from engine.values.recording import RecordingError

log = logging.getLogger(__name__)
# What a card's driver says once it has lost its context, after which every further call fails, too.
LOST = ("cuda error", "hip error", "cudnn error", "cudnn_status", "cublas_status", "device-side assert", "nvrtc")


def known(error: BaseException) -> str | None:
    """The sentence for an error; None if nobody expected it."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, LoadError | PromptError | EditError | PictureError | RecordingError | StepError):
        return str(error)
    if names & {"MemoryError", "OutOfMemoryError"}:  # the second is torch's own
        return "Out of memory in this step: use a smaller model, or close other programs, then run again."
    return lost(error)


def lost(error: BaseException | None) -> str | None:
    """The sentence for a card that does nothing more in this process; None for any other error."""
    names, words = {kind.__name__ for kind in type(error).__mro__}, " ".join(str(error).split())
    if "AcceleratorError" not in names and not any(sign in words.lower() for sign in LOST):
        return None
    hint = "start Unnoise again, and if it happens again choose device cpu"
    return f"The graphics card does not answer any more ({words.partition(' CUDA kernel')[0][:120]}): {hint}."


def unforeseen(error: BaseException) -> str:
    """What is said of an error that nobody expected: as much as whoever mends it needs, in one sentence."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f", {Path(last[0].filename).name} line {last[0].lineno}" if last else ""
    words = " ".join(str(error).split())[:160]
    told = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return f"Something unexpected failed ({told}{where}): try again, and report this line if it comes back."


def explain(error: BaseException) -> str:
    """An error as one sentence for people. What nobody expected is also logged, whole."""
    if sentence := known(error):
        return sentence
    log.error("unexpected error", exc_info=error)
    words = " ".join(str(error).split())[:160] or type(error).__name__
    return f"Something unexpected failed ({words}); your prompt and settings are kept, so you can try again."
