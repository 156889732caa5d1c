"""Boundary: a recording from a stranger's file, every value of it checked once. What passes never raises later.

The bounds are far above what a run writes. Knows no torch, and not what a recording is for.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from itertools import pairwise
from math import isnan
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZipFile

import numpy as np

from engine.values.edit import Edit
from engine.values.files import archive, checked, dialogue
from engine.values.frame import STOPS, Frame, Lexicon
from engine.values.picture import MOST, Picture
from engine.values.settings import Settings
from engine.values.turns import NOTHING, Conversation

FORMAT = "unnoise recording 1"
ARRAYS = {
    "ids": np.int32,
    "guess": np.int32,
    "held": np.bool_,
    "entropy": np.float32,
    "top_ids": np.int32,
    "top_probs": np.float32,
    "pinned": np.bool_,
}
NEWER = {"pinned"}  # arrays that older files do not have: nothing is pinned there
NUMBERS = ("canvas", "step", "seconds", "forward", "readout", "temperature")
FRAMES, CANVASES, CELLS, TEXT = 8192, 64, 4096, 32_768  # cells of one canvas, and of the text on all of them
CANDIDATES = 64  # that a cell may have
PIECES, PIECE = 2**20, 2**16  # tokens that may have a text, and its bytes
ENDS, SPECIAL = 1024, 2**16  # tokens that end a text, and control tokens
EDITS, AT_ONCE = 65_536, 4096  # edits of cells in a run, and before one step
IDENTITY = 64  # characters of a recording's own name
PROMPT, NAME, SENTENCE = 1_000_000, 1000, 10_000  # characters
TOKEN = 2**31 - 1  # the largest id
SECONDS, HOT, NATS, MUCH = 1e8, 100.0, 1e4, 1e18
SLACK = 1e-3  # by which rounding may leave a range


class Parts(NamedTuple):
    """What a Recording is made of."""

    prompt: str
    settings: Settings
    model: str
    device: str
    lexicon: Lexicon
    frames: list[Frame]
    outcome: str
    readings: list[tuple[int, list[float | None]]]
    identity: str | None
    parent: tuple[str, int] | None
    pictures: tuple[Picture, ...]
    thumbnails: bool
    before: Conversation


class VersionError(Exception):
    """It is a recording, but of another version of the program."""


def read(file: BinaryIO) -> Parts:
    """The parts of a recording. Raises VersionError; on anything else that is none, any kind of error."""
    with archive.opened(file) as opened:
        header = checked.kind(archive.text(opened, "header.json"), dict)
        if header["format"] != FORMAT:
            raise VersionError
        numbers = _numbers(header)
        arrays = _arrays(opened, len(header["stops"]))
    sizes = _sizes(header, arrays, numbers)
    _check_cells(arrays, np.isnan(numbers["forward"]))
    settings, edits = _settings(header)
    pictures = tuple(map(_picture, checked.most(header.get("pictures", []), MOST * CANVASES)))
    return Parts(
        prompt=checked.words(header["prompt"], PROMPT),
        settings=settings,
        model=checked.words(header["model"], NAME),
        device=checked.words(header["device"], NAME),
        lexicon=_lexicon(header),
        frames=_frames(sizes, _stops(header), numbers, arrays, settings, edits, _hands(header, arrays, numbers)),
        outcome=checked.words(header["outcome"], SENTENCE),
        readings=_readings(header, len(sizes)),
        identity=_identity(header.get("id")),
        parent=_parent(header.get("parent"), len(sizes)),
        pictures=pictures,
        thumbnails=any(picture.small is not None for picture in pictures),
        before=dialogue.heard(header["before"]) if "before" in header else NOTHING,  # older files have none
    )


def fits(frames: Sequence[Frame]) -> bool:
    """Whether a file of so many frames would be read again."""
    ends = {frame.canvas: len(frame.ids) for frame in frames}
    bytes_ = sum(getattr(frame, name).nbytes for frame in frames[-1:] for name in ARRAYS)
    most = max(ends.values(), default=0)
    whole = bytes_ // max(1, len(frames[-1].ids)) * most * len(frames) + archive.HEADER if frames else 0
    cells = most <= CELLS and sum(ends.values()) <= TEXT
    edits = [len(frame.edits) for frame in frames]
    cells = cells and sum(edits) <= EDITS and max(edits, default=0) <= AT_ONCE
    return len(frames) <= FRAMES and len(ends) <= CANVASES and cells and whole <= archive.BYTES


def _frames(sizes, stops, numbers, arrays, settings: Settings, edits: dict[int, Settings], hands) -> list[Frame]:
    frames: list[Frame] = []
    for index, (size, stop) in enumerate(zip(sizes, stops, strict=True)):
        settings, done = edits.get(index, settings), hands.get(index, ())
        cells = {name: array[index][:size] for name, array in arrays.items()}
        told = {name: values[index] for name, values in numbers.items()}
        round_ = _round(frames[-1] if frames else None, told["canvas"], done)
        frames.append(Frame(**told, **cells, settings=settings, stop=stop, edits=done, round=round_))
    return frames


def _round(before: Frame | None, canvas: int, edits: Sequence[Edit]) -> int:
    """Which round of proofreading comes behind a frame: a canvas that has stopped goes on with the next, or with a
    step that melts nothing and puts back what was better before."""
    if before is None or before.canvas != canvas:
        return 0
    return before.round + (bool(before.stop) and any(edit.melt for edit in edits))


def _arrays(opened: ZipFile, count: int) -> dict[str, np.ndarray]:
    """The arrays of all frames, one behind the other; those with fewer cells than others are filled up."""
    tall = {"top_ids", "top_probs"}
    shapes = {name: (count, None, None) if name in tall else (count, None) for name in ARRAYS}
    arrays = {
        name: archive.array(opened, f"{name}.npy", dtype, shapes[name] if count else (0,))
        for name, dtype in ARRAYS.items()
        if name not in NEWER or f"{name}.npy" in opened.namelist()
    }
    if count:
        checked.within(arrays["ids"].shape[1], 1, CELLS)
        checked.within(arrays["top_ids"].shape[2], 0, CANDIDATES)
        if (
            len({array.shape[1] for array in arrays.values()}) > 1
            or arrays["top_ids"].shape != arrays["top_probs"].shape
        ):
            raise ValueError("its arrays have different shapes")
    return arrays


def _sizes(header: dict[str, Any], arrays: dict[str, np.ndarray], numbers: dict[str, list[float]]) -> list[int]:
    """How many cells every frame has. Older files do not tell: all have the same."""
    count = len(header["stops"])
    most = arrays["ids"].shape[1] if count else 0
    sizes = [checked.whole(size, 1, most) for size in checked.long(header.get("sizes") or [most] * count, count)]
    of = list(zip(numbers["canvas"], sizes, strict=True))
    if any(before[0] == after[0] and before[1] > after[1] for before, after in pairwise(of)):
        raise ValueError("a canvas shrinks")
    checked.within(sum(dict(of).values()), 0, TEXT)
    return sizes


def _stops(header: dict[str, Any]) -> list[str]:
    if not all(type(stop) is str and (stop in STOPS or not stop) for stop in header["stops"]):
        raise ValueError("a canvas ends in an unknown way")
    return header["stops"]


def _numbers(header: dict[str, Any]) -> dict[str, list[float]]:
    """The numbers of every frame. Times that nobody measured are NaN, as are temperatures that nobody knows."""
    count = len(checked.most(header["stops"], FRAMES))
    told = {name: checked.long(checked.kind(header["numbers"], dict)[name], count) for name in NUMBERS}
    numbers = {
        "canvas": [checked.whole(value, 0, CANVASES - 1) for value in told["canvas"]],
        "step": [checked.whole(value, 0, FRAMES - 1) for value in told["step"]],
        "seconds": [checked.real(value, 0, SECONDS) for value in told["seconds"]],
        "forward": [checked.real(value, 0, SECONDS, unknown=True) for value in told["forward"]],
        "readout": [checked.real(value, -SECONDS, SECONDS, unknown=True) for value in told["readout"]],
        "temperature": [checked.real(value, 0, HOT, unknown=True) for value in told["temperature"]],
    }
    places = [(-1, 0), *zip(numbers["canvas"], numbers["step"], strict=True)]
    if any(after not in ((before[0], before[1] + 1), (before[0] + 1, 0)) for before, after in pairwise(places)):
        raise ValueError("its steps are not in order")
    if any(after < before for before, after in pairwise(numbers["seconds"])):
        raise ValueError("its time runs backwards")
    unknown = [set(map(isnan, values)) for values in zip(*(numbers[name] for name in NUMBERS[3:]), strict=True)]
    if any(len(kinds) > 1 for kinds in unknown):
        raise ValueError("a step tells half of what it took")
    return numbers


def _check_cells(arrays: dict[str, np.ndarray], untold: np.ndarray) -> None:
    """Everything is a number in frames that tell how they came to be; in the `untold` [n] it may be unknown."""
    for name in ("ids", "guess", "top_ids"):
        checked.within(arrays[name].min(initial=0), 0, TOKEN)
    for name in arrays.keys() & {"held", "pinned"}:
        if arrays[name].view(np.uint8).max(initial=0) > 1:
            raise ValueError(f"{name} is neither yes nor no")
    if "pinned" in arrays and (arrays["held"] & arrays["pinned"]).any():
        raise ValueError("a cell is both accepted and pinned")
    for name, most in (("entropy", NATS), ("top_probs", 1 + SLACK)):
        for values, unknown in zip(arrays[name], untold, strict=True):
            sound = (values >= -SLACK) & (values <= most)
            if not (sound | np.isnan(values) if unknown else sound).all():
                raise ValueError(f"{name} is out of range")


def _settings(header: dict[str, Any]) -> tuple[Settings, dict[int, Settings]]:
    """The knobs at the start, and those from some frames on."""
    count = len(header["stops"])
    edits = [checked.long(edit, 2) for edit in checked.most(header["edits"], count)]
    changed = {
        checked.whole(index, 0, count - 1): Settings(**checked.kind(values, dict)) for index, values in edits
    }
    return Settings(**checked.kind(header["settings"], dict)), changed


def _hands(header: dict[str, Any], arrays, numbers) -> dict[int, tuple[Edit, ...]]:
    """What hands did before some frames. There is nothing in older files."""
    hands: dict[int, list[Edit]] = {}
    for told in checked.most(header.get("hands", []), EDITS):
        index, values = checked.long(told, 2)
        index, edit = checked.whole(index, 0, len(header["stops"]) - 1), Edit.from_list(checked.long(values, 7))
        if (edit.canvas, edit.step) != (numbers["canvas"][index], numbers["step"][index]):
            raise ValueError("an edit is of another step")
        hands.setdefault(index, []).append(edit.fits(arrays["ids"].shape[1], TOKEN))
    checked.within(max(map(len, hands.values()), default=0), 0, AT_ONCE)
    return {index: tuple(edits) for index, edits in hands.items()}


def _identity(value: Any) -> str | None:
    """The name that other files know it by: letters and digits. One that is none becomes a new one."""
    name = "" if value is None else checked.words(value, IDENTITY)
    return name if name.isalnum() else None


def _parent(value: Any, count: int) -> tuple[str, int] | None:
    if value is None:
        return None
    name, index = checked.long(value, 2)
    return checked.words(name, IDENTITY), checked.whole(index, 0, count)


def _picture(told: Any) -> Picture:
    """A picture that was in the prompt. There are none in older files."""
    from engine.values.files import image

    width, height, data = checked.long(told, 3)
    if data is not None:
        checked.within(len(checked.kind(data, str)), 0, 2 * image.LITTLE)
        data = image.recall(b64decode(data, validate=True))
    return Picture(checked.whole(width, 1, image.SIDE), checked.whole(height, 1, image.SIDE), small=data)


def _lexicon(header: dict[str, Any]) -> Lexicon:
    told = checked.kind(header["pieces"], dict)
    checked.within(len(told), 0, PIECES)
    pieces = {_token(token): b64decode(checked.kind(piece, str), validate=True) for token, piece in told.items()}
    checked.within(max(map(len, pieces.values()), default=0), 0, PIECE)
    ends = frozenset(checked.whole(token, 0, TOKEN) for token in checked.most(header["ends"], ENDS))
    special = frozenset(checked.whole(token, 0, TOKEN) for token in checked.most(header["special"], SPECIAL))
    return Lexicon(pieces, ends, special)


def _readings(header: dict[str, Any], count: int) -> list[tuple[int, list[float | None]]]:
    """What the graphics card said, in order. There is none in older files."""
    told = [checked.long(reading, 6) for reading in checked.most(header.get("readings", []), 2 * FRAMES)]
    readings = [
        (
            checked.whole(index, 0, count),
            [None if value is None else checked.real(value, -MUCH, MUCH) for value in values],
        )
        for index, *values in told
    ]
    if any(after[0] < before[0] for before, after in pairwise(readings)):
        raise ValueError("its readings are not in order")
    return readings


def _token(name: str) -> int:
    if not (name.isascii() and name.isdecimal() and len(name) <= 10):
        raise ValueError("a token is no number")
    return checked.whole(int(name), 0, TOKEN)
