"""Imports: torch, transformers and what models are made of, out of the way of the garbage collector."""

from __future__ import annotations

import atexit
import gc
from functools import cache
from importlib import import_module

from engine.model.folder.checkpoint import LoadError


@cache
def prepare() -> None:
    """Import it all, once, and have the collector pass over it from then on.

    It would look through 400,000 objects now and then, for 0.2 s, in which no thread runs Python: a window would
    stand still.
    """
    gc.disable()
    try:
        import_module("engine.model.gemma")
        import_module("transformers.models.diffusion_gemma.modeling_diffusion_gemma")
    except (ImportError, OSError) as error:  # OSError: a library of the system's would not start
        reason = " ".join(str(error).split())[:200]
        raise LoadError(f"torch or transformers cannot be started here ({reason}): install them again.") from error
    finally:
        gc.enable()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or bindings would take what is never collected for leaks, and say so
