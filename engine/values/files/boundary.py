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
from engine.values.files import archive, dialogue
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
        header = _kind(archive.text(opened, "header.json"), dict)
        if header["format"] != FORMAT:
            raise VersionError
        numbers = _numbers(header)
        arrays = _arrays(opened, len(header["stops"]))
    sizes = _sizes(header, arrays, numbers)
    _check_cells(arrays, np.isnan(numbers["forward"]))
    settings, edits = _settings(header)
    pictures = tuple(map(_picture, _most(header.get("pictures", []), MOST * CANVASES)))
    return Parts(
        prompt=_words(header["prompt"], PROMPT),
        settings=settings,
        model=_words(header["model"], NAME),
        device=_words(header["device"], NAME),
        lexicon=_lexicon(header),
        frames=_frames(sizes, _stops(header), numbers, arrays, settings, edits, _hands(header, arrays, numbers)),
        outcome=_words(header["outcome"], SENTENCE),
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
        _within(arrays["ids"].shape[1], 1, CELLS)
        _within(arrays["top_ids"].shape[2], 0, CANDIDATES)
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
    sizes = [_whole(size, 1, most) for size in _long(header.get("sizes") or [most] * count, count)]
    of = list(zip(numbers["canvas"], sizes, strict=True))
    if any(before[0] == after[0] and before[1] > after[1] for before, after in pairwise(of)):
        raise ValueError("a canvas shrinks")
    _within(sum(dict(of).values()), 0, TEXT)
    return sizes


def _stops(header: dict[str, Any]) -> list[str]:
    if not all(type(stop) is str and (stop in STOPS or not stop) for stop in header["stops"]):
        raise ValueError("a canvas ends in an unknown way")
    return header["stops"]


def _numbers(header: dict[str, Any]) -> dict[str, list[float]]:
    """The numbers of every frame. Times that nobody measured are NaN, as are temperatures that nobody knows."""
    count = len(_most(header["stops"], FRAMES))
    told = {name: _long(_kind(header["numbers"], dict)[name], count) for name in NUMBERS}
    numbers = {
        "canvas": [_whole(value, 0, CANVASES - 1) for value in told["canvas"]],
        "step": [_whole(value, 0, FRAMES - 1) for value in told["step"]],
        "seconds": [_real(value, 0, SECONDS) for value in told["seconds"]],
        "forward": [_real(value, 0, SECONDS, unknown=True) for value in told["forward"]],
        "readout": [_real(value, -SECONDS, SECONDS, unknown=True) for value in told["readout"]],
        "temperature": [_real(value, 0, HOT, unknown=True) for value in told["temperature"]],
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
        _within(arrays[name].min(initial=0), 0, TOKEN)
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
    edits = [_long(edit, 2) for edit in _most(header["edits"], count)]
    changed = {_whole(index, 0, count - 1): Settings(**_kind(values, dict)) for index, values in edits}
    return Settings(**_kind(header["settings"], dict)), changed


def _hands(header: dict[str, Any], arrays, numbers) -> dict[int, tuple[Edit, ...]]:
    """What hands did before some frames. There is nothing in older files."""
    hands: dict[int, list[Edit]] = {}
    for told in _most(header.get("hands", []), EDITS):
        index, values = _long(told, 2)
        index, edit = _whole(index, 0, len(header["stops"]) - 1), Edit.from_list(_long(values, 7))
        if (edit.canvas, edit.step) != (numbers["canvas"][index], numbers["step"][index]):
            raise ValueError("an edit is of another step")
        hands.setdefault(index, []).append(edit.fits(arrays["ids"].shape[1], TOKEN))
    _within(max(map(len, hands.values()), default=0), 0, AT_ONCE)
    return {index: tuple(edits) for index, edits in hands.items()}


def _identity(value: Any) -> str | None:
    """The name that other files know it by: letters and digits. One that is none becomes a new one."""
    name = "" if value is None else _words(value, IDENTITY)
    return name if name.isalnum() else None


def _parent(value: Any, count: int) -> tuple[str, int] | None:
    if value is None:
        return None
    name, index = _long(value, 2)
    return _words(name, IDENTITY), _whole(index, 0, count)


def _picture(told: Any) -> Picture:
    """A picture that was in the prompt. There are none in older files."""
    from engine.values.files import image

    width, height, data = _long(told, 3)
    if data is not None:
        _within(len(_kind(data, str)), 0, 2 * image.LITTLE)
        data = image.recall(b64decode(data, validate=True))
    return Picture(_whole(width, 1, image.SIDE), _whole(height, 1, image.SIDE), small=data)


def _lexicon(header: dict[str, Any]) -> Lexicon:
    told = _kind(header["pieces"], dict)
    _within(len(told), 0, PIECES)
    pieces = {_token(token): b64decode(_kind(piece, str), validate=True) for token, piece in told.items()}
    _within(max(map(len, pieces.values()), default=0), 0, PIECE)
    ends = frozenset(_whole(token, 0, TOKEN) for token in _most(header["ends"], ENDS))
    special = frozenset(_whole(token, 0, TOKEN) for token in _most(header["special"], SPECIAL))
    return Lexicon(pieces, ends, special)


def _readings(header: dict[str, Any], count: int) -> list[tuple[int, list[float | None]]]:
    """What the graphics card said, in order. There is none in older files."""
    told = [_long(reading, 6) for reading in _most(header.get("readings", []), 2 * FRAMES)]
    readings = [
        (_whole(index, 0, count), [None if value is None else _real(value, -MUCH, MUCH) for value in values])
        for index, *values in told
    ]
    if any(after[0] < before[0] for before, after in pairwise(readings)):
        raise ValueError("its readings are not in order")
    return readings


def _token(name: str) -> int:
    if not (name.isascii() and name.isdecimal() and len(name) <= 10):
        raise ValueError("a token is no number")
    return _whole(int(name), 0, TOKEN)


def _kind(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError("a value is of another kind")
    return value


def _long(value: Any, count: int) -> list[Any]:
    """A list of so many."""
    if len(_kind(value, list)) != count:
        raise ValueError("a list has another length")
    return value


def _most(value: Any, count: int) -> list[Any]:
    """A list of at most so many."""
    _within(len(_kind(value, list)), 0, count)
    return value


def _within(value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError("a number is out of range")


def _whole(value: Any, low: int, high: int) -> int:
    _within(_kind(value, int), low, high)
    return value


def _real(value: Any, low: float, high: float, unknown: bool = False) -> float:
    """A number; NaN only where it may be unknown."""
    if type(value) is float and isnan(value) and unknown:
        return value
    if type(value) not in (int, float):
        raise ValueError("a value is of another kind")
    _within(value, low, high)
    return float(value)


def _words(value: Any, most: int) -> str:
    """A text. Halves of a character, which no file could be written with, become question marks."""
    _within(len(_kind(value, str)), 0, most)
    return value.encode("utf-8", "replace").decode("utf-8")
