"""Start: what the arguments of `unnoise` ask for: the window, a headless command, or the terminal without a window.

Kept light: Qt is imported when a window is wanted, torch on the engine thread after it shows.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from app.keep.opening import OpenError, opened
from app.keep.prefs import THEMES
from engine import __main__ as headless
from engine.commands import chat, run, server
from engine.commands.console import flags, leave, said
from engine.values.presets import Preset
from engine.values.recording import SUFFIX, Recording
from engine.values.turns import Conversation
from engine.values.words.examples import EXAMPLE
from engine.values.words.letters import quoted

EXPORT = "write a run as a picture, a page, a film or text"


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:2] == ["bench", "ui"]:
        flags.Parser(
            prog="unnoise bench ui", description="Measure the window, and end in one JSON line."
        ).parse_args(arguments[2:])
        return headless.ended(_bench_ui)
    if arguments[:1] == ["export"]:
        return headless.ended(lambda: _export(arguments[1:]))
    if arguments and arguments[0] in headless.COMMANDS:
        return headless.main(arguments, _keep)
    options = parser().parse_args(arguments)
    return headless.ended(lambda: _start(options))


def parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="unnoise",
        description="Watch text emerge from noise: opens the window, or does what a command says.",
        usage="unnoise [FLAGS]\n       unnoise COMMAND [...]",
        epilog=_commands(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    flags.add_model(top)
    flags.add_server(top)
    top.add_argument("--prompt", metavar="TEXT", type=flags.prompt, help="what to write first")
    flags.add_image(top)
    flags.add_thumbnails(top)
    said.add(top)
    top.add_argument(
        "--replay",
        type=flags.some,
        metavar="FILE",
        help="open a recording, a picture with one inside or a conversation, without a model",
    )
    pictures = top.add_argument_group("pictures, made off screen")
    pictures.add_argument(
        "--screenshot", type=flags.some, metavar="FILE", help="write a picture of the window, and exit"
    )
    pictures.add_argument(
        "--animation", type=flags.some, metavar="FILE", help="write the canvas as .webp, .gif, .png, .mp4, and exit"
    )
    pictures.add_argument(
        "--size", metavar="WxH", default="1280x800", help="width x height of the picture (default 1280x800)"
    )
    pictures.add_argument(
        "--scale", type=flags.sharp, metavar="X", default=1.0, help="device pixels per pixel (default 1)"
    )
    pictures.add_argument(
        "--step", type=flags.whole, metavar="N", help="the step to show, from 1 (default: the last)"
    )
    pictures.add_argument(
        "--speed", type=flags.real, metavar="X", help="steps a second in the animation (default: as they were)"
    )
    pictures.add_argument("--theme", choices=THEMES, help="default: the one last chosen")
    pictures.add_argument("--view", choices=("prose", "auto", "grid"), help="default: the one last chosen")
    flags.add_knobs(top)
    return top


class _Parser(flags.Parser):
    """That of the window, which has no words of its own: a word is meant for a command."""

    def _unknown(self, word: str) -> str:
        if word.startswith("-"):
            return super()._unknown(word)
        near = get_close_matches(word, (*headless.COMMANDS, "export"), 1)
        hint = f"did you mean {near[0]}?" if near else 'to write a text, put it behind "unnoise run"'
        return f"there is no command {quoted(word)}: {hint}"


def _commands() -> str:
    """The commands and what they do."""
    told = [*headless.commands().items(), ("export", EXPORT)]
    lines = "\n".join(f"  {name:<10}{help}" for name, help in told)
    return f"commands (unnoise COMMAND --help tells more):\n{lines}"


def _start(options: argparse.Namespace) -> int:
    given = flags.given(options)  # told before anything is loaded
    for file in (options.screenshot, options.animation):
        flags.writable(file)
    if options.screenshot or options.animation:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    if options.server is not None and options.model is not None:
        raise flags.InputError("The window takes what a server serves first: give --server or --model, not both.")
    options.question = said.wished(options)  # what of it nobody can see, the window says
    replay = _opened(options.replay)
    from app import display

    if reason := display.missing():
        return _terminal(reason, options, given, replay)
    from app import desktop

    return desktop.main(options, replay)


def _opened(path: str | None) -> Recording | Conversation | None:
    try:
        found = None if path is None else opened(path)
    except OpenError as error:
        raise flags.InputError(str(error)) from error
    if isinstance(found, Preset):
        raise flags.InputError(f"{path} is a preset: drop it onto the window to take it up.")
    return found


def _terminal(
    reason: str, options: argparse.Namespace, given: dict, replay: Recording | Conversation | None
) -> int:
    """The main job without a window."""
    options.json, options.record = False, None
    print(f"{reason} Unnoise runs in the terminal instead.", file=sys.stderr)
    with leave.in_order():
        if isinstance(replay, Recording):
            return run.play(replay)
        if replay is not None:
            print(chat.shown(replay))
            return 0
        question = said.shown(replace(options.question, prompt=options.prompt or EXAMPLE), options.after)
        if options.server is not None:
            return server.run(question, options, given)
        code = run.write(
            question,
            given,
            options.model,
            again=options.fetch_again,
            forget=options.forget,
        )
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
