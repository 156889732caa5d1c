"""Run: `unnoise run`, the main job in a terminal; and a recording played there."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.commands import server
from engine.commands.flags import InputError, add_knobs, add_model, add_prompt, given
from engine.commands.load import begin, load
from engine.values.frame import STOPS
from engine.values.recording import Recording, RecordingError
from engine.values.reply import UNFINISHED


def add(commands: Any) -> None:
    run = commands.add_parser("run", help="write a text in the terminal, step by step")
    add_prompt(run)
    run.add_argument("--record", metavar="FILE", help="write the recording of every step to FILE")
    add_model(run)
    run.add_argument("--server", metavar="URL", help="let a vLLM server write, which sends whole canvases")
    add_knobs(run)
    run.set_defaults(work=_run)


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if options.server is not None:
        return server.run(options, knobs_given)
    if options.record and not Path(options.record).absolute().parent.is_dir():
        raise InputError(f"The folder of {options.record} does not exist; create it, or record elsewhere.")
    recording = write(options.prompt, knobs_given, options.model, quiet=options.json)
    if options.record:
        try:
            recording.save(options.record)
        except RecordingError as error:
            raise InputError(str(error)) from error
    if options.json:
        from engine.values.metrics import summary

        print(json.dumps(summary(recording)))
    return 0


def write(prompt: str, given: dict[str, Any], source: str | None = None, quiet: bool = False) -> Recording:
    """The main job in a terminal: animated where there is one, plain text where not. Raises InputError.

    `given` are the knobs that somebody set; the others are the model's own defaults. With `quiet` nothing but the
    animation is shown, and that on stderr: stdout is somebody else's.
    """
    from rich.console import Console

    from engine.commands import terminal

    console = Console(stderr=quiet, highlight=False, soft_wrap=False)
    model = load(source, given, console)
    settings = model.usual.updated(given)
    from engine.steps.denoise import denoise

    recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
    frames = denoise(model, begin(model, prompt, settings), lambda canvas, step: settings)
    if console.is_terminal:
        terminal.animate(frames, recording, console)
        console.print(f"[bright_black]{_last_words(recording)}[/]")
    else:
        for frame in frames:
            recording.append(frame)
        if not quiet:
            print(recording.text())
            if recording.reply().unfinished:
                print(UNFINISHED, file=sys.stderr)
    recording.outcome = "finished"
    return recording


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
    silent = f"\n{UNFINISHED}" if recording.reply().unfinished else ""
    return (
        f"{STOPS.get(last.stop, 'finished')} after {len(recording.frames)} steps and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s{silent}"
    )
