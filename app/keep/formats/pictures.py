"""Pictures: a recording, a race or two runs side by side, moving: as it was measured, for as long as it took.

Animated WebP, PNG and GIF, and films. Knows no model.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.keep.formats.film import CARRIERS, FORMATS, Film
from app.keep.formats.movie import CODECS, Movie
from app.keep.formats.order import ExportError, Order, packed
from app.run.duo import Duo
from app.run.scene import Scene
from app.run.shades import colour
from app.run.timeline import TICKS, Timeline
from engine.steps.race import Lane
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.lane import Track
from widgets.sides import Sides
from widgets.theme import DARK, LIGHT, Theme, palette, stylesheet

HOLD_MS = 2500  # how long the finished text stays
RACE_MS = 50  # between two pictures of a race
MARGIN = 16  # pixels around a race
LONGEST_MS = 60_000  # an animated PNG has no number for more
MOVE_MS = 40  # between two pictures of what moves
STEP_MS, END_MS = 350, 900  # how long a step is seen to move, and the end of a canvas
SHORTEST_MS = 20  # shorter ones are slowed down by most viewers
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


class Shot(NamedTuple):
    """One picture of an animation: of which frame, how long after it came, and how long the picture stays."""

    index: int
    after: int
    stays: int


def shots(recording: Recording, speed: float = 0.0, motion: bool = True) -> list[Shot]:
    """Every step for as long as it took, or 1/`speed` seconds; while something moves, a picture every MOVE_MS."""
    return _spaced(durations(recording, speed), [bool(frame.stop) for frame in recording.frames], motion)


def _spaced(lasting: Sequence[int], ends: Sequence[bool], motion: bool) -> list[Shot]:
    """Shots of frames that last so long in milliseconds, and may end a canvas."""
    result = []
    for index, (stays, over) in enumerate(zip(lasting, ends, strict=True)):
        moves = (END_MS if over else STEP_MS) if motion and index else 0
        times = list(range(0, min(moves, stays - SHORTEST_MS + 1), MOVE_MS)) or [0]
        ends = [*times[1:], stays]
        result += [Shot(index, after, end - after) for after, end in zip(times, ends, strict=True)]
    return result


def resting(taken: Sequence[Shot]) -> Iterator[tuple[Shot, bool]]:
    """Shots, and whether each is the last of its step, in which nothing moves any more."""
    after = [shot.index for shot in taken[1:]]
    yield from ((shot, shot.index != then) for shot, then in zip(taken, [*after, None], strict=True))


def frames(
    recording: Recording,
    theme: Theme,
    view: str,
    size: QSize,
    taken: Sequence[Shot],
    scale: float = 1.0,
    surprise: bool = False,
) -> Generator[QImage, None, None]:
    """The canvas of a recording in each of the shots, painted off screen. `surprise`: once words have come to rest,
    they have the colour of how surprising they are, where that is known."""
    now = 0.0
    canvas = Canvas(clock=lambda: now)
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.set_lexicon(recording.lexicon)
    canvas.set_run(recording.frames, over=True)
    canvas.set_motion(len(taken) > len(recording.frames))
    canvas.resize(size)
    try:
        for shot, rests in resting(taken):
            if not shot.after:
                colour(canvas, recording, shot.index, on=False)
                frame = recording.frames[shot.index]
                canvas.show_frame(frame, recording.previous(shot.index), recording.finished(shot.index))
            if surprise and rests:
                colour(canvas, recording, shot.index, on=True)
            image = _blank(size, scale, theme.panel)
            canvas.render(image)
            yield image
            now += shot.stays
    finally:
        canvas.deleteLater()


def _blank(size: QSize, scale: float, colour: str) -> QImage:
    """A picture of `size`, with `scale` pixels for each of it."""
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(colour)
    return image


def _within(widget: QWidget, size: QSize, scale: float, theme: Theme) -> QImage:
    """A widget as it is now, in a margin."""
    image = _blank(size, scale, theme.window)
    widget.render(image, QPoint(MARGIN, MARGIN))
    return image


def durations(recording: Recording | Timeline, speed: float = 0.0) -> list[int]:
    """Milliseconds that each step stays: what the step after it took, or 1/`speed` seconds."""
    times = [frame.seconds for frame in recording.frames]
    gaps = [1 / speed if speed else after - now for now, after in pairwise(times)]
    return [min(LONGEST_MS, max(SHORTEST_MS, round(gap * 1000))) for gap in gaps] + [HOLD_MS]


async def write(recording: Recording, path: Path, order: Order) -> None:
    """An animated picture or a film, by the ending of `path`. Raises ExportError.

    Gives the event loop a turn after every frame, so that a window stays alive.
    """
    theme, taken = THEMES[order.theme], shots(recording, order.speed, order.motion)
    carried = await packed(recording, order) if path.suffix.lower() in CARRIERS else b""
    looks = theme, order.view, QSize(*order.size)
    images = frames(recording, *looks, taken, order.scale, order.surprise)
    await _write(images, [shot.stays for shot in taken], path, order.progress, carried)


def moments(
    lanes: Sequence[Lane],
    cells: int,
    theme: Theme,
    view: str,
    size: QSize,
    times: Sequence[float],
    scale: float = 1.0,
    motion: bool = True,
) -> Generator[QImage | None, None, None]:
    """Both lanes of a race, for canvases of `cells`, as they stood at each of `times` in seconds.

    Before each, when it is half done, None: others have their turn.
    """
    clock = [0.0]  # of the picture that is drawn, in milliseconds
    track, size_of_track = Track(lambda: clock[0]), size - QSize(2 * MARGIN, 2 * MARGIN)
    recording = lanes[0].recording
    track.strip(f"{recording.prompt}   \u00b7   {recording.model} on {recording.device}")
    track.set_theme(theme)
    track.set_view(view)
    for lane in track.lanes:
        lane.canvas.set_motion(motion)
    track.resize(size_of_track)
    scene = Scene(track, lanes, cells)
    scene.finish()
    try:
        for now in times:
            clock[0] = now * 1000
            scene.show(now)
            yield None
            yield _within(track, size, scale, theme)
    finally:
        track.deleteLater()


def both(line: Timeline, speed: float = 0.0, motion: bool = True) -> list[Shot]:
    """Two runs as a line holds them together: every step of it as `shots` has them; by the clock as a race is."""
    if not line.paced:
        every, last = RACE_MS * TICKS // 1000, len(line.frames) - 1
        end = [Shot(last, *rest) for _, *rest in _spaced([0, HOLD_MS], [True, True], motion)[1:]]
        return [Shot(at, 0, RACE_MS) for at in range(0, last, every)] + end
    steps = [line.at(index) for index in range(len(line.frames))]
    ends = [any(run.frames[at].stop for run, at in zip(line.runs, step, strict=True)) for step in steps]
    return _spaced(durations(line, speed), ends, motion)


def facing(
    line: Timeline,
    theme: Theme,
    view: str,
    size: QSize,
    taken: Sequence[Shot],
    scale: float = 1.0,
    motion: bool = True,
    swapped: bool = False,
    surprise: bool = False,
) -> Generator[QImage | None, None, None]:
    """Two runs side by side in each of the shots. Before each, when it is half done, None: others have their turn.
    `swapped`: the second is on the left. `surprise`: as `frames` has it."""
    clock = [0.0]  # of the picture that is drawn, in milliseconds
    sides = Sides(lambda: clock[0])
    sides.strip()
    sides.setPalette(palette(theme))
    sides.setStyleSheet(stylesheet(theme))  # no window may have set the application's
    sides.set_theme(theme)
    sides.set_view(view)
    for side in sides.sides:
        side.canvas.set_motion(motion)
    sides.resize(size - QSize(2 * MARGIN, 2 * MARGIN))
    duo = Duo(sides)
    duo.coloured = surprise
    duo.begin(line.runs[0])
    duo.take(line.runs[1])
    if swapped:
        duo.swap()
    try:
        for shot, rests in resting(taken):
            if not shot.after:
                duo.colour(line.at(shot.index), on=False)
                duo.show(line.at(shot.index))
                yield None
            if surprise and rests:
                duo.colour(line.at(shot.index), on=True)
            yield _within(sides, size, scale, theme)
            clock[0] += shot.stays
    finally:
        sides.deleteLater()


async def write_both(line: Timeline, path: str | Path, order: Order, swapped: bool = False) -> None:
    """As `write`, two runs that are over, held together as `line` does. Raises ExportError."""
    taken = both(line, order.speed, order.motion)
    looks = THEMES[order.theme], order.view, QSize(*order.size)
    images = facing(line, *looks, taken, order.scale, order.motion, swapped, order.surprise)
    await _write(images, [shot.stays for shot in taken], path, order.progress)


async def write_race(lanes: Sequence[Lane], cells: int, path: str | Path, order: Order) -> None:
    """As `write`, both lanes of a race by their own clocks, 20 pictures a second. Raises ExportError."""
    end = max(lane.seconds for lane in lanes)
    rest = [shot for shot in _spaced([0, HOLD_MS], [True, True], order.motion) if shot.index]
    times = [at * RACE_MS / 1000 for at in range(math.ceil(end * 1000 / RACE_MS))]
    gaps = [RACE_MS] * len(times) + [shot.stays for shot in rest]
    times += [end + shot.after / 1000 for shot in rest]  # what the last step moves comes to rest
    looks = THEMES[order.theme], order.view, QSize(*order.size)
    images = moments(lanes, cells, *looks, times, order.scale, order.motion)
    await _write(images, gaps, path, order.progress)


async def _write(
    images: Generator[QImage | None, None, None],
    times: Sequence[int],
    path: str | Path,
    progress: Callable[[float], None],
    carried: bytes = b"",
) -> None:
    """An animation of `images` that stay for `times` in milliseconds. Raises ExportError.

    Each picture is drawn here, in the loop's thread, while another thread encodes the one before: there are never
    more than two. Whatever goes wrong, a cancellation too, leaves no file.
    """
    path = Path(path)
    if path.suffix.lower() not in (*FORMATS, *CODECS):
        raise ExportError(f"An animation can be written as {', '.join((*FORMATS, *CODECS))}; name the file so.")
    worker = ThreadPoolExecutor(1, thread_name_prefix="export")
    on_worker = partial(asyncio.get_running_loop().run_in_executor, worker)
    try:
        film = await (on_worker(Movie, path) if path.suffix.lower() in CODECS else on_worker(Film, path, carried))
        try:
            before, left = None, list(reversed(times))
            for image in images:
                if image is not None:
                    if before is not None:
                        await before
                    before = on_worker(_add, film, image, left.pop())
                    progress(1 - len(left) / len(times))
                await asyncio.sleep(0)
            await before
            await on_worker(film.close)
        except BaseException:
            film.stop()
            await on_worker(film.drop)  # once the thread is done with the picture that it has
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExportError(f"The animation was not written to {path}: {reason}.") from error
    finally:
        images.close()
        worker.shutdown(wait=False)


def _add(film: Film | Movie, image: QImage, stays: int) -> None:
    film.add(to_pillow(image), stays)


def to_pillow(image: QImage) -> Image.Image:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    return Image.frombytes(
        "RGB", (rgb.width(), rgb.height()), bytes(rgb.constBits()), "raw", "RGB", rgb.bytesPerLine()
    )
