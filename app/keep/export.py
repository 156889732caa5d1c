"""Export: a run as a file, in the format that the file's ending names.

The one table of formats. To add one: a module in app/keep/formats with `async def write(recording, path, order)`,
and its line here. `unnoise export`, the window's dialog and the help read this table. Knows no format.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from app.keep.formats.order import ExportError, Order
from app.run.timeline import Timeline
from engine.values.recording import SUFFIX, Recording

__all__ = [
    "FORMATS",
    "ExportError",
    "Format",
    "Offer",
    "Order",
    "contents",
    "export",
    "export_both",
    "format_of",
    "of_several",
    "offers",
]

BARE = "by itself: only what is seen"


class Format(NamedTuple):
    """A kind of file."""

    words: str  # what people call it
    endings: tuple[str, ...]
    module: str  # in app/keep/formats: imported when it is wanted, as some need Qt
    carries: bool = False  # the run, where that is wished, so that it can be opened again
    drawn: bool = False  # by Qt
    moves: bool = False  # made of pictures one after the other: a race can be one, too
    told: bool = False  # prompt and knobs are in it, though it cannot be opened again
    pairs: str = ""  # the module that writes two runs side by side, if one does

    def inside(self, recording: Recording, bare: bool) -> str:
        """What whoever gets a file learns that is not to be seen at once; nothing if it was left out."""
        if bare or not (self.carries or self.told):
            return ""
        return f"{contents(recording)} are inside" + (", so that it opens in Unnoise" if self.carries else "")


WINDOW = Format("Picture of the window", (".png",), "still", carries=True, drawn=True)
FORMATS = (
    Format("Animated picture", (".webp",), "pictures", carries=True, drawn=True, moves=True, pairs="pictures"),
    Format("Picture of this step", (".png",), "still", carries=True, drawn=True),
    Format("Web page", (".html",), "page", carries=True, drawn=True, pairs="both"),
    Format("Film", (".mp4", ".webm"), "pictures", drawn=True, moves=True, pairs="pictures"),
    Format("Animated picture", (".gif",), "pictures", drawn=True, moves=True, pairs="pictures"),
    Format("Animated PNG", (".apng",), "pictures", carries=True, drawn=True, moves=True, pairs="pictures"),
    Format("Text", (".txt",), "words"),
    Format("Conversation", (".md", ".json"), "talk"),
    Format("JSON, a line a step, with prompt and knobs", (".jsonl",), "lines", told=True),
    Format("Table of numbers", (".csv",), "table"),
    Format("Recording", (SUFFIX,), "whole"),
)


class Offer(NamedTuple):
    """What a dialog offers: a format, with the run inside or without."""

    format: Format
    bare: bool
    contents: str = ""  # of the run

    @property
    def label(self) -> str:
        """As a name filter of Qt, which tells what is given away."""
        inside = f" {BARE if self.bare else f'with {self.contents} inside'}" if self.format.carries else ""
        return f"{self.format.words}{inside} ({' '.join('*' + ending for ending in self.format.endings)})"


def contents(recording: Recording) -> str:
    """What of a run goes along with it."""
    talk = ["conversation"] if recording.before else []
    seen = ["small pictures"] if recording.thumbnails and recording.pictures else []
    return f"{', '.join(['prompt', *talk, *seen, 'knobs'])} and steps"


def offers(recording: Recording, formats: Sequence[Format] = FORMATS) -> list[Offer]:
    """All that is offered, with the run inside first."""
    bare = [Offer(format, True) for format in formats if format.carries]
    return [Offer(format, False, contents(recording)) for format in formats] + bare


def of_several(formats: Sequence[Format] = FORMATS) -> list[Offer]:
    """The same of a race, or of two runs: none of them is inside."""
    return [Offer(format._replace(carries=False), True) for format in formats]


def format_of(path: str | Path) -> Format:
    """By the ending of a file's name. Raises ExportError."""
    ending = Path(path).suffix.lower()
    found = next((format for format in FORMATS if ending in format.endings), None)
    if found is None:
        endings = ", ".join(ending for format in FORMATS for ending in format.endings)
        raise ExportError(f"A run can be written as {endings}: name the file so.")
    return found


async def export_both(line: Timeline, path: str | Path, order: Order, swapped: bool = False) -> None:
    """Writes two runs side by side, held together as `line` does; else as `export`."""
    format = format_of(path)
    if not format.pairs:
        endings = ", ".join(ending for format in FORMATS if format.pairs for ending in format.endings)
        raise ExportError(f"Two runs can be written as {endings}: name the file so.")
    await import_module(f"app.keep.formats.{format.pairs}").write_both(line, Path(path), order, swapped)


async def export(recording: Recording, path: str | Path, order: Order) -> None:
    """Writes a run, whole or not at all. Raises ExportError; cancelled, it leaves no file.

    Pictures are drawn in the thread that calls, which has to be Qt's, and written in others.
    """
    format = format_of(path)
    if not recording.frames:
        raise ExportError("There is nothing to export yet: run a prompt first.")
    await import_module(f"app.keep.formats.{format.module}").write(recording, Path(path), order)
