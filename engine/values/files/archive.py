"""Archive: the zip file that a recording is, opened so that nothing in it can take more than was agreed.

Every size is known and bounded before a byte of it is unpacked. Knows not what the parts mean: `boundary` does.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from math import prod
from struct import Struct
from typing import Any, BinaryIO

import numpy as np

BYTES = 2**29  # of all that a recording unpacks to
HEADER = 2**25  # bytes of header.json
DIRECTORY = 2**14  # bytes that a zip file needs to list its parts
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the ways to pack that are read
MAGIC = b"\x93NUMPY\x01\x00"
# The end of a zip file and the beginning of an array. Sources: PKWARE's APPNOTE 4.3.16, and NumPy's NEP 1.
_FOOT, _LENGTH = Struct("<4s4H2LH"), Struct("<H")
_ARRAY = re.compile(rb"\{'descr': '([<|]\w\d)', 'fortran_order': False, 'shape': \(((?:\d{1,9},? ?)*)\), \} *\n")


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The zip file in a file that can be sought in. ValueError if it has another form than recordings have."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _FOOT.size))
    foot = file.read(_FOOT.size)
    if size > BYTES or len(foot) < _FOOT.size:
        raise ValueError("it has the wrong size")
    mark, *_, listed, _, comment = _FOOT.unpack(foot)
    if mark != b"PK\x05\x06" or comment or listed > DIRECTORY:
        raise ValueError("it is no archive")
    archive = zipfile.ZipFile(file)
    if archive.start_dir + listed + _FOOT.size != size:  # a larger directory lies before the one that was judged
        raise ValueError("it is no archive")
    if sum(part.file_size for part in archive.infolist()) > BYTES:
        raise ValueError("it is too large")
    return archive


def text(archive: zipfile.ZipFile, name: str) -> Any:
    """A part that is JSON."""
    part = _part(archive, name)
    if part.file_size > HEADER:
        raise ValueError("it is too large")
    with archive.open(part) as file:  # so much and no more: what a part says of its size may be a lie
        return json.loads(file.read(part.file_size))


def array(archive: zipfile.ZipFile, name: str, dtype: type, shape: Sequence[int | None]) -> np.ndarray:
    """A part that is an array, read-only. `shape` is what it must have, None where any size will do."""
    part = _part(archive, name)
    with archive.open(part) as file:
        start = file.read(len(MAGIC) + _LENGTH.size)
        if not start.startswith(MAGIC) or len(start) < len(MAGIC) + _LENGTH.size:
            raise ValueError(f"{name} is no array")
        head = file.read(*_LENGTH.unpack_from(start, len(MAGIC)))
        found = _ARRAY.fullmatch(head)
        if not found or np.dtype(found[1].decode()) != dtype:
            raise ValueError(f"{name} is no array of its kind")
        sizes = tuple(map(int, re.findall(rb"\d+", found[2])))
        fits = len(sizes) == len(shape) and all(b in (None, a) for a, b in zip(sizes, shape, strict=True))
        count = prod(sizes) * np.dtype(dtype).itemsize
        if not fits or len(start) + len(head) + count != part.file_size:
            raise ValueError(f"{name} has another shape than its frames")
        return np.frombuffer(file.read(count), dtype).reshape(sizes)


def _part(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    part = archive.getinfo(name)
    if part.flag_bits & 0x1 or part.compress_type not in PLAIN:
        raise ValueError("it is encrypted, or packed in another way")
    return part
