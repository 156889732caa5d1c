"""The headless commands: `unnoise run`, `bench`, `train` and `evaluate`. Needs no Qt.

Exit codes: 0, 2 for bad input (one line on stderr), 1 when a run failed, 130 when it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from engine.frame import STOPS
from engine.recording import Recording, RecordingError
from engine.settings import Settings, default, knobs

COMMANDS = ("run", "bench", "train", "evaluate")
TRAINING = {"train": "train the embedded model from nothing", "evaluate": "say how good a trained model is"}
EXAMPLE = "Write a story about a fox who finds a lantern"


class Parser(argparse.ArgumentParser):
    """argparse, with one line instead of a usage text for what it does not understand."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class InputError(Exception):
    """Something a person asked for cannot be done. Its message is one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments and arguments[0] in TRAINING:  # these read their own arguments, where torch is at hand
        return import_module(f"engine.training.{arguments[0]}").main(arguments[1:])
    options = parser().parse_args(arguments)
    try:
        return options.work(options)
    except InputError as error:
        print(f"unnoise: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="unnoise", description="Text emerges from noise.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="write a text in the terminal, step by step")
    run.add_argument("prompt", help="what to write")
    run.add_argument("--json", action="store_true", help="end in one JSON line")
    run.add_argument("--record", metavar="FILE", help="write the recording of every step to FILE")
    add_model(run)
    add_knobs(run)
    run.set_defaults(work=_run)
    _add_bench(commands)
    for name, help in TRAINING.items():
        commands.add_parser(name, help=help)
    return top


def add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="MODEL", help="a folder or a hub id (default: the embedded model)")


def add_knobs(command: argparse.ArgumentParser) -> None:
    """One flag for every knob."""
    group = command.add_argument_group("knobs")
    for name, knob in knobs().items():
        flag, value = "--" + name.replace("_", "-"), default(name)
        if isinstance(value, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=knob.help)
            continue
        kind = (lambda text: text.replace("-", " ")) if knob.choices else type(value)
        limits = "|".join(knob.choices) if knob.choices else f"{knob.minimum:.10g} to {knob.maximum:.10g}"
        text = f"{knob.help} {limits}, default {value}".replace("%", "%%")
        group.add_argument(flag, type=kind, default=None, metavar=name.upper(), help=text)


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The knobs that the flags set, by name. Raises InputError."""
    values = {name: value for name in knobs() if (value := getattr(options, name)) is not None}
    try:
        replace(Settings(), **values)
    except ValueError as error:
        raise InputError(str(error)) from error
    return values


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if options.record and not Path(options.record).absolute().parent.is_dir():
        raise InputError(f"The folder of {options.record} does not exist; create it, or record elsewhere.")
    recording = write(options.prompt, knobs_given, options.model, quiet=options.json)
    if options.record:
        try:
            recording.save(options.record)
        except RecordingError as error:
            raise InputError(str(error)) from error
    if options.json:
        from engine.metrics import summary

        print(json.dumps(summary(recording)))
    return 0


def write(prompt: str, given: dict[str, Any], source: str | None = None, quiet: bool = False) -> Recording:
    """The main job in a terminal: animated where there is one, plain text where not. Raises InputError.

    `given` are the knobs that somebody set; the others are the model's own defaults. With `quiet` nothing but the
    animation is shown, and that on stderr: stdout is somebody else's.
    """
    from rich.console import Console

    from engine import terminal

    console = Console(stderr=quiet, highlight=False, soft_wrap=False)
    with console.status("Loading the model") if console.is_terminal else nullcontext():
        model = _load(source, given.get("device", default("device")))
    settings = replace(model.usual, **given)
    from engine.denoise import denoise

    recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
    ids = model.encode(prompt, chat=settings.chat, thinking=settings.thinking)
    frames = denoise(model, ids, lambda canvas, step: settings)
    if console.is_terminal:
        terminal.animate(frames, recording, console)
        console.print(f"[bright_black]{_last_words(recording)}[/]")
    else:
        for frame in frames:
            recording.append(frame)
        if not quiet:
            print(recording.text())
    recording.outcome = "finished"
    return recording


def play(recording: Recording) -> int:
    """A recording in the terminal, every frame for as long as it took."""
    from rich.console import Console

    from engine import terminal

    console = Console(highlight=False)
    if console.is_terminal:
        terminal.animate(terminal.in_time(recording), replace(recording, frames=[]), console)
    else:
        print(recording.text())
    return 0


def _load(source: str | None, device: str) -> Any:
    from engine import gemma

    try:
        return gemma.load(source, device)
    except gemma.LoadError as error:
        raise InputError(str(error)) from error


def _last_words(recording: Recording) -> str:
    from engine.metrics import speeds

    last, speed = recording.frames[-1], speeds(recording)
    return (
        f"{STOPS.get(last.stop, 'finished')} after {len(recording.frames)} steps and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s"
    )


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure, side by side, and end in one JSON line")
    which = bench.add_subparsers(required=True, metavar="WHAT")
    readout = which.add_parser("readout", help="our readout against transformers', at the size of the 26B model")
    readout.set_defaults(work=_bench_readout)
    step = which.add_parser("step", help="our whole step against generate()'s")
    add_model(step)
    step.set_defaults(work=_bench_step)


def _bench_readout(options: argparse.Namespace) -> int:
    from engine import bench

    print(json.dumps(bench.readout()))
    return 0


def _bench_step(options: argparse.Namespace) -> int:
    from engine import bench, gemma

    try:
        print(json.dumps(bench.step(options.model)))
    except gemma.LoadError as error:
        raise InputError(str(error)) from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
