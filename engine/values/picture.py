"""Picture: one picture of a prompt, as pixels and nothing else. Knows no files, and not who looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np

MOST = 8  # of one prompt
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")  # of files that hold one
OTHERS = (".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff")  # of files with a picture that is not read
GONE = "A recording does not hold the pictures of its prompt: put them into the prompt box again, and run that."


class PictureError(ValueError):
    """A picture that cannot be taken. Its message is one sentence that says what to do."""


@dataclass(frozen=True, eq=False)
class Picture:
    """`width` and `height` in pixels, upright. Of a recording that was saved, the pixels are gone."""

    width: int
    height: int
    pixels: np.ndarray | None = None  # uint8 [height, width, 3], RGB, read-only
    small: np.ndarray | None = None  # uint8 [h, w, 3], RGB, of at most SMALL a side; None: nobody kept it

    @cached_property
    def digest(self) -> bytes:
        """What tells it from every other picture. PictureError without pixels."""
        whole([self])
        return sha256(b"%d %d " % (self.width, self.height) + self.pixels.tobytes()).digest()


def whole(pictures: Iterable[Picture]) -> None:
    """PictureError unless all pixels are there."""
    if any(picture.pixels is None for picture in pictures):
        raise PictureError(GONE)


def foreign(name: str) -> str:
    """What is said of a file with a picture that is not read."""
    return f"{name} is a picture of a kind that is not read: save it as PNG, JPEG or WebP, and take that."


def few(pictures: int) -> None:
    """PictureError if there are more pictures than a prompt takes."""
    if pictures > MOST:
        raise PictureError(f"A prompt takes at most {MOST} pictures: leave {pictures - MOST} of them out.")
