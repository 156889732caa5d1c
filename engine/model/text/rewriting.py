"""Rewriting: what a stranger's tokenizer makes of a text before it cuts it up, looked at before it does.

Each of its replacements may make a text longer, and the next one again: a chain of some dozens fills any memory, in
one call that nobody can interrupt. Knows no torch.
"""

from __future__ import annotations

import json
from typing import Any

from engine.model.folder.checkpoint import LoadError

LONGER = 4096  # times as long as it was, at the very most
PARTS = ("normalizer", "pre_tokenizer")


def check(tokenizer: Any, name: str) -> None:
    """LoadError if a text could become far longer than it is."""
    backend = tokenizer.backend_tokenizer
    growth = 1
    for part in PARTS:
        if (found := getattr(backend, part)) is not None:
            growth *= _growth(json.loads(found.__getstate__()))
    if growth > LONGER:
        raise LoadError(f"The tokenizer of {name} makes any text far too long: choose another model.")


def _growth(step: Any) -> int:
    """By how much a step, and all within it, may lengthen a text. Capped: nobody needs to know how much more."""
    growth = 1
    if isinstance(step, dict):
        written = [step.get(key) for key in ("content", "prepend", "replacement")]
        growth = 1 + max((len(text) for text in written if isinstance(text, str)), default=0)
        if step.get("type") == "Replace":
            growth = _replaced(step)
        step = list(step.values())
    for inner in step if isinstance(step, list) else []:
        growth = min(growth * _growth(inner), 2 * LONGER)
    return growth


def _replaced(step: dict[str, Any]) -> int:
    """The same of a replacement: of a text by another one, or of whatever a pattern finds, which may be nothing."""
    pattern, content = step.get("pattern", {}), len(step.get("content", ""))
    if text := pattern.get("String"):
        return max(1, -(-content // len(text)))
    return 1 + content
