"""`unnoise bench model`: whole canvases of fixed steps, against generate() and against what the device could do.

All of it is measured in one process, ours and transformers' taking turns. What was not measured is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.bench import context, device, work
from engine.bench.context import Say
from engine.bench.device import Speed
from engine.bench.turns import RESTLESS, giga, named, tera
from engine.model import gemma
from engine.model.choice import plan
from engine.model.choice.source import EMBEDDED, Progress
from engine.model.computer import machine
from engine.model.folder.checkpoint import Checkpoint, LoadError
from engine.model.gemma import Gemma
from engine.model.hub import published
from engine.model.hub.published import CONFIG

STEPS, CONTEXTS, REPEAT = (12, 16, 20, 48), (1024, 8192), 3
PUBLISHED = Checkpoint(Path(), "The published configuration with random weights", published.slots())


def measure(
    source: str | Path | None = None,
    precision: str = "auto",
    place: str = "auto",
    steps: Sequence[int] = STEPS,
    contexts: Sequence[int] = CONTEXTS,
    repeat: int = REPEAT,
    say: Say = lambda line: None,
) -> dict[str, Any]:
    """Everything, of the model that `source` names ("embedded", a folder, a hub id), or of random weights if None.

    `say` is told what is going on. Raises LoadError if the model does not fit, ValueError for numbers out of range.
    """
    _check(steps, contexts, repeat)
    place = gemma.choose(place)
    if source is None:
        precision = settle(place, precision, max(contexts))
    if place != "cuda":
        torch.set_num_threads(gemma.threads())
    speed = device.speed(torch.device(place), gemma.DTYPES[place])
    say(f"This device: {speed.bandwidth / 1e9:,.1f} GB/s, {speed.flops / 1e12:,.3f} TFLOP/s")
    model = make(source, place, precision, say)
    results = _about(model, source, repeat, speed) | {"contexts": {}}
    for length in contexts:
        found = context.measure(model, length, steps, repeat, speed, say)
        say(f"Behind {length:,} tokens: {found['step_ms']:,.1f} ms a step, at least {found['limit_ms']:,.1f} here")
        results["contexts"][str(length)] = found
    return results


def _check(steps: Sequence[int], contexts: Sequence[int], repeat: int) -> None:
    for count in steps:
        replace(RESTLESS, steps=count)
    if min(contexts) < 1 or repeat < 1:
        raise ValueError("--contexts and --repeat must be 1 or more.")


def settle(place: str, precision: str, length: int) -> str:
    """full or int4, of random weights in the published size; for auto the first that fits. Raises LoadError."""
    there, room = machine.look(place), plan.working(CONFIG, place, length)
    needs = {name: PUBLISHED.size(name, plan.BYTES[place]) + room for name in plan.PRECISIONS}
    fitting = [name for name, need in needs.items() if there.free is None or need <= there.free]
    wanted = list(needs) if precision == "auto" else [precision]
    if found := [name for name in wanted if name in fitting]:
        return found[0]
    need = " and ".join(f"{plan.size(needs[name])} in {name}" for name in wanted)
    other = f"precision {fitting[0]}" if fitting else "--model embedded, or another that is smaller"
    raise LoadError(
        f"{PUBLISHED.name} needs {need}, and {there.name} has {plan.size(there.free)} free: take {other}."
    )


def make(source: str | Path | None, place: str, precision: str, say: Say) -> Gemma:
    """The model that `source` names, or of random weights in the published size. Raises LoadError."""
    if source is not None:
        source = EMBEDDED if source == "embedded" else source
        return gemma.load(source, place, _labels(say), precision=precision)
    from transformers import DiffusionGemmaConfig

    from engine.bench import chance

    say("Making random weights")
    group, config = PUBLISHED.group if precision == "int4" else None, DiffusionGemmaConfig(**CONFIG)
    return chance.gemma(config, place, gemma.DTYPES[place], group, PUBLISHED.name)


def _labels(say: Say) -> Progress:
    """Says what is going on when that changes, and not how far it is."""
    said: list[str] = []

    def progress(label: str, share: float | None = None) -> None:
        if label not in said[-1:]:
            said.append(label)
            say(label)

    return progress


def _about(model: Gemma, source: object, repeat: int, speed: Speed) -> dict[str, Any]:
    """What is measured, and on what."""
    import transformers

    text, values = model.model.config.text_config, [*model.model.parameters(), *model.model.buffers()]
    return {
        "bench": "model",
        "model": model.name,
        "weights": "random" if source is None else "checkpoint",
        "precision": model.precision,
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": named(model.device),
        "threads": torch.get_num_threads() if model.device.type == "cpu" else None,
        "torch": torch.__version__,
        "transformers_version": transformers.__version__,
        "cells": model.length,
        "repeat": repeat,
        "measured_gb_per_s": giga(speed.bandwidth),
        "measured_tflop_per_s": tera(speed.flops),
        "weights_gb": giga(sum(value.nbytes for value in values if not value.is_meta)),
        "resident_gb": giga(device.taken(model.device)),
        "experts": text.num_experts,
        "experts_expected": round(work.distinct(text.num_experts, text.top_k_experts, model.length), 2),
        "experts_hit": round(hit(model), 2),
    }


@torch.inference_mode()
def hit(model: Gemma) -> float:
    """How many different experts a canvas of noise really goes through, the mean of the layers."""
    found: list[int] = []
    hooks = [
        layer.router.register_forward_hook(lambda router, given, out: found.append(out[2].unique().numel()))
        for layer in model.model.model.decoder.layers
    ]
    noise = torch.randint(model.vocabulary, (model.length,), device=model.device)
    model.decode(noise, model.prefill(context.prompt(model, 1)), None)
    for hook in hooks:
        hook.remove()
    return sum(found) / len(found)
