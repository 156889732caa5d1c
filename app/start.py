"""Start: what the arguments of `unnoise` ask for: the window, a headless command, or the terminal without a window.

Kept light: Qt is imported when a window is wanted, torch on the engine thread after it shows.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from app.keep.prefs import THEMES
from engine import __main__ as headless
from engine.commands import run
from engine.commands.console import flags, leave, speak
from engine.values.question import Question
from engine.values.recording import SUFFIX, Recording, RecordingError
from engine.values.words.examples import EXAMPLE

COMMANDS = f"commands: {', '.join(headless.COMMANDS)}, export (unnoise COMMAND --help tells more)"


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:2] == ["bench", "ui"]:
        return headless.ended(_bench_ui)
    if arguments[:1] == ["export"]:
        return headless.ended(lambda: _export(arguments[1:]))
    if arguments and arguments[0] in headless.COMMANDS:
        return headless.main(arguments, _keep)
    options = parser().parse_args(arguments)
    return headless.ended(lambda: _start(options))


def parser() -> argparse.ArgumentParser:
    top = flags.Parser(prog="unnoise", description="Watch text emerge from noise.", epilog=COMMANDS)
    flags.add_model(top)
    flags.add_again(top)
    top.add_argument("--prompt", type=speak.words, help="what to write first")
    top.add_argument(
        "--replay",
        metavar="FILE",
        help="open a recording, or a picture with one inside, without a model",
    )
    pictures = top.add_argument_group("pictures, made off screen")
    pictures.add_argument("--screenshot", metavar="FILE", help="write a picture of the window, and exit")
    pictures.add_argument(
        "--animation", metavar="FILE", help="write the canvas as .webp, .gif, .png, .mp4, and exit"
    )
    pictures.add_argument("--size", default="1280x800", help="width x height of the picture (default 1280x800)")
    pictures.add_argument("--scale", type=float, default=1.0, help="device pixels per pixel (default 1)")
    pictures.add_argument("--step", type=int, help="the step to show, from 1 (default: the last)")
    pictures.add_argument("--speed", type=float, help="steps a second in the animation (default: as they were)")
    pictures.add_argument("--theme", choices=THEMES, help="default: the one last chosen")
    pictures.add_argument("--view", choices=("prose", "auto", "grid"), help="default: the one last chosen")
    flags.add_knobs(top)
    return top


def _start(options: argparse.Namespace) -> int:
    given = flags.given(options)  # told before anything is loaded
    if options.screenshot or options.animation:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    replay = _recording(options.replay)
    from app import display

    if reason := display.missing():
        return _terminal(reason, options, given, replay)
    from app import desktop

    return desktop.main(options, replay)


def _recording(path: str | None) -> Recording | None:
    try:
        return Recording.load(path) if path else None
    except RecordingError as error:
        raise flags.InputError(str(error)) from error


def _terminal(reason: str, options: argparse.Namespace, given: dict, replay: Recording | None) -> int:
    """The main job without a window."""
    print(f"{reason} Unnoise runs in the terminal instead.", file=sys.stderr)
    if replay is not None:
        with leave.in_order():
            return run.play(replay)
    with leave.in_order():
        code = run.write(Question(options.prompt or EXAMPLE), given, options.model, again=options.fetch_again)
    print('Your own: unnoise run "your prompt"', file=sys.stderr)
    return code


def _keep(recording: Recording, file: str) -> None:
    """Write a run as its file's ending says, or as a recording."""
    if file.lower().endswith(SUFFIX):
        return recording.save(file)
    from app import press

    return press.keep(recording, file)


def _export(arguments: Sequence[str]) -> int:
    from app import press

    return press.main(arguments)


def _bench_ui() -> int:
    from app import bench

    return bench.main()
