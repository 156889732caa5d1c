"""Flags: what several commands and the window read from the command line, and the one line for bad input."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from engine.commands.console import speak
from engine.values.settings import Settings, default, knobs, takes
from engine.values.words.letters import one_line, quoted

SERVER = "let a vLLM server write, which sends whole canvases"
SHARPEST, PIXELS = 8.0, 1e8  # pixels a pixel of a picture, and all of them
MODEL = "a folder or a hub id (default: the embedded model)"
GAPS = """a text with gaps: ___ is a gap of one token, [3] of three, [yes|no|maybe] one of these words,
[40: key] one of forty with that word somewhere in it; ... at the end lets it go on"""
LETTERS = {int: "N", float: "X", str: "NAME"}  # what stands for a value in the help
# What argparse says, and what we say instead.
_WORDS = (
    (r"argument (\S+): expected .*", r"\1 needs a value"),
    (r"argument (\S+): invalid choice: (.*) \(choose from (.*)\)", r"\1 must be one of \3 (got \2)"),
    (r"argument (\S+): not allowed with argument (.*)", r"\1 cannot be given together with \2"),
    (r"argument (\S+): (.*)", r"\1 \2"),
    (r"the following arguments are required: (.*)", r"\1 must be given"),
)


class InputError(Exception):
    """Something a person asked for cannot be done. Its message is one sentence."""


class Parser(argparse.ArgumentParser):
    """argparse, with one line instead of a usage text for what it does not understand."""

    def error(self, message: str) -> NoReturn:
        for theirs, ours in _WORDS:
            if found := re.fullmatch(theirs, message, re.DOTALL):
                message = found.expand(ours).replace("'", "") if "choice" in message else found.expand(ours)
                break
        self.exit(2, f"{one_line(f'{self.prog}: {message} (see {self.prog} --help)')}\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuses what is not known where it is not known: a command's parser is asked like this, too."""
        options, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(self._unknown(rest[0]))
        return options, rest

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"{quoted(word)} is one word too many: put a text of several words in quotes"
        near = self._near(word.partition("=")[0])
        return f"there is no {quoted(word)}" + (f": did you mean {' or '.join(near)}?" if near else "")

    def _near(self, flag: str) -> list[str]:
        """The flags that somebody may have meant: by what they are called, or else by how they are spelled."""
        called = {flag: getattr(action, "called", "") for action in self._actions for flag in action.option_strings}
        word = flag.strip("-").replace("-", " ")
        named = [other for other, label in called.items() if len(word) > 2 and label.startswith(word)]
        return named or get_close_matches(flag, called, 2, 0.75)


