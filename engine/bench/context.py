"""What canvases cost behind a context of so many tokens: ours, transformers', and the least that is possible."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import median
from typing import Any

import torch

from engine.bench import canvas, work
from engine.bench.canvas import Side, Turn
from engine.bench.device import Speed
from engine.bench.turns import giga, milli, tera
from engine.model.folder.checkpoint import LoadError
from engine.model.gemma import Gemma

WARM = 3  # steps of a canvas that is thrown away: the first step has none before it, the others are all alike
UNPACKED = "transformers has no experts in 4 bits to measure against"
CROWDED = "there is too little memory for transformers' logits beside the model"

Say = Callable[[str], object]


def measure(
    model: Gemma, length: int, steps: Sequence[int], repeat: int, speed: Speed, say: Say = lambda line: None
) -> dict[str, Any]:
    """Everything behind `length` random tokens, for each number of steps. LoadError if there is no room to work."""
    ids = prompt(model, length)
    sides, missing = _sides(model, ids)
    turns = _turns(model, ids, steps, repeat, sides, say)
    results = {name: _side(several, model.length) for name, several in turns.items()}
    mine, stock, least = results["ours"], results.get("transformers"), limit(model, length, speed)
    return {
        **mine,
        "graph": model.graph(length) is not None,
        "graph_missing": model.remark,
        "parts_ms": _parts(model, ids, min(steps), repeat),
        **least,
        "share_of_limit": round(least["limit_ms"] / mine["step_ms"], 4),
        "times_faster": round(stock["step_ms"] / mine["step_ms"], 3) if stock else None,
        "transformers": stock,
        "transformers_missing": missing,
    }


def prompt(model: Gemma, length: int) -> list[int]:
    """Random ids, none of which announces an image."""
    ids = torch.randint(model.vocabulary, (length,), generator=torch.Generator().manual_seed(0))
    return ids.masked_fill(ids == model.model.config.image_token_id, 0).tolist()


def _sides(model: Gemma, ids: Sequence[int]) -> tuple[dict[str, Side], str | None]:
    """Who takes part, warm, and why transformers does not if it does not."""
    try:
        canvas.ours(model, ids, WARM)
    except torch.OutOfMemoryError as error:
        hint = "choose precision int4, a smaller model or smaller --contexts"
        raise LoadError(f"{model.name} leaves no room to work behind {len(ids)} tokens: {hint}.") from error
    if model.precision == "int4":
        return {"ours": canvas.ours}, UNPACKED
    with suppress(torch.OutOfMemoryError):
        canvas.theirs(model, ids, WARM)
        return {"ours": canvas.ours, "transformers": canvas.theirs}, None
    gc.collect()  # what the error held
    return {"ours": canvas.ours}, CROWDED


def _turns(
    model: Gemma, ids: Sequence[int], steps: Sequence[int], repeat: int, sides: dict[str, Side], say: Say
) -> dict[str, dict[int, list[Turn]]]:
    """By side and number of steps: the sides in turn, again and again."""
    turns: dict[str, dict[int, list[Turn]]] = {name: {count: [] for count in steps} for name in sides}
    for at in range(repeat):
        for count in steps:
            say(f"Behind {len(ids):,} tokens, turn {at + 1} of {repeat}: {count} steps")
            for name, side in sides.items():
                turns[name][count].append(side(model, ids, count))
    return turns


def _parts(model: Gemma, ids: Sequence[int], steps: int, repeat: int) -> dict[str, float]:
    """The parts of the median canvas: medians of each part would not add up."""
    canvases = [canvas.apart(model, ids, steps) for _ in range(repeat)]
    return sorted(canvases, key=lambda parts: parts["whole"])[(repeat - 1) // 2]


def _side(turns: dict[int, list[Turn]], cells: int) -> dict[str, Any]:
    """One side's results: medians of its turns, and the most memory in any."""
    every = [(count, turn) for count, several in turns.items() for turn in several]
    peaks = [turn.peak for _, turn in every if turn.peak is not None]
    return {
        "prefill_ms": milli(median(turn.prefill for _, turn in every)),
        "step_ms": milli(median(turn.stepping / count for count, turn in every)),
        "peak_gb": giga(max(peaks)) if peaks else None,
        "steps": {str(count): _speeds(several, cells) for count, several in turns.items()},
    }


def _speeds(turns: list[Turn], cells: int) -> dict[str, float]:
    """Canvas tokens a second, by the time of the steps alone and with the prefill."""
    return {
        "tok_per_s": round(cells / median(turn.stepping for turn in turns), 2),
        "tok_per_s_with_prefill": round(cells / median(turn.prefill + turn.stepping for turn in turns), 2),
    }


def limit(model: Gemma, length: int, speed: Speed) -> dict[str, Any]:
    """What a step has to move and to compute, and the least time that this takes at the measured speeds.

    The parts follow each other; in each, memory and arithmetic go on side by side.
    """
    experts = model.model.model.decoder.layers[0].experts.gate_up_proj
    group = experts.group if model.precision == "int4" else None
    parts = work.step(model.model.config, length, model.dtype.itemsize, group)
    least = {name: part.seconds(speed.bandwidth, speed.flops) for name, part in parts.items()}
    return {
        "step_gb": giga(sum(part.bytes for part in parts.values())),
        "step_tflop": tera(sum(part.flops for part in parts.values())),
        "limit_ms": milli(sum(least.values())),
        "limit_parts_ms": {name: milli(seconds) for name, seconds in least.items()},
    }
