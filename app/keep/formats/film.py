"""Film: an animated GIF, WebP or PNG that is written picture by picture, so that its length costs no memory.

Of each picture only the box that differs from the one before is kept, as a still picture of its own in the file.
Knows no Qt. Sources of the formats: GIF89a (CompuServe, 1990), the WebP container and APNG 1.0 specifications.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageChops

from engine.values.files.carrier import PNG_HEAD, chunk, in_png, in_webp, riff

COLOURS = 128  # of a picture in a GIF
QUALITY = 80  # of a picture in a WebP
HEAD = 8 + 25  # bytes before acTL: the signature and IHDR
FLAGS = 20  # bytes before the flags of a WebP file
ANIMATED, NOTED = b"\x02", b"\x06"  # its flags; the latter, with XMP


class Box(NamedTuple):
    """A part of the picture in pixels."""

    x: int
    y: int
    width: int
    height: int


class Gif:
    """Carries nothing. Times are in hundredths of a second: what is rounded off one is carried on to the next."""

    def __init__(self, file: BinaryIO, size: tuple[int, int]) -> None:
        self._file, self._spent, self._told = file, 0, 0
        file.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0, 0, 0))
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # for ever

    def add(self, image: Image.Image, box: Box, milliseconds: int) -> None:
        self._spent += milliseconds
        hundredths = min(round(self._spent / 10) - self._told, 65535)
        self._told += hundredths
        table, data = _gif_parts(image)
        self._file.write(b"\x21\xf9\x04\x04" + struct.pack("<H", hundredths) + b"\x00\x00")
        bits = (len(table) // 3 - 1).bit_length() - 1
        self._file.write(b"\x2c" + struct.pack("<HHHHB", *box, 0x80 | bits) + table + data)

    def close(self, carried: bytes) -> None:
        self._file.write(b"\x3b")


class Webp:
    """Boxes begin at even places: the format counts in twos. What its flags are is known at the end."""

    def __init__(self, file: BinaryIO, size: tuple[int, int]) -> None:
        self._file = file
        canvas = struct.pack("<I", size[0] - 1)[:3] + struct.pack("<I", size[1] - 1)[:3]
        file.write(b"RIFF\0\0\0\0WEBP" + riff(b"VP8X", ANIMATED + b"\0\0\0" + canvas))
        file.write(riff(b"ANIM", b"\xff\xff\xff\xff\0\0"))

    def add(self, image: Image.Image, box: Box, milliseconds: int) -> None:
        still = BytesIO()
        image.save(still, "WEBP", quality=QUALITY, method=2)
        numbers = box.x // 2, box.y // 2, box.width - 1, box.height - 1, min(milliseconds, 2**24 - 1)
        head = b"".join(struct.pack("<I", number)[:3] for number in numbers) + b"\x02"  # lies upon what was there
        self._file.write(riff(b"ANMF", head + still.getvalue()[12:]))

    def close(self, carried: bytes) -> None:
        self._file.write(in_webp(carried) if carried else b"")
        length = self._file.tell()
        self._file.seek(4)
        self._file.write(struct.pack("<I", length - 8))
        self._file.seek(FLAGS)
        self._file.write(NOTED if carried else ANIMATED)


class Png:
    """Without loss. How many pictures there are is filled in at the end."""

    def __init__(self, file: BinaryIO, size: tuple[int, int]) -> None:
        self._file, self._count, self._sequence = file, 0, 0
        file.write(PNG_HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)))
        file.write(chunk(b"acTL", struct.pack(">II", 0, 0)))

    def add(self, image: Image.Image, box: Box, milliseconds: int) -> None:
        time = (milliseconds, 1000) if milliseconds < 65536 else (min(milliseconds // 1000, 65535), 1)
        place = box.width, box.height, box.x, box.y
        self._file.write(chunk(b"fcTL", struct.pack(">IIIIIHHBB", self._next(), *place, *time, 0, 0)))
        rows = np.asarray(image).reshape(box.height, 3 * box.width)
        data = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes(), 6)  # a zero before each row: no filter
        if self._count:
            self._file.write(chunk(b"fdAT", struct.pack(">I", self._next()) + data))
        else:
            self._file.write(chunk(b"IDAT", data))
        self._count += 1

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def close(self, carried: bytes) -> None:
        self._file.write((in_png(carried) if carried else b"") + chunk(b"IEND", b""))
        self._file.seek(HEAD)
        self._file.write(chunk(b"acTL", struct.pack(">II", self._count, 0)))


FORMATS = {".gif": Gif, ".webp": Webp, ".png": Png, ".apng": Png}
CARRIERS = (".webp", ".png", ".apng")


class Film:
    """Writes beside `path` until `close`: there is a whole file or none. Raises OSError.

    `carried` is the file of a recording that goes along inside, where the format can.
    """

    def __init__(self, path: Path, carried: bytes = b"") -> None:
        self._path, self._partial, self._carried = path, path.with_name(path.name + ".partial"), carried
        self._file = self._partial.open("wb")
        self._format: Gif | Webp | Png | None = None
        self._last: Image.Image | None = None  # the picture that is on show by now
        self._waiting: tuple[Image.Image, Box, int] | None = None  # shown as long as nothing changes

    def add(self, picture: Image.Image, milliseconds: int) -> None:
        """One more picture, RGB, of the same size as the others, and how long it stays."""
        if self._format is None:
            self._format = FORMATS[self._path.suffix.lower()](self._file, picture.size)
        box = _changed(self._last, picture)
        if box is None:
            image, place, stays = self._waiting
            self._waiting = image, place, stays + milliseconds
            return
        self._flush()
        crop = picture.crop((box.x, box.y, box.x + box.width, box.y + box.height))
        self._last, self._waiting = picture, (crop, box, milliseconds)

    def close(self) -> None:
        """The film is whole."""
        self._flush()
        self._format.close(self._carried)
        self._file.close()
        os.replace(self._partial, self._path)

    def stop(self) -> None:
        """There will be no film. What another thread has under way is one picture, and soon done."""

    def drop(self) -> None:
        """What there is of it is gone."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):  # of a disk that cannot be written to, this is refused, too
            self._partial.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._waiting is not None:
            self._format.add(*self._waiting)
            self._waiting = None


def _changed(before: Image.Image | None, picture: Image.Image) -> Box | None:
    """The box that differs, from even places on; None: there is none."""
    if before is None:
        return Box(0, 0, *picture.size)
    found = ImageChops.difference(before, picture).getbbox()
    if found is None:
        return None
    left, top = found[0] & ~1, found[1] & ~1
    return Box(left, top, found[2] - left, found[3] - top)


def _gif_parts(image: Image.Image) -> tuple[bytes, bytes]:
    """The colours of a picture, padded to a power of two, and its data as a GIF has them."""
    still = BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(still, "GIF", optimize=False, interlace=0)
    data = still.getvalue()
    flags, at = data[10], 13
    table = data[at : at + 3 * 2 ** ((flags & 7) + 1)] if flags & 0x80 else b""
    at += len(table)
    while data[at] == 0x21:  # what it says beside the picture
        at = _after(data, at + 2)
    flags = data[at + 9]
    at += 10
    if flags & 0x80:
        table = data[at : at + 3 * 2 ** ((flags & 7) + 1)]
        at += len(table)
    return table, data[at : _after(data, at + 1)]


def _after(data: bytes, at: int) -> int:
    """Where a row of blocks ends that each begin with their length."""
    while data[at]:
        at += data[at] + 1
    return at + 1
