"""`unnoise bench step`: our whole step, with all that a frame needs, against generate()'s."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.bench.turns import NEVER, RESTLESS, compare
from engine.model import gemma, norm
from engine.steps.denoise import denoise


def measure(
    source: str | Path | None = None, device: str = "auto", steps: int = 8, rounds: int = 5
) -> dict[str, Any]:
    """Milliseconds a step on the model `source`: ours, with a Frame each, against generate()'s, with nothing.

    A turn is a whole canvas of `steps`, with the prompt's prefill on both sides.
    """
    model = gemma.load(source, device)
    prompt = model.encode("Write a story about a fox who finds a lantern.")
    settings = replace(RESTLESS, steps=steps)
    ids = torch.tensor([prompt], device=model.device)

    def ours() -> None:
        for _ in denoise(model, prompt, lambda canvas, step: settings):
            pass

    def theirs() -> None:
        options = {"max_denoising_steps": steps, "max_new_tokens": model.length, "confidence_threshold": NEVER}
        with norm.stock(model.model):
            model.model.generate(ids, **options).sequences.cpu()

    return {"bench": "step", "model": model.name} | compare(ours, theirs, model.device, rounds, steps)
