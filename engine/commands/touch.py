"""Touch: hands from the command line: which words a run is to have, and a recording as the start of another run."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.commands.console import speak
from engine.commands.console.flags import InputError, some, whole
from engine.steps.branch import following
from engine.values.edit import Edit, Near
from engine.values.picture import Picture
from engine.values.recording import Recording, RecordingError
from engine.values.settings import knobs

if TYPE_CHECKING:
    from engine.model.gemma import Gemma
    from engine.steps.denoise import Edits


CELL = r"[0-9]{1,4}"  # the number of one, far above any canvas


def add(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("going on from a recording")
    group.add_argument(
        "--from", type=some, dest="parent", metavar="RUN", help="go on from a recording instead of a prompt"
    )
    group.add_argument("--step", type=whole, metavar="K", help="keep its first K steps (default: none)")
    group.add_argument("--melt", action="append", default=[], metavar="CELLS", help="make cells noise: 3-9,12")
    group = command.add_argument_group("words that must appear")
    words = {"action": "append", "default": [], "type": speak.words}
    group.add_argument("--pin", **words, metavar="CELL=TEXT", help="hold a text from a cell on")
    near = "hold a text anywhere within cells, where the model likes it best: 0-80=lantern"
    group.add_argument("--near", **words, metavar="CELLS=TEXT", help=near)


def branch(options: argparse.Namespace, given: dict[str, Any]) -> Recording:
    """The recording of a run that goes on from `options.parent`, with what it keeps of it. Raises InputError."""
    try:
        parent = Recording.load(options.parent)
    except RecordingError as error:
        raise InputError(str(error)) from error
    for name in given.keys() - {name for name, knob in knobs().items() if knob.live} - {"device", "precision"}:
        flag = "--" + name.replace("_", "-")
        raise InputError(f"{flag} cannot change within a run: only what moves a running canvas can, as --t-max.")
    count = options.step or 0
    if not 0 <= count < len(parent.frames):
        raise InputError(f"--step must be from 0 to {len(parent.frames) - 1}, steps that it can go on from.")
    before = parent.frames[count - 1].settings if count else parent.settings
    return replace(parent.branch(count), settings=replace(before, **given))


def pictures(given: tuple[Picture, ...], recording: Recording) -> tuple[Picture, ...]:
    """The pictures that a recording's prompt had, which no file of one holds. Raises InputError."""
    count = len(recording.pictures)
    if given and not count:
        raise InputError("The prompt of this recording had no pictures: leave --image out.")
    if count != len(given):
        had = "a picture" if count == 1 else f"{count} pictures"
        raise InputError(f"This prompt had {had}, which its recording does not hold: give the same with --image.")
    return given


def edits(options: argparse.Namespace, recording: Recording, model: Gemma) -> Edits:
    """The edits that the flags name, before the first step that is new. Raises InputError."""
    from engine.model.text.tokens import plain

    place = following(recording)
    pins, near = {}, [_near(text, model) for text in options.near]
    for text in options.pin:
        cell, sign, words = text.partition("=")
        if not (sign and re.fullmatch(CELL, cell) and words):
            raise InputError(f"--pin must look like 12=Nora, the number of a cell and a text (got {text}).")
        pins |= dict(enumerate(plain(model.tokenizer, words), int(cell)))
    melt = tuple(cell for text in options.melt for cell in _cells(text))
    try:
        edit = Edit(*place, melt=melt, pins=tuple(sorted(pins.items())), near=tuple(near))
        edit.fits(model.length, model.vocabulary)
    except ValueError as error:
        raise InputError(str(error)) from error
    return lambda canvas, step: (edit,) if edit.cells and (canvas, step) == place else ()


def _near(text: str, model: Gemma) -> Near:
    """The cells and the ids of "0-80=lantern": a word of its own, whatever stands before it."""
    from engine.model.text.tokens import plain

    cells, sign, words = text.partition("=")
    if not (sign and re.fullmatch(f"{CELL}(-{CELL})?", cells) and words.strip()):
        raise InputError(f"--near must look like 0-80=lantern, numbers of cells and a text (got {text}).")
    first, _, last = cells.partition("-")
    return int(first), int(last or first), tuple(plain(model.tokenizer, f" {words.strip()}"))


def _cells(text: str) -> list[int]:
    """The cells of "3-9,12"."""
    if not re.fullmatch(f"{CELL}(-{CELL})?(,{CELL}(-{CELL})?)*", text):
        raise InputError(f"--melt must look like 3-9,12, numbers of cells (got {text}).")
    spans = [[int(number) for number in part.split("-")] for part in text.split(",")]
    return sorted({cell for span in spans for cell in range(span[0], span[-1] + 1)})
