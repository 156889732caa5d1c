"""Image: a picture from a stranger's file, decoded under bounds, turned upright, and stripped of all but pixels.

What is animated, damaged or larger than the bounds is refused in one sentence. Knows no model.
"""

from __future__ import annotations

import os
import stat
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.values.picture import OTHERS, Picture, PictureError, foreign

KINDS = ("PNG", "JPEG", "WEBP")
BYTES = 2**25  # of a file
PIXELS = 2**26  # that are decoded: 64 million, more than a telephone's camera has
KEPT = 2**24  # ... that are kept: larger ones are halved, since no model looks at a sixth of that
SIDE = 2**16 - 1  # pixels
SCANS = 200  # passes over a progressive JPEG: cameras make ten, each costs as much as a whole picture
SMALL = 160  # pixels of the longer side of a small copy ...
LITTLE = 2**16  # ... and bytes of its file
SENT = 2**22  # bytes of a file that keeps every pixel, for a server: above it is compressed
BEGINS = (b"GIF8", b"BM", b"II*\0", b"MM\0*")  # GIF, BMP and TIFF ...
BOX = b"ftyp"  # ... and, at byte 4, HEIC and AVIF. Source: each format's specification
ORIENTATION = 0x0112  # in EXIF
# What makes a picture upright, by its orientation in EXIF. Source: EXIF 2.3, 4.6.4 A.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read(path: str | Path) -> Picture:
    """The picture in a file. Raises PictureError."""
    name = Path(path).name
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
            raise PictureError(f"{name} is no file: choose a PNG, JPEG or WebP.")
        with open(path, "rb") as file:
            return decode(file.read(BYTES + 1), name)
    except FileNotFoundError:
        raise PictureError(f"There is no picture at {path}: check the path.") from None
    except (OSError, ValueError) as error:  # of a path that can be none, the latter
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"{name} cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def decode(data: bytes, name: str) -> Picture:
    """The picture in the bytes of a PNG, JPEG or WebP, which people call `name`. Raises PictureError."""
    if not data:
        raise PictureError(f"{name} is empty: choose another picture.")
    if data.startswith(BEGINS) or data[4:8] == BOX or Path(name).suffix.lower() in OTHERS:
        raise PictureError(foreign(name))
    if len(data) > BYTES:
        raise PictureError(f"{name} is larger than {BYTES / 1e6:.0f} MB: make it smaller first.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tags that make no sense, and of sizes, which are judged here
            return _picture(_upright(_opened(data, name)))
    except Image.DecompressionBombError:
        raise vast(name) from None
    except PictureError:
        raise
    except Exception as error:  # a stranger's file makes the decoders raise anything
        raise PictureError(f"{name} is no PNG, JPEG or WebP, or it is damaged: choose another picture.") from error


def of(pixels: np.ndarray) -> Picture:
    """The picture of RGBA pixels, uint8 [H, W, 4], that lie in memory already. Raises PictureError."""
    height, width = pixels.shape[:2]
    if not width or not height or width * height > PIXELS:
        raise vast("The picture")
    return _picture(Image.fromarray(pixels))


def little(small: np.ndarray) -> bytes:
    """A small copy as a JPEG."""
    return _file(small, "JPEG", quality=85)


def recall(data: bytes) -> np.ndarray:
    """The small copy in a JPEG, uint8 [h, w, 3], read-only. ValueError if it is none."""
    if len(data) > LITTLE:
        raise ValueError("the small copy of a picture is too large")
    picture = decode(data, "it")
    if max(picture.width, picture.height) > SMALL:
        raise ValueError("the small copy of a picture is too large")
    return picture.pixels


def sendable(picture: Picture) -> tuple[str, bytes]:
    """A picture as a file and its MIME type: every pixel as it is, if that is not too much."""
    data = _file(picture.pixels, "PNG")
    return ("image/png", data) if len(data) <= SENT else ("image/jpeg", _file(picture.pixels, "JPEG", quality=95))


def _file(pixels: np.ndarray, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def _opened(data: bytes, name: str) -> Image.Image:
    """A picture whose pixels are not decoded yet, but known to be few enough."""
    image = Image.open(BytesIO(data), formats=KINDS)
    width, height = image.size
    if width * height > PIXELS or max(width, height) > SIDE:
        raise vast(name)
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise PictureError(f"{name} is animated: save one picture of it, and take that.")
    if image.format not in ("PNG", "WEBP") and data.count(b"\xff\xda") > SCANS:
        raise ValueError("it has more scans than any picture needs")
    return image


def _upright(image: Image.Image) -> Image.Image:
    turn = None
    with suppress(Exception):  # a damaged tag is no reason to refuse a picture
        turn = TURNS.get(image.getexif().get(ORIENTATION))
    image.load()
    return image if turn is None else image.transpose(turn)


def _picture(image: Image.Image) -> Picture:
    plain = _plain(image)
    while plain.width * plain.height > KEPT:
        plain = plain.reduce(2)
    small = plain.copy()
    small.thumbnail((SMALL, SMALL))
    return Picture(plain.width, plain.height, _pixels(plain), _pixels(small))


def _plain(image: Image.Image) -> Image.Image:
    """The picture in 8 bits of red, green and blue, what is transparent on white."""
    if image.mode.startswith("I"):  # 16 bits of grey, of which a conversion would keep the darkest 256 levels
        image = Image.fromarray((np.asarray(image).clip(0, 2**16 - 1) >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _pixels(image: Image.Image) -> np.ndarray:
    pixels = np.array(image)
    pixels.flags.writeable = False
    return pixels


def vast(name: str) -> PictureError:
    """What is said of a picture with more pixels than are decoded."""
    return PictureError(f"{name} has more than {PIXELS / 1e6:.0f} million pixels: make it smaller first.")
