"""Fill: `unnoise fill`: a text with gaps, and what the model puts into them, over several draws of noise."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.commands.console import leave, said, speak
from engine.commands.console.flags import (
    GAPS,
    InputError,
    add_command,
    add_image,
    add_knobs,
    add_model,
    given,
    positive,
    prompt,
)
from engine.commands.console.load import begin, load
from engine.model import trouble
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.tally import filled, tally, told
from engine.values.words.blanks import parse

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma
    from engine.model.text.gaps import Filled

PROMPT = "Write a story"
RARE = 0.005  # a candidate less likely than this, which filled no gap, is not told


def add(commands: Any) -> None:
    example = '"Once upon a time, a ___ fox found an old [boat|map]." --draws 3'
    fill = add_command(commands, "fill", "fill the gaps of a text", "TEXT [FLAGS]", example)
    fill.add_argument("answer", metavar="TEXT", type=speak.words, help=GAPS)
    answer = f"what the text is an answer to (default: {PROMPT})"
    fill.add_argument("--prompt", metavar="TEXT", type=prompt, default=PROMPT, help=answer)
    add_image(fill)
    said.add(fill)
    fill.add_argument(
        "--draws", type=positive, default=1, metavar="N", help="how often, each time from other noise (default 1)"
    )
    fill.add_argument("--json", action="store_true", help="end in one JSON line")
    add_model(fill)
    add_knobs(fill)
    fill.set_defaults(work=_fill)


def _fill(options: argparse.Namespace) -> int:
    from rich.console import Console

    values, console = given(options), Console(stderr=options.json, highlight=False)
    question = said.asked(options)
    model = load(options.model, values, console, options.fetch_again)
    try:
        placed = model.place(parse(options.answer))
    except ValueError as error:
        raise InputError(str(error)) from error
    settings = model.usual.updated(values)
    question = said.fitting(model, question, settings, options.forget)
    draws: list[Recording] = []
    code = _draw(options, model, question, settings, placed, console, draws)
    if options.json and draws:
        print(json.dumps(summary(options, settings, draws, placed)))
    elif len(draws) > 1:
        _show_tally(draws, placed, console)
    return code


def _draw(
    options: argparse.Namespace,
    model: Gemma,
    question: Question,
    settings: Settings,
    placed: Filled,
    console: Console,
    draws: list[Recording],
) -> int:
    """Add draw after draw, and show each: the exit code. Those before whatever ends it are kept."""
    try:
        for draw in range(options.draws):
            seed = (settings.seed + draw) % 2**31
            draws.append(write(model, question, replace(settings, seed=seed)))
            if not options.json:
                _show(draws[-1], placed, console)
    except (KeyboardInterrupt, Exception) as error:
        if isinstance(error, InputError):
            raise
        if leave.heard() or isinstance(error, KeyboardInterrupt):
            return leave.code()
        speak.complain(trouble.explain(error))
        return 1
    return 0


def write(model: Gemma, question: Question, settings: Settings) -> Recording:
    """One draw, whole."""
    from engine.steps.denoise import denoise

    recording = Recording.of(model, question, settings)
    for frame in denoise(model, begin(model, question, settings), lambda canvas, step: settings):
        recording.append(frame)
    recording.outcome = "finished"
    return recording


def summary(
    options: argparse.Namespace, settings: Settings, draws: Sequence[Recording], placed: Filled
) -> dict[str, Any]:
    """All draws and what filled each gap, as one JSON object."""
    return {
        "prompt": options.prompt,
        "blanks": options.answer,
        "model": draws[0].model,
        "device": draws[0].device,
        "gaps": [{"cells": len(gap), "words": told(tally(draws, gap))} for gap in placed.gaps],
        "draws": [
            {
                "seed": draw.settings.seed,
                "text": draw.text(),
                "gaps": [filled(draw, gap) for gap in placed.gaps],
                "steps": len(draw.frames),
                "seconds": round(draw.frames[-1].seconds, 4),
            }
            for draw in draws
        ],
        "settings": settings.to_dict(),
    }


def _show(draw: Recording, placed: Filled, console: Console) -> None:
    """The text of a draw; in a terminal what filled the gaps stands out."""
    from rich.text import Text

    from engine.commands.console.terminal import printable

    last, inside = draw.last_frames()[0], {cell for gap in placed.gaps for cell in gap}
    text, end = Text(), draw.lexicon.end(last.guess)
    for cell, token in enumerate(last.guess[:end].tolist()):
        style = "bold cyan" if cell in inside else ""
        text.append(printable(draw.lexicon.text([token]), newlines=True), style)
    console.print(text)


def _show_tally(draws: Sequence[Recording], placed: Filled, console: Console) -> None:
    """What filled each gap, how often, and how likely it was."""
    for number, gap in enumerate(placed.gaps, 1):
        shown = []
        for word in tally(draws, gap):
            if not word.share and (word.probability or 0) < RARE:
                continue
            sure = "" if word.probability is None else f", {word.probability:.0%} ± {word.spread:.0%}"
            shown.append(f"{word.text or '(nothing)'} ({word.share:.0%} of draws{sure})")
        console.print(f"gap {number}: {'; '.join(shown)}", style="bright_black", markup=False)