def add_command(commands: Any, name: str, help: str, usage: str, *examples: str) -> argparse.ArgumentParser:
    """A command with its help: what it does, how it is written, and lines that work."""
    lines = "".join(f"\n  unnoise {name} {example}" for example in examples)
    return commands.add_parser(
        name,
        help=help,
        description=f"{help[:1].upper()}{help[1:]}.",
        usage=f"unnoise {name} {usage}",
        epilog=f"examples:{lines}" if lines else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_prompt(command: argparse.ArgumentParser, optional: bool = False) -> None:
    command.add_argument("prompt", nargs="?" if optional else None, type=prompt, help="what to write")
    add_image(command)
    command.add_argument("--json", action="store_true", help="end in one JSON line")


def add_image(command: argparse.ArgumentParser) -> None:
    help = "a picture to look at before the prompt: PNG, JPEG or WebP; again for another one"
    command.add_argument("--image", action="append", default=[], type=some, metavar="FILE", help=help)


def add_answer(command: argparse.ArgumentParser) -> None:
    help = f"what of the answer is given, as {GAPS}"
    command.add_argument("--answer", type=speak.words, metavar="TEXT", help=help)


def add_thumbnails(command: argparse.ArgumentParser) -> None:
    help = "keep small copies of the pictures in the recording, which else says only that there were some"
    command.add_argument("--thumbnails", action="store_true", help=help)


def add_server(command: argparse.ArgumentParser, help: str = SERVER) -> None:
    command.add_argument("--server", type=some, metavar="URL", help=help)


def add_source(command: argparse.ArgumentParser, help: str = MODEL) -> None:
    command.add_argument("--model", type=some, metavar="MODEL", help=help)


def add_model(command: argparse.ArgumentParser) -> None:
    add_source(command)
    text = "look at every byte of a model of the hub that is here, and fetch what is damaged"
    command.add_argument("--fetch-again", action="store_true", help=text)


def prompt(text: str) -> str:
    """What somebody wishes for, as a type of argparse."""
    if not text.strip():
        raise argparse.ArgumentTypeError("says nothing: write what the text is to be")
    return speak.words(text)


def some(text: str) -> str:
    """A name or an address, as a type of argparse: anything but nothing."""
    if not text.strip():
        raise argparse.ArgumentTypeError("needs a value")
    return text


def whole(text: str) -> int:
    """A whole number."""
    return _number(int, text, "a whole number")


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if (number := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1 (got {number})")
    return number


def real(text: str) -> float:
    """A number."""
    return _number(float, text, "a number")


def sharp(text: str) -> float:
    """How many pixels a pixel is to have: Qt ends the program over one that has none."""
    if not 0 < (scale := real(text)) <= SHARPEST:
        raise argparse.ArgumentTypeError(f"must be above 0, up to {SHARPEST:g} (got {quoted(text)})")
    return scale


def fitting(width: int, height: int, scale: float) -> None:
    """InputError if a picture would have more pixels than can be drawn."""
    if width * height * scale**2 > PIXELS:
        raise InputError(
            f"--size and --scale make more than {PIXELS / 1e6:.0f} million pixels: take less of either."
        )


def _number(kind: type, text: str, noun: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be {noun} (got {quoted(text)})") from None


def writable(file: str | None) -> None:
    """InputError unless a file of that name can be written, before anything is done that ends in writing it."""
    if file is None:
        return
    path = Path(file)
    odd = os.path.exists(path) and not os.path.isfile(path)
    if odd or path.absolute().parts[1:2] in (("dev",), ("proc",)):  # what is replaced there is no file of anybody's
        raise InputError(f"{file} is no file that can be written: name another one.")
    if not os.path.isdir(path.absolute().parent):
        raise InputError(f"The folder of {file} does not exist; create it, or name a file elsewhere.")
    trial = path.with_name(f"{path.name}.partial")  # as whatever writes it does first
    try:
        trial.open("ab").close()
        trial.unlink()
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror or error}): name another file.") from None


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
        limits = "|".join(knob.choices) if knob.choices else f"{knob.minimum:.10g} to {knob.maximum:.10g}"
        limits, usual = (text.replace(" ", "-") if knob.choices else text for text in (limits, str(value)))
        text = f"{knob.help} {limits}, default {usual}".replace("%", "%%")
        added = group.add_argument(flag, type=_value(name, of), metavar=LETTERS[type(value)], help=text)
        added.called = knob.label
    if ours:
        several = "several graphics cards share the model: the same as --device split"
        group.add_argument("--device-map", dest="device", type=_several, metavar="auto", help=several)


def _value(name: str, of: type) -> Callable[[str], Any]:
    """What reads a knob's value; the knob itself says which ones it takes."""
    kind = type(default(name, of))

    def read(text: str) -> Any:
        try:
            return _spaced(text, knobs(of)[name].choices) if kind is str else kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be {takes(name, of)} (got {quoted(text)})") from None

    return read


def _spaced(text: str, choices: Sequence[str]) -> str:
    """A choice, which may be written with hyphens in place of spaces; anything else as it is."""
    spaced = text.strip().replace("-", " ")
    return spaced if spaced in choices else text


def given(options: argparse.Namespace, of: type = Settings, prefix: str = "") -> dict[str, Any]:
    """The knobs that the flags set, by name. Raises InputError."""
    values = {name: value for name in knobs(of) if (value := getattr(options, prefix + name)) is not None}
    try:
        of(**values)
    except ValueError as error:
        raise InputError(str(error)) from error
    return values
