"""Run: `unnoise run`, the main job in a terminal; and a recording played there."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import leave, server
from engine.commands.flags import InputError, add_again, add_knobs, add_model, add_prompt, given
from engine.commands.load import load
from engine.model import trouble
from engine.values.frame import STOPS
from engine.values.recording import Recording, RecordingError

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma


def add(commands: Any) -> None:
    run = commands.add_parser("run", help="write a text in the terminal, step by step")
    add_prompt(run)
    run.add_argument("--record", metavar="FILE", help="write the recording of every step to FILE")
    add_model(run)
    add_again(run)
    run.add_argument("--server", metavar="URL", help="let a vLLM server write, which sends whole canvases")
    add_knobs(run)
    run.set_defaults(work=_run)


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if options.server is not None:
        return server.run(options, knobs_given)
    if options.record and not Path(options.record).absolute().parent.is_dir():
        raise InputError(f"The folder of {options.record} does not exist; create it, or record elsewhere.")
    return write(options.prompt, knobs_given, options.model, options.record, options.json, options.fetch_again)


def write(
    prompt: str,
    given: dict[str, Any],
    source: str | None = None,
    record: str | None = None,
    as_json: bool = False,
    again: bool = False,
) -> int:
    """The main job in a terminal: animated where there is one, plain text where not. Its exit code, or InputError.

    `given` are the knobs that somebody set; the others are the model's own defaults. With `as_json` stdout is for
    that line alone. What a run that was stopped or failed has so far is recorded and told like any other.
    """
    from rich.console import Console

    console = Console(stderr=as_json, highlight=False, soft_wrap=False)
    model = load(source, given, console, again)
    settings = replace(model.usual, **given)
    recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
    code = _fill(recording, model, console)
    if record and recording.frames:  # first: who reads the output may have gone
        try:
            recording.save(record)
        except RecordingError as error:
            raise InputError(str(error)) from error
    _tell(recording, console, as_json)
    return code


def _fill(recording: Recording, model: Gemma, console: Console) -> int:
    """Run the model until the text is over, or whatever ends it before: the exit code."""
    from engine.commands import terminal
    from engine.steps.denoise import denoise

    settings = recording.settings
    try:
        ids = model.encode(recording.prompt, chat=settings.chat, thinking=settings.thinking)
        frames = denoise(model, ids, lambda canvas, step: settings)
        if console.is_terminal:
            terminal.animate(frames, recording, console)
        else:
            for frame in frames:
                recording.append(frame)
    except (KeyboardInterrupt, Exception) as error:
        if leave.heard() or isinstance(error, KeyboardInterrupt):
            recording.outcome = "stopped"
            return leave.code()
        recording.outcome = trouble.explain(error)
        return 1
    recording.outcome = "finished"
    return 0


def _tell(recording: Recording, console: Console, as_json: bool) -> None:
    """What came of it, and what was measured."""
    if recording.outcome not in ("finished", "stopped"):
        print(f"unnoise: {recording.outcome}", file=sys.stderr)
    if not recording.frames:
        return
    if console.is_terminal:
        console.print(f"[bright_black]{_last_words(recording)}[/]")
    elif not as_json:
        print(recording.text())
    if as_json:
        from engine.values.metrics import summary

        print(json.dumps(summary(recording)))


def play(recording: Recording) -> int:
    """A recording in the terminal, every frame for as long as it took."""
    from rich.console import Console

    from engine.commands import terminal

    console = Console(highlight=False)
    if console.is_terminal:
        terminal.animate(terminal.in_time(recording), replace(recording, frames=[]), console)
    else:
        print(recording.text())
    return 0


def _last_words(recording: Recording) -> str:
    from engine.values.metrics import speeds

    last, speed = recording.frames[-1], speeds(recording)
    ended = STOPS.get(last.stop, "finished") if recording.outcome == "finished" else "stopped"
    return (
        f"{ended} after {len(recording.frames)} steps and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s"
    )
