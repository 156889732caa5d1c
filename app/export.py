"""Pictures of a recording: every frame as it was measured, shown for as long as it took. Knows no model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from engine.recording import Recording
from widgets.canvas import Canvas
from widgets.theme import Theme

FORMATS = (".gif", ".webp", ".png")
HOLD_MS = 2500  # how long the finished text stays
SHORTEST_MS = 20  # shorter ones are slowed down by most viewers


class ExportError(Exception):
    """A picture that cannot be written. Its message is a sentence for people."""


def frames(recording: Recording, theme: Theme, view: str, size: QSize, scale: float = 1.0) -> Iterator[QImage]:
    """The canvas at every step of a recording, painted off screen."""
    canvas = Canvas()
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.set_lexicon(recording.lexicon)
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
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ExportError(f"An animation can be written as {', '.join(FORMATS)}; name the file so.")
    if not recording.frames:
        raise ExportError("There is nothing to export yet; run a prompt first.")
    images = []
    for image in frames(recording, theme, view, size):
        images.append(_to_pillow(image))
        progress(len(images) / len(recording.frames))
        await asyncio.sleep(0)
    if path.suffix.lower() == ".gif":
        images = [image.quantize(128, dither=Image.Dither.NONE) for image in images]
    times = durations(recording, speed)
    try:
        images[0].save(path, save_all=True, append_images=images[1:], duration=times, loop=0, optimize=True)
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
