"""Still: one step as a PNG picture that carries the whole run, and any other picture of the window."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from app.keep.formats.order import ExportError, Order, packed, put
from app.keep.formats.pictures import HOLD_MS, THEMES, Shot, frames, to_pillow
from engine.values.files.carrier import in_png
from engine.values.recording import Recording

END = 12  # bytes of the chunk that ends a PNG file


async def write(recording: Recording, path: Path, order: Order) -> None:
    """The canvas at one step. Raises ExportError."""
    index = len(recording.frames) - 1 if order.step is None else order.step
    shot = [Shot(index, 0, HOLD_MS)]
    looks = THEMES[order.theme], order.view, QSize(*order.size)
    drawn = frames(recording, *looks, shot, order.scale, order.surprise)
    image = next(drawn)
    drawn.close()
    await write_image(image, path, order, recording)


async def write_image(image: QImage, path: str | Path, order: Order, recording: Recording | None = None) -> None:
    """A picture, with a run inside if one is given. Raises ExportError."""
    if Path(path).suffix.lower() != ".png":
        raise ExportError(f"The picture was not written to {path}: name it .png.")
    carried = await packed(recording, order) if recording else b""
    await put(path, (_png(image, carried) for _ in range(1)), 1, order)


def _png(image: QImage, carried: bytes) -> bytes:
    file = BytesIO()
    to_pillow(image).save(file, "PNG")
    data = file.getvalue()
    return data[:-END] + in_png(carried) + data[-END:] if carried else data
