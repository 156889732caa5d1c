"""Pictures of a recording or a race: as it was measured, shown for as long as it took. Knows no model."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QImage

from app.run.scene import Scene
from engine.steps.race import Lane
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.lane import Track
from widgets.theme import Theme

FORMATS = (".gif", ".webp", ".png")
HOLD_MS = 2500  # how long the finished text stays
RACE_MS = 50  # between two pictures of a race
MARGIN = 16  # pixels around a race
SHORTEST_MS = 20  # shorter ones are slowed down by most viewers


class ExportError(Exception):
    """A picture that cannot be written. Its message is a sentence for people."""


def frames(recording: Recording, theme: Theme, view: str, size: QSize, scale: float = 1.0) -> Iterator[QImage]:
    """The canvas at every step of a recording, painted off screen."""
    canvas = Canvas()
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.set_lexicon(recording.lexicon)
    canvas.set_run(recording.frames, over=True)
    canvas.resize(size)
    for index, frame in enumerate(recording.frames):
        canvas.show_frame(frame, recording.previous(index), recording.finished(index))
        image = QImage(size * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(theme.panel)
        canvas.render(image)
        yield image
    canvas.deleteLater()


def durations(recording: Recording, speed: float = 0.0) -> list[int]:
    """Milliseconds that each frame stays: what the step after it took, or 1/`speed` seconds."""
    times = [frame.seconds for frame in recording.frames]
    gaps = [1 / speed if speed else after - now for now, after in pairwise(times)]
    return [max(SHORTEST_MS, round(gap * 1000)) for gap in gaps] + [HOLD_MS]


async def animate(
    recording: Recording,
    path: str | Path,
    theme: Theme,
    view: str,
    size: QSize,
    speed: float = 0.0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Writes an animated GIF, WebP or PNG, by the ending of `path`. Raises ExportError.

    Gives the event loop a turn after every frame, so that a window stays alive.
    """
    if not recording.frames:
        raise ExportError("There is nothing to export yet; run a prompt first.")
    await _write(frames(recording, theme, view, size), durations(recording, speed), path, progress)


def moments(
    lanes: Sequence[Lane], cells: int, theme: Theme, view: str, size: QSize, times: Sequence[float]
) -> Iterator[QImage]:
    """Both lanes of a race, for canvases of `cells`, as they stood at each of `times` in seconds."""
    track, size_of_track = Track(), size - QSize(2 * MARGIN, 2 * MARGIN)
    recording = lanes[0].recording
    track.strip(f"{recording.prompt}   \u00b7   {recording.model} on {recording.device}")
    track.set_theme(theme)
    track.set_view(view)
    track.resize(size_of_track)
    scene = Scene(track, lanes, cells)
    scene.finish()
    for now in times:
        scene.show(now)
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(theme.window)
        track.render(image, QPoint(MARGIN, MARGIN))
        yield image
    track.deleteLater()


async def animate_race(
    lanes: Sequence[Lane],
    cells: int,
    path: str | Path,
    theme: Theme,
    view: str,
    size: QSize,
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """As `animate`, both lanes of a race by their own clocks, 20 pictures a second. Raises ExportError."""
    end = max(lane.seconds for lane in lanes)
    times = [at * RACE_MS / 1000 for at in range(math.ceil(end * 1000 / RACE_MS))] + [end]
    gaps = [RACE_MS] * (len(times) - 1) + [HOLD_MS]
    await _write(moments(lanes, cells, theme, view, size, times), gaps, path, progress)


async def _write(
    images: Iterator[QImage], times: Sequence[int], path: str | Path, progress: Callable[[float], None]
) -> None:
    """An animation of `images` that stay for `times` in milliseconds. Raises ExportError."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ExportError(f"An animation can be written as {', '.join(FORMATS)}; name the file so.")
    painted = []
    for image in images:
        painted.append(_to_pillow(image))
        progress(len(painted) / len(times))
        await asyncio.sleep(0)
    if path.suffix.lower() == ".gif":
        painted = [image.quantize(128, dither=Image.Dither.NONE) for image in painted]
    try:
        painted[0].save(path, save_all=True, append_images=painted[1:], duration=list(times), loop=0, optimize=True)
    except OSError as error:
        raise ExportError(f"The animation was not written to {path}: {error.strerror or error}.") from error


def picture(image: QImage, path: str | Path) -> None:
    """Writes one picture. Raises ExportError."""
    if not image.save(str(path)):
        raise ExportError(f"The picture was not written to {path}; use a .png file in a folder that exists.")


def _to_pillow(image: QImage) -> Image.Image:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    return Image.frombytes(
        "RGB", (rgb.width(), rgb.height()), bytes(rgb.constBits()), "raw", "RGB", rgb.bytesPerLine()
    )
