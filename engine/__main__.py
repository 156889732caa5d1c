"""The headless commands: `unnoise run`, `race`, `models`, `bench`, `train` and `evaluate`. Needs no Qt.

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

from engine.checkpoint import LoadError
from engine.frame import STOPS
from engine.recording import Recording, RecordingError
from engine.settings import Decoding, Settings, default, knobs

COMMANDS = ("run", "race", "models", "bench", "train", "evaluate")
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
    run.add_argument("--server", metavar="URL", help="let a vLLM server write, which sends whole canvases")
    add_knobs(run)
    run.set_defaults(work=_run)
    _add_race(commands)
    _add_models(commands)
    _add_bench(commands)
    for name, help in TRAINING.items():
        commands.add_parser(name, help=help)
    return top


def add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="MODEL", help="a folder or a hub id (default: the embedded model)")


def add_knobs(command: argparse.ArgumentParser, of: type = Settings, prefix: str = "") -> None:
    """One flag for every knob."""
    group = command.add_argument_group("knobs" if of is Settings else "knobs of the autoregressive lane")
    for name, knob in knobs(of).items():
        flag, value = "--" + (prefix + name).replace("_", "-"), default(name, of)
        if isinstance(value, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=knob.help)
            continue
        kind = (lambda text: text.replace("-", " ")) if knob.choices else type(value)
        limits = "|".join(knob.choices) if knob.choices else f"{knob.minimum:.10g} to {knob.maximum:.10g}"
        text = f"{knob.help} {limits}, default {value}".replace("%", "%%")
        group.add_argument(flag, type=kind, default=None, metavar=name.upper(), help=text)


def given(options: argparse.Namespace, of: type = Settings, prefix: str = "") -> dict[str, Any]:
    """The knobs that the flags set, by name. Raises InputError."""
    values = {name: value for name in knobs(of) if (value := getattr(options, prefix + name)) is not None}
    try:
        of(**values)
    except ValueError as error:
        raise InputError(str(error)) from error
    return values


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if options.server is not None:
        return _run_remote(options, knobs_given)
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


def _run_remote(options: argparse.Namespace, given: dict[str, Any]) -> int:
    """As `_run`, on a server: the text appears canvas by canvas. What has arrived before an error is not lost."""
    from rich.console import Console

    from engine.delivery import Delivery, show
    from engine.remote import KNOBS, RemoteError, Server

    for name in given.keys() - KNOBS:
        flag = "--" + name.replace("_", "-")
        raise InputError(f"{flag} has no effect on a server, which samples as it was started: leave it out.")
    if options.record:
        raise InputError("A server sends no steps that could be recorded: leave --record out.")
    try:
        server = Server(options.server)
        delivery = Delivery(options.prompt, server.model(options.model), server.address)
    except RemoteError as error:
        raise InputError(str(error)) from error
    console = Console(stderr=options.json, highlight=False)
    shown = console if console.is_terminal or not options.json else None
    try:
        show(server.write(delivery.model, options.prompt, **given), delivery, shown)
        delivery.outcome = "finished"
    except RemoteError as error:
        delivery.outcome = str(error)
    if shown and delivery.arrivals:
        console.print()
    if console.is_terminal:
        console.print(delivery.last_words(), style="bright_black", markup=False)
    if options.json:
        print(json.dumps(delivery.summary()))
    if delivery.outcome != "finished":
        print(f"unnoise: {delivery.outcome}", file=sys.stderr)
    return int(delivery.outcome != "finished")


def write(prompt: str, given: dict[str, Any], source: str | None = None, quiet: bool = False) -> Recording:
    """The main job in a terminal: animated where there is one, plain text where not. Raises InputError.

    `given` are the knobs that somebody set; the others are the model's own defaults. With `quiet` nothing but the
    animation is shown, and that on stderr: stdout is somebody else's.
    """
    from rich.console import Console

    from engine import terminal

    console = Console(stderr=quiet, highlight=False, soft_wrap=False)
    with console.status("Loading the model") if console.is_terminal else nullcontext() as status:
        model = _load(source, *(given.get(name, default(name)) for name in ("device", "precision")), status)
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


def _race(options: argparse.Namespace) -> int:
    """Both lanes: measured and replayed side by side where there is a terminal, else only what came of them."""
    from rich.console import Console

    from engine import race, track

    values, decoding = given(options), Decoding(**given(options, Decoding, "ar_"))
    console = Console(stderr=options.json, highlight=False)
    served = _served(options.server)
    with console.status("Loading the model") if console.is_terminal else nullcontext() as status:
        model = _load(options.model, *(values.get(name, default(name)) for name in ("device", "precision")), status)
    settings = replace(model.usual, **values)
    lanes = race.line_up(model, options.prompt, settings, decoding)
    if served is not None:
        lanes = [lanes[0], served.lane(options.prompt, settings)]
    running = race.run(lanes, lambda canvas, step: settings)
    try:
        track.watch(lanes, running, console) if console.is_terminal else list(running)
    except LoadError as error:  # a server's
        print(track.plain(lanes), file=console.file)
        print(f"unnoise: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(race.results(lanes, decoding)))
    elif console.is_terminal:
        track.replay(lanes, console)
    else:
        print(track.plain(lanes))
    return 0


def _served(address: str | None) -> Any:
    """What a server serves; None without one. Raises InputError."""
    from engine.served import Served

    try:
        return None if address is None else Served(address)
    except LoadError as error:
        raise InputError(str(error)) from error


def _load(source: str | None, device: str, precision: str, status: Any = None) -> Any:
    """A loaded model. `status`, of a terminal, says how far it is. Raises InputError."""
    from engine import gemma

    def progress(label: str, share: float | None = None) -> None:
        if status is not None:
            status.update(label if share is None else f"{label}, {share:.0%}")

    try:
        return gemma.load(source, device, progress, precision=precision)
    except gemma.LoadError as error:
        raise InputError(str(error)) from error


def _last_words(recording: Recording) -> str:
    from engine.metrics import speeds

    last, speed = recording.frames[-1], speeds(recording)
    return (
        f"{STOPS.get(last.stop, 'finished')} after {len(recording.frames)} steps and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s"
    )


def _add_race(commands: Any) -> None:
    race = commands.add_parser("race", help="denoising against the same weights token by token, measured")
    race.add_argument("prompt", help="what to write")
    race.add_argument("--json", action="store_true", help="end in one JSON line")
    race.add_argument("--server", metavar="URL", help="race against a vLLM server instead, network included")
    add_model(race)
    add_knobs(race)
    add_knobs(race, Decoding, "ar_")
    race.set_defaults(work=_race)


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="what each model needs and what this computer has; loads nothing")
    models.add_argument("names", nargs="*", metavar="NAME", help="more models: folders or hub ids")
    models.add_argument("--json", action="store_true", help="one JSON line instead of a table")
    models.set_defaults(work=_models)


def _models(options: argparse.Namespace) -> int:
    from engine import models
    from engine.checkpoint import LoadError

    try:
        models.run(options.names, options.json)
    except LoadError as error:
        raise InputError(str(error)) from error
    return 0


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure, side by side, and end in one JSON line")
    which = bench.add_subparsers(required=True, metavar="WHAT")
    readout = which.add_parser("readout", help="our readout against transformers', at the size of the 26B model")
    readout.set_defaults(work=_bench_readout)
    step = which.add_parser("step", help="our whole step against generate()'s")
    add_model(step)
    step.set_defaults(work=_bench_step)
    experts = which.add_parser("experts", help="a layer's experts in 4 bits against transformers' whole ones")
    experts.set_defaults(work=_bench_experts)


def _bench_readout(options: argparse.Namespace) -> int:
    from engine import bench

    print(json.dumps(bench.readout()))
    return 0


def _bench_experts(options: argparse.Namespace) -> int:
    from engine import bench

    print(json.dumps(bench.experts()))
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
