"""Carrier: a recording's file inside a picture or a page, where every viewer passes it by. Nothing is decoded here.

- PNG: one chunk `unRc` before IEND, ancillary, private and safe to copy. Its data is the recording's file as it is.
- WebP: one chunk `UNRC` at the end of the RIFF file, with the same data.
- A page: the same in base64, in a script element of a type that no browser runs.

Beside it each says that Unnoise wrote it, in a way that tools keep (PNG: the keyword Software; WebP: XMP; a page:
its generator), so that a run that was removed on the way is told from a picture that never had one.
Sources: PNG, third edition, 5.4 and 11.3.3; RFC 9649, 2.7; the HTML standard, 4.12.1 ("data block").
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

CARRIED = 2**25  # bytes of a recording that is carried, at most
PAGE = 2**26  # bytes of a page that is looked into
CHUNKS = 2**18  # of a picture that are looked at
NOTE = 2**12  # bytes of a chunk that may say who wrote a picture
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
OTHERS = (b"GIF8", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")  # how pictures begin that never carry a run
GENERATOR = '<meta name="generator" content="Unnoise">'
_PNG, _WEBP, _SCRIPT = b"unRc", b"UNRC", '<script type="application/x-unnoise-recording" id="recording">'
_SOFTWARE = b"Software\0Unnoise"
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Unnoise"/></rdf:RDF></x:xmpmeta>'
)

NONE = "carries no run, or lost it on the way: open the PNG, WebP or HTML file that Unnoise wrote, or a recording."
GONE = "was written by Unnoise, but its run was removed on the way, as chats and websites do: ask for the original."
MUCH = "carries more than a run can be."
CUT = "is not whole: copy or fetch it again."


class CarrierError(Exception):
    """Nothing to open is carried. Its message goes on after a file's name, and ends a sentence for people."""


def inner(file: BinaryIO) -> BinaryIO:
    """The file that a picture or a page carries; any other file as it is. Raises CarrierError.

    Never more is read than is there, and at most CARRIED or PAGE bytes of it are kept.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    if head.startswith(PNG_HEAD):
        return BytesIO(_found(_png(file, size)))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return BytesIO(_found(_webp(file, size)))
    if head[:15].lower() == b"<!doctype html>":
        return BytesIO(_found(_page(file)))
    if head.startswith(OTHERS):
        raise CarrierError(NONE)
    return file


def in_png(recording: bytes) -> bytes:
    """What is put before IEND."""
    return chunk(b"tEXt", _SOFTWARE) + chunk(_PNG, recording)


def in_webp(recording: bytes) -> bytes:
    """What is put at the end of a WebP file in its extended form, whose flag for XMP is set."""
    return riff(b"XMP ", _XMP) + riff(_WEBP, recording)


def in_page(recording: bytes) -> str:
    """What is put into a page, which has GENERATOR in its head."""
    return f"{_SCRIPT}{b64encode(recording).decode()}</script>"


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def riff(name: bytes, data: bytes) -> bytes:
    """A chunk of a WebP file."""
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _found(parts: Iterator[bytes | None]) -> bytes:
    """The recording among what was found; None stands for a word that Unnoise wrote the file."""
    marked = False
    for part in parts:
        if part is not None:
            return part
        marked = True
    raise CarrierError(GONE if marked else NONE)


def _png(file: BinaryIO, size: int) -> Iterator[bytes | None]:
    at = len(PNG_HEAD)
    for _ in range(CHUNKS):
        length, name = struct.unpack(">I4s", _read(file, at, 8, size))
        if name == _PNG:
            data = _read(file, at + 8, length + 4, size)
            if chunk(name, data[:-4])[-4:] != data[-4:]:
                raise CarrierError(CUT)
            yield data[:-4]
        elif name == b"tEXt" and length == len(_SOFTWARE) and _read(file, at + 8, length, size) == _SOFTWARE:
            yield None
        elif name == b"IEND":
            return
        at += 12 + length


def _webp(file: BinaryIO, size: int) -> Iterator[bytes | None]:
    (told,) = struct.unpack("<I", _read(file, 4, 4, size))
    if told + 8 > size:
        raise CarrierError(CUT)
    at = 12
    for _ in range(CHUNKS):
        if at + 8 > told + 8:
            return
        name, length = struct.unpack("<4sI", _read(file, at, 8, size))
        if name == _WEBP:
            yield _read(file, at + 8, length, size)
        elif name == b"XMP " and length <= NOTE and b'CreatorTool="Unnoise"' in _read(file, at + 8, length, size):
            yield None
        at += 8 + length + length % 2


def _page(file: BinaryIO) -> Iterator[bytes | None]:
    file.seek(0)
    page = file.read(PAGE)
    if GENERATOR.encode() in page:
        yield None
    begin = page.find(_SCRIPT.encode())
    if begin >= 0:
        begin += len(_SCRIPT)
        end = page.find(b"</script>", begin)
        if end < 0:
            raise CarrierError(CUT)
        if end - begin > CARRIED // 3 * 4 + 4:
            raise CarrierError(MUCH)
        yield b64decode(page[begin:end].strip(), validate=True)


def _read(file: BinaryIO, at: int, count: int, size: int) -> bytes:
    """So many bytes from a place on, which a file of `size` has to have."""
    if at + count > size:
        raise CarrierError(CUT)
    if count > CARRIED + 4:
        raise CarrierError(MUCH)
    file.seek(at)
    return file.read(count)
