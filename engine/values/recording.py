"""Recording: one run, every step of it. Live view, replay, charts and export all read it. Knows no torch."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from base64 import b64decode, b64encode
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np

from engine.values.edit import Edit
from engine.values.frame import Frame, Lexicon
from engine.values.settings import Settings

FORMAT = "unnoise recording 1"
SUFFIX = ".unnoise"
_ARRAYS = {
    "ids": np.int32,
    "guess": np.int32,
    "held": np.bool_,
    "entropy": np.float32,
    "top_ids": np.int32,
    "top_probs": np.float32,
    "pinned": np.bool_,
}
# What reading a file that is no recording, or half of one, may raise.
_DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, IndexError, ValueError, TypeError, EOFError)
_NUMBERS = ("canvas", "step", "seconds", "forward", "readout", "temperature")


class RecordingError(Exception):
    """A recording that cannot be read or written. Its message is a sentence for people."""


class Reading(NamedTuple):
    """What a graphics card says of itself, all programs on it included. None: it does not tell."""

    used: int | None  # bytes of its memory
    total: int | None
    busy: float | None  # percent of the time up to a second ago in which it did something
    watts: float | None
    celsius: float | None


@dataclass(eq=False)
class Recording:
    """One run: what was asked of which model, and every Frame in order. Append only."""

    prompt: str
    settings: Settings  # at the start; a frame carries the ones in force in its own step
    model: str
    device: str
    lexicon: Lexicon
    frames: list[Frame] = field(default_factory=list)
    outcome: str = ""  # "" while it runs, then "finished", "stopped" or a sentence that says what failed
    readings: list[tuple[int, Reading]] = field(default_factory=list)  # of the card: before which frame, and what
    id: str = field(default_factory=lambda: uuid4().hex)  # by which other recordings know it
    parent: tuple[str, int] | None = None  # the recording it branched off, and how many frames both have in common

    def append(self, frame: Frame) -> None:
        self.frames.append(frame)

    def note(self, reading: Reading) -> None:
        """A reading of the graphics card, made before the next frame."""
        self.readings.append((len(self.frames), reading))

    def reading(self, index: int) -> Reading | None:
        """The newest reading that was there when frame `index` was begun."""
        at = bisect_right(self.readings, index, key=lambda noted: noted[0])
        return self.readings[at - 1][1] if at else None

    def previous(self, index: int) -> Frame | None:
        """The frame before `index` in the same canvas, None at a canvas' first step."""
        frame = self.frames[index]
        before = self.frames[index - 1] if index else None
        return before if before is not None and before.canvas == frame.canvas else None

    def finished(self, index: int) -> list[np.ndarray]:
        """The committed ids [C] of the canvases before the one that frame `index` belongs to."""
        return [last.guess for last in self.last_frames() if last.canvas < self.frames[index].canvas]

    def last_frames(self) -> list[Frame]:
        """The newest frame of every canvas, in order."""
        newest = {frame.canvas: frame for frame in self.frames}
        return list(newest.values())

    def boundaries(self) -> list[int]:
        """The index of the first frame of every canvas."""
        return [index for index, frame in enumerate(self.frames) if frame.step == 0]

    def text(self) -> str:
        """The text so far: what every canvas committed, or guesses for the one that is still open."""
        return "".join(self.lexicon.text(frame.guess) for frame in self.last_frames())

    def text_tokens(self) -> int:
        """Tokens of the text so far, without what comes after its end."""
        return sum(self.lexicon.end(frame.guess) for frame in self.last_frames())

    def hands(self) -> Callable[[int, int], tuple[Edit, ...]]:
        """What `denoise` needs to run again with the same edits at the same steps."""
        script = {(frame.canvas, frame.step): frame.edits for frame in self.frames}
        return lambda canvas, step: script.get((canvas, step), ())

    def branch(self, index: int) -> Recording:
        """A recording that goes on from before frame `index` of this one: what came before is common to both."""
        return replace(
            self, frames=self.frames[:index], outcome="", id=uuid4().hex, parent=(self.id, index), readings=[]
        )

    def edits(self) -> list[tuple[int, Settings]]:
        """Every change of the knobs during the run: the index of the first frame under the new settings."""
        steps = zip([self.settings, *(frame.settings for frame in self.frames)], self.frames, strict=False)
        return [(i, frame.settings) for i, (before, frame) in enumerate(steps) if frame.settings != before]

    def ask(self) -> Callable[[int, int], Settings | None]:
        """What `denoise` needs to run again with the same knobs at the same steps."""
        script = {(frame.canvas, frame.step): frame.settings for frame in self.frames}
        return lambda canvas, step: script.get((canvas, step))

    def save(self, path: str | Path) -> None:
        """Writes the recording, whole or not at all. Raises RecordingError."""
        path = Path(path)
        partial = path.with_name(path.name + ".partial")
        try:
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("header.json", json.dumps(self._header()))
                for name, dtype in _ARRAYS.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                        np.lib.format.write_array(file, self._stack(name, dtype), allow_pickle=False)
            os.replace(partial, path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise RecordingError(f"The recording was not saved to {path}: {error.strerror or error}.") from error

    @classmethod
    def load(cls, path: str | Path) -> Recording:
        """Reads what `save` wrote. Raises RecordingError, with a sentence, on anything else."""
        try:
            with zipfile.ZipFile(path) as archive:
                header = json.loads(archive.read("header.json"))
                if header["format"] != FORMAT:
                    raise RecordingError(f"{path} was written by another version of Unnoise; record it again.")
                there = {name.removesuffix(".npy") for name in archive.namelist()}
                new = {"pinned"} - there  # older files have none
                arrays = {name: _read(archive, name, dtype) for name, dtype in _ARRAYS.items() if name not in new}
            return cls._assemble(header, arrays)
        except FileNotFoundError as error:
            raise RecordingError(f"There is no recording at {path}; check the path.") from error
        except OSError as error:
            raise RecordingError(f"{path} cannot be read: {error.strerror or error}.") from error
        except _DAMAGE as error:
            raise RecordingError(f"{path} is not an Unnoise recording, or it is damaged.") from error

    def _header(self) -> dict[str, Any]:
        used = {int(token) for frame in self.frames for token in np.unique(frame.top_ids)}
        used |= {int(token) for frame in self.frames for token in (*frame.ids, *frame.guess)}
        used |= {token for frame in self.frames for edit in frame.edits for token in edit.ids}
        lexicon = self.lexicon.only(used | self.lexicon.ends | self.lexicon.special)
        return {
            "format": FORMAT,
            "id": self.id,
            "parent": self.parent,
            "prompt": self.prompt,
            "model": self.model,
            "device": self.device,
            "outcome": self.outcome,
            "settings": self.settings.to_dict(),
            "edits": [[index, settings.to_dict()] for index, settings in self.edits()],
            "hands": [[i, edit.to_list()] for i, frame in enumerate(self.frames) for edit in frame.edits],
            "pieces": {str(token): b64encode(piece).decode() for token, piece in lexicon.pieces.items()},
            "ends": sorted(lexicon.ends),
            "special": sorted(lexicon.special),
            "sizes": [len(frame.ids) for frame in self.frames],
            "stops": [frame.stop for frame in self.frames],
            "readings": [[index, *reading] for index, reading in self.readings],
            "numbers": {name: [getattr(frame, name) for frame in self.frames] for name in _NUMBERS},
        }

    def _stack(self, name: str, dtype: type) -> np.ndarray:
        """One array of all frames; those with fewer cells than others are filled up with zeros."""
        values = [getattr(frame, name) for frame in self.frames]
        most = max(map(len, values), default=0)
        rest = [[(0, most - len(value))] + [(0, 0)] * (value.ndim - 1) for value in values]
        return np.array([np.pad(value, fill) for value, fill in zip(values, rest, strict=True)], dtype=dtype)

    @classmethod
    def _assemble(cls, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Recording:
        pieces = {int(token): b64decode(piece) for token, piece in header["pieces"].items()}
        lexicon = Lexicon(pieces, frozenset(header["ends"]), frozenset(header["special"]))
        settings = Settings(**header["settings"])
        recording = cls(header["prompt"], settings, header["model"], header["device"], lexicon)
        edits = {index: Settings(**values) for index, values in header["edits"]}
        sizes = header.get("sizes") or [None] * len(header["stops"])  # older files: all have the same
        hands: dict[int, tuple[Edit, ...]] = {}
        for index, edit in header.get("hands", ()):
            hands[index] = (*hands.get(index, ()), Edit.from_list(edit))
        for index, stop in enumerate(header["stops"]):
            settings = edits.get(index, settings)
            numbers = {name: header["numbers"][name][index] for name in _NUMBERS}
            cells = {name: array[index][: sizes[index]] for name, array in arrays.items()}
            recording.append(Frame(**numbers, **cells, settings=settings, stop=stop, edits=hands.get(index, ())))
        recording.outcome = header["outcome"]
        recording.id = header.get("id", recording.id)
        recording.parent = tuple(header["parent"]) if header.get("parent") else None
        readings = header.get("readings", ())  # there is none in older files
        recording.readings = [(int(index), Reading(*values)) for index, *values in readings]
        return recording


def _read(archive: zipfile.ZipFile, name: str, dtype: type) -> np.ndarray:
    with archive.open(f"{name}.npy") as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    if array.dtype != dtype:
        raise ValueError(f"{name} has type {array.dtype}")
    return array
