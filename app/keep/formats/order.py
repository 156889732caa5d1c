"""Order: what is asked of an export beside the run and the file; and how files are written. Knows no Qt."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from app.tasks import aside
from engine.values.files.carrier import CARRIED
from engine.values.recording import Recording, RecordingError


class ExportError(Exception):
    """A file that cannot be written. Its message is a sentence for people."""


@dataclass(frozen=True)
class Order:
    """Each format takes of it what it needs."""

    theme: str = "dark"  # or "light"
    view: str = "auto"
    size: tuple[int, int] = (1280, 800)  # of a picture, in pixels of the screen ...
    scale: float = 1.0  # ... each of which has so many in the file
    speed: float = 0.0  # steps a second; 0: each for as long as it took
    motion: bool = True  # whether what changes is seen to move
    surprise: bool = False  # whether words have the colour of how surprising they are, where the text has been read
    step: int | None = None  # the index of the frame that a single picture shows; None: the last
    bare: bool = False  # without the run inside, its prompt and its knobs
    progress: Callable[[float], None] = lambda share: None  # called with 0 to 1


async def packed(recording: Recording, order: Order) -> bytes:
    """The recording's file, for what carries it; nothing where it is to be left out. Raises ExportError."""
    if order.bare:
        return b""
    data = await aside(_pack, recording)
    if len(data) > CARRIED:
        much = f"{len(data) / 1e6:.0f} of at most {CARRIED / 1e6:.0f} MB"
        raise ExportError(f"The run is too long to be put inside ({much}): leave it out, or save the recording.")
    return data


def _pack(recording: Recording) -> bytes:
    file = BytesIO()
    try:
        recording.write(file)
    except RecordingError as error:
        raise ExportError(str(error)) from error
    return file.getvalue()


async def put(path: str | Path, parts: Iterable[bytes], count: int, order: Order) -> None:
    """Writes `count` parts one behind the other, whole or not at all. Raises ExportError.

    They are made and written on a thread of their own. A cancellation is heard after each, and leaves no file.
    """
    path = Path(path)
    unfinished, rest = path.with_name(path.name + ".partial"), iter(parts)
    worker = ThreadPoolExecutor(1, thread_name_prefix="export")
    on_worker = partial(asyncio.get_running_loop().run_in_executor, worker)
    try:
        file = await on_worker(unfinished.open, "wb")
        try:
            for done in range(1, count + 1):
                await on_worker(lambda: file.write(next(rest)))
                order.progress(done / count)
            await on_worker(file.close)
            await on_worker(os.replace, unfinished, path)
        except BaseException:
            await on_worker(_drop, file, unfinished)
            raise
    except OSError as error:
        raise ExportError(f"{path} was not written: {error.strerror or error}.") from error
    finally:
        worker.shutdown(wait=False)


def _drop(file, path: Path) -> None:
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        path.unlink(missing_ok=True)
