"""Flags: what several commands and the window read from the command line, and the one line for bad input."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from engine.commands.console import speak
from engine.values.settings import Settings, default, knobs

SERVER = "let a vLLM server write, which sends whole canvases"


class Parser(argparse.ArgumentParser):
    """argparse, with one line instead of a usage text for what it does not understand."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class InputError(Exception):
    """Something a person asked for cannot be done. Its message is one sentence."""


def add_prompt(command: argparse.ArgumentParser, optional: bool = False) -> None:
    command.add_argument("prompt", nargs="?" if optional else None, type=speak.words, help="what to write")
    add_image(command)
    command.add_argument("--json", action="store_true", help="end in one JSON line")


def add_image(command: argparse.ArgumentParser) -> None:
    help = "a picture to look at before the prompt: PNG, JPEG or WebP; again for another one"
    command.add_argument("--image", action="append", default=[], metavar="FILE", help=help)


def add_thumbnails(command: argparse.ArgumentParser) -> None:
    help = "keep small copies of the pictures in the recording, which else says only that there were some"
    command.add_argument("--thumbnails", action="store_true", help=help)


def add_server(command: argparse.ArgumentParser, help: str = SERVER) -> None:
    command.add_argument("--server", metavar="URL", help=help)


def add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="MODEL", help="a folder or a hub id (default: the embedded model)")


def add_again(command: argparse.ArgumentParser) -> None:
    text = "look at every byte of a model of the hub that is here, and fetch what is damaged"
    command.add_argument("--fetch-again", action="store_true", help=text)


def positive(text: str) -> int:
    """A whole number from 1 on, as a type of argparse."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _several(text: str) -> str:
    if text != "auto":
        raise argparse.ArgumentTypeError("can only be auto")
    return "split"


def add_knobs(command: argparse.ArgumentParser, of: type = Settings, prefix: str = "") -> None:
    """One flag for every knob."""
    ours = of is Settings
    group = command.add_argument_group(
        "knobs" if ours else "knobs of the autoregressive lane",
        "What a model recommends for itself goes before these defaults." if ours else None,
    )
    for name, knob in knobs(of).items():
        flag, value = "--" + (prefix + name).replace("_", "-"), default(name, of)
        if isinstance(value, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=knob.help)
            continue
        kind = (lambda text: text.replace("-", " ")) if knob.choices else type(value)
        limits = "|".join(knob.choices) if knob.choices else f"{knob.minimum:.10g} to {knob.maximum:.10g}"
        text = f"{knob.help} {limits}, default {value}".replace("%", "%%")
        group.add_argument(flag, type=kind, default=None, metavar=name.upper(), help=text)
    if ours:
        several = "several graphics cards share the model: the same as --device split"
        group.add_argument("--device-map", dest="device", type=_several, metavar="auto", help=several)


def given(options: argparse.Namespace, of: type = Settings, prefix: str = "") -> dict[str, Any]:
    """The knobs that the flags set, by name. Raises InputError."""
    values = {name: value for name in knobs(of) if (value := getattr(options, prefix + name)) is not None}
    try:
        of(**values)
    except ValueError as error:
        raise InputError(str(error)) from error
    return values
