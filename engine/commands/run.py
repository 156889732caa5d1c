"""Run: `unnoise run`, the main job in a terminal; and a recording played there."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import leave, server, touch
from engine.commands.flags import InputError, add_again, add_knobs, add_model, add_prompt, given
from engine.commands.load import begin, load
from engine.model import trouble
from engine.values.frame import STOPS
from engine.values.recording import Recording, RecordingError
from engine.values.reply import UNFINISHED

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma
    from engine.steps.denoise import Edits


def add(commands: Any) -> None:
    run = commands.add_parser("run", help="write a text in the terminal, step by step")
    add_prompt(run, optional=True)
    run.add_argument("--record", metavar="FILE", help="write the recording of every step to FILE")
    add_model(run)
    add_again(run)
    run.add_argument("--server", metavar="URL", help="let a vLLM server write, which sends whole canvases")
    touch.add(run)
    add_knobs(run)
    run.set_defaults(work=_run)


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if (options.prompt is None) == (options.parent is None):
        raise InputError("Give a prompt, or with --from a recording to go on from: one of both.")
    if options.parent is None and (options.step is not None or options.pin or options.melt):
        raise InputError("--step, --pin and --melt are about a recording: name it with --from.")
    if options.record and not Path(options.record).absolute().parent.is_dir():
        raise InputError(f"The folder of {options.record} does not exist; create it, or record elsewhere.")
    if options.server is not None:
        if options.parent is not None:
            raise InputError("A server cannot go on from a recording: leave --server out.")
        return server.run(options, knobs_given)
    if options.parent is not None:
        return _go_on(options, knobs_given)
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
    console = _console(as_json)
    model = load(source, given, console, again)
    settings = model.usual.updated(given)
    recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
    return _finish(recording, model, lambda canvas, step: (), console, record, as_json)


def _go_on(options: argparse.Namespace, given: dict[str, Any]) -> int:
    """The same, from a step of a recording on."""
    recording, console = touch.branch(options, given), _console(options.json)
    model = load(options.model, given, console, options.fetch_again)
    if model.name != recording.model:
        raise InputError(f"Only {recording.model} can go on with this recording: name it with --model.")
    recording.lexicon = model.lexicon  # of all tokens
    edits = touch.edits(options, recording, model)
    return _finish(recording, model, edits, console, options.record, options.json)


def _console(as_json: bool) -> Console:
    from rich.console import Console

    return Console(stderr=as_json, highlight=False, soft_wrap=False)


def _finish(
    recording: Recording, model: Gemma, edits: Edits, console: Console, record: str | None, as_json: bool
) -> int:
    """Run the model on a recording, keep it where it was asked to, and tell it: the exit code."""
    code = _fill(recording, model, begin(model, recording.prompt, recording.settings), edits, console)
    if record and recording.frames:  # first: who reads the output may have gone
        try:
            recording.save(record)
        except RecordingError as error:
            raise InputError(str(error)) from error
    _tell(recording, console, as_json)
    return code


def _fill(recording: Recording, model: Gemma, ids: list[int], edits: Edits, console: Console) -> int:
    """Run the model on the ids of a prompt until the text is over, or whatever ends it before: the exit code."""
    from engine.commands import terminal
    from engine.steps.branch import go_on

    try:
        frames = go_on(model, recording, ids, lambda canvas, step: recording.settings, edits)
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
        if recording.reply().unfinished:
            print(UNFINISHED, file=sys.stderr)
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
    silent = f"\n{UNFINISHED}" if recording.reply().unfinished else ""
    return (
        f"{ended} after {len(recording.frames)} steps and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s{silent}"
    )
