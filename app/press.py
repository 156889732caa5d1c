"""Press: `unnoise export RUN FILE`: a run as a file of any format, with no display and no model.

Qt is imported for formats that are drawn, and told to draw off screen; torch never.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from app.keep.export import FORMATS, ExportError, Order, export, export_both, format_of
from app.run.timeline import LINES
from engine.commands.console import leave
from engine.commands.console.flags import InputError, Parser, fitting, real, sharp, some, whole, writable
from engine.values.recording import SUFFIX, Recording, RecordingError
from engine.values.words.letters import one_line

SIZE = 960, 600
LEAST, MOST = 100, 8000  # pixels of a picture's side
FASTEST = 1000.0  # steps a second
ENDINGS = ", ".join(ending for format in FORMATS for ending in format.endings)


def main(arguments: Sequence[str]) -> int:
    """The exit code. Raises InputError."""
    options = parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    try:
        with leave.at_once():
            writable(options.file)
            format, recording = format_of(options.file), Recording.load(options.run)
            other = Recording.load(options.against) if options.against else None
            order = _order(options, recording)
            screen = _screen() if format.drawn else None
        work = partial(_work, recording, other, options)
        done = _write(work, options.file, order, console)
        del screen
    except (ExportError, RecordingError) as error:
        raise InputError(str(error)) from error
    if not done:
        console.print("Interrupted: nothing was written.")
        return leave.code()
    inside = format.inside(recording, order.bare or other is not None)
    console.print(_told(options.file, inside), markup=False, soft_wrap=True)
    return 0


def parser() -> Parser:
    top = Parser(prog="unnoise export", description=f"Write a run as a file, by its ending: {ENDINGS}.")
    top.add_argument("run", type=some, metavar="RUN", help="a recording, or a picture or page with one inside")
    top.add_argument("file", type=some, metavar="FILE", help=f"what to write: {ENDINGS}")
    top.add_argument(
        "--against", type=some, metavar="RUN", help="another run, beside it: a film, an animation or a page of both"
    )
    together = "what holds both together (default: step)"
    top.add_argument("--together", choices=tuple(LINES), default="step", help=together)
    top.add_argument("--bare", action="store_true", help="leave the run out of it, with its prompt and its knobs")
    drawn = top.add_argument_group("pictures and films")
    drawn.add_argument("--theme", choices=("dark", "light"), default="dark", help="default: dark")
    drawn.add_argument("--view", choices=("prose", "auto", "grid"), default="auto", help="default: auto")
    drawn.add_argument(
        "--size", metavar="WxH", default=f"{SIZE[0]}x{SIZE[1]}", help="width x height (default 960x600)"
    )
    drawn.add_argument(
        "--scale", type=sharp, metavar="X", default=1.0, help="pixels of the file per pixel (default 1)"
    )
    drawn.add_argument(
        "--speed", type=real, metavar="X", default=0.0, help="steps a second (default: as they were)"
    )
    drawn.add_argument(
        "--step", type=whole, metavar="N", help="the step of a single picture, from 1 (default: the last)"
    )
    drawn.add_argument("--motion", action=argparse.BooleanOptionalAction, default=True, help="whether words move")
    return top


def keep(recording: Recording, file: str) -> None:
    """Write a run that was just made, in the format of the ending, if it is one; what fails loses no run.

    Raises RecordingError.
    """
    try:
        format = format_of(file)
    except ExportError:
        return recording.save(file)
    try:
        screen = _screen() if format.drawn else None
        asyncio.run(export(recording, file, Order(size=SIZE)))
        del screen
    except (ExportError, InputError) as error:
        instead = Path(file).with_suffix(SUFFIX)
        recording.save(instead)
        raise RecordingError(f"{error} The recording was saved to {instead}.") from error


def _order(options: argparse.Namespace, recording: Recording) -> Order:
    count, step = len(recording.frames), options.step
    if step is not None and not 1 <= step <= count:
        raise InputError(f"--step must be from 1 to {count}, the steps of this run (got {step}).")
    if not 0 <= options.speed <= FASTEST:
        raise InputError(f"--speed must be from 0, as they were, to {FASTEST:g} (got {options.speed:g}).")
    width, _, height = options.size.partition("x")
    sides = [int(side) if side.isdecimal() and len(side) < 6 else 0 for side in (width, height)]
    if not all(LEAST <= side <= MOST for side in sides):
        raise InputError(f"--size must look like 960x600, from {LEAST} to {MOST} pixels each (got {options.size}).")
    fitting(*sides, options.scale)
    return Order(
        theme=options.theme,
        view=options.view,
        size=(sides[0], sides[1]),
        scale=options.scale,
        speed=options.speed,
        motion=options.motion,
        step=None if step is None else step - 1,
        bare=options.bare,
    )


def _screen() -> object:
    """Qt, drawing off screen. Raises InputError."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app import display

    if reason := display.missing():
        raise InputError(f"Pictures and pages cannot be made here: {reason}")
    from PySide6.QtWidgets import QApplication

    from app import look

    application = QApplication.instance() or QApplication(["unnoise"])
    look.prepare(application)
    return application


async def _work(recording: Recording, other: Recording | None, options: argparse.Namespace, order: Order) -> None:
    if other is None:
        return await export(recording, options.file, order)
    if not (recording.frames and other.frames):
        raise ExportError("One of the two runs has no steps: choose another.")
    return await export_both(LINES[options.together]([recording, other]), options.file, order)


def _write(work: Callable[[Order], Awaitable[None]], file: str, order: Order, console: Console) -> bool:
    """Whether it was written: a signal ends it in order, and leaves no file."""
    bar = Progress(console=console, transient=True) if console.is_terminal else nullcontext()
    with bar as shown:
        task = shown.add_task(escape(one_line(Path(file).name)), total=1.0) if shown else None
        report = (lambda share: shown.update(task, completed=share)) if shown else order.progress
        return asyncio.run(_stoppable(work(replace(order, progress=report))))


async def _stoppable(work: Awaitable[None]) -> bool:
    loop, writing = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        loop.call_soon_threadsafe(writing.cancel)

    with leave.told(stop):
        with suppress(asyncio.CancelledError):
            await writing
            return True
        return False


def _told(file: str, inside: str) -> str:
    size = Path(file).stat().st_size
    large = f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB" if size >= 1e3 else f"{size} bytes"
    told = f"Written to {file} ({large})"
    return f"{told}: {inside}. To leave that out: --bare." if inside else f"{told}."
