"""Recording: one run, every step of it. Live view, replay, charts and export all read it. Knows no torch."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol
from uuid import uuid4

import numpy as np

from engine.values.edit import Edit
from engine.values.files import boundary, carrier, dialogue, whole
from engine.values.files.boundary import ARRAYS, FORMAT, NUMBERS, VersionError
from engine.values.files.carrier import CarrierError
from engine.values.frame import Frame, Lexicon
from engine.values.picture import Picture
from engine.values.quality import Quality
from engine.values.question import Question
from engine.values.settings import Settings
from engine.values.turns import NOTHING, Conversation
from engine.values.words.reply import Reply, split

SUFFIX = ".unnoise"


class RecordingError(Exception):
    """A recording that cannot be read or written. Its message is a sentence for people."""


class Reading(NamedTuple):
    """What a graphics card says of itself, all programs on it included. None: it does not tell."""

    used: int | None  # bytes of its memory
    total: int | None
    busy: float | None  # percent of the time up to a second ago in which it did something
    watts: float | None
    celsius: float | None


class Writer(Protocol):
    """What a recording notes of the model that writes it."""

    name: str
    device: Any  # torch's, or the address of a server
    lexicon: Lexicon


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
    before: Conversation = NOTHING  # what was said before the prompt, and how the model is to behave
    pictures: tuple[Picture, ...] = ()  # of the prompt
    said: Reply | None = None  # the answer, where nobody has the steps that wrote it; in no file
    thumbnails: bool = False  # whether somebody agreed that a file keeps small copies of them
    answer: str = ""  # what was given of the answer, as the question has it; in no file
    quality: Quality | None = None  # of what `ended` is, once somebody has read that; no file has it

    @classmethod
    def of(cls, model: Writer, question: Question, settings: Settings) -> Recording:
        """That of a run which a model is about to begin."""
        asked = {name: getattr(question, name) for name in ("before", "pictures", "thumbnails", "answer")}
        return cls(question.prompt, settings, model.name, str(model.device), model.lexicon, **asked)

    @property
    def question(self) -> Question:
        """What was asked. What was given of the answer is one of the edits, once there is a frame to have them."""
        answer = "" if self.frames else self.answer
        return Question(self.prompt, self.pictures, self.before, answer, self.thumbnails)

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

    def ids(self) -> np.ndarray:
        """The text so far: what every canvas committed, or guesses for the one that is still open; with what comes
        after its end."""
        return np.concatenate([np.empty(0, np.int32), *(frame.guess for frame in self.last_frames())])

    def ended(self) -> np.ndarray:
        """The text of the canvases that have ended, one after the other; empty before the first has."""
        return np.concatenate([np.empty(0, np.int32), *(frame.guess for frame in self.last_frames() if frame.stop)])

    def reply(self) -> Reply:
        """The text so far, as answer and thought."""
        return self.said or split(self.lexicon, self.ids())

    def conversation(self) -> Conversation:
        """All that was said, this run's answer so far included."""
        return self.before.answered(self.prompt, self.reply(), self.id, self.pictures)

    def text(self) -> str:
        """The answer so far."""
        return self.reply().answer

    def text_tokens(self) -> int:
        """Tokens of the text so far, thought and answer, without what comes after its end."""
        return self.lexicon.length(self.ids())

    def hands(self) -> Callable[[int, int], tuple[Edit, ...]]:
        """What `denoise` needs to run again with the same edits at the same steps."""
        script = {(frame.canvas, frame.step): frame.edits for frame in self.frames}
        return lambda canvas, step: script.get((canvas, step), ())

    def branch(self, index: int) -> Recording:
        """A recording that goes on from before frame `index` of this one: what came before is common to both."""
        own = {"outcome": "", "id": uuid4().hex, "readings": [], "quality": None}
        return replace(self, frames=self.frames[:index], parent=(self.id, index), **own)

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
        try:
            whole.put(path, self.write)
        except OSError as error:
            raise RecordingError(f"The recording was not saved to {path}: {error.strerror or error}.") from error

    def write(self, file: BinaryIO) -> None:
        """Writes the recording into an open file, or bytes in memory (BytesIO). Raises RecordingError, OSError."""
        if not boundary.fits(self.frames):
            raise RecordingError("The recording is too long for a file: run it with fewer canvases or tokens.")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("header.json", json.dumps(self._header()))
            for name, dtype in ARRAYS.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as part:
                    np.lib.format.write_array(part, self._stack(name, dtype), allow_pickle=False)

    @classmethod
    def load(cls, path: str | Path) -> Recording:
        """Reads what `save` wrote, or what a picture or a page carries. Raises RecordingError on anything else."""
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
                raise RecordingError(f"{path} cannot be read: it is no file.")
            with open(path, "rb") as file:
                return cls.read(file, str(path))
        except FileNotFoundError as error:
            raise RecordingError(f"There is no recording at {path}; check the path.") from error
        except (OSError, ValueError) as error:  # of a path that can be none, the latter
            reason = getattr(error, "strerror", None) or error
            raise RecordingError(f"{path} cannot be read: {reason}.") from error

    @classmethod
    def read(cls, file: BinaryIO, name: str) -> Recording:
        """The recording in an open file, or in bytes in memory (BytesIO): it may be carried by a picture or a page.
        `name` is what people call the file.

        Checked whole: what is returned raises nothing later. Raises RecordingError.
        """
        try:
            parts = boundary.read(carrier.inner(file))
        except CarrierError as error:
            raise RecordingError(f"{name} {error}") from error
        except VersionError as error:
            raise RecordingError(f"{name} was written by another version of Unnoise; record it again.") from error
        except OSError as error:
            raise RecordingError(f"{name} cannot be read: {error.strerror or error}.") from error
        except Exception as error:  # a stranger's file may make zip, JSON and arrays raise anything
            raise RecordingError(f"{name} is not an Unnoise recording, or it is damaged.") from error
        readings = [(index, Reading(*values)) for index, values in parts.readings]
        told = parts._asdict() | {"readings": readings}
        identity = told.pop("identity")
        return cls(**told, **({"id": identity} if identity else {}))

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
            "before": dialogue.told(self.before),
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
            "pictures": [self._picture(picture) for picture in self.pictures],
            "numbers": {name: [getattr(frame, name) for frame in self.frames] for name in NUMBERS},
        }

    def _picture(self, picture: Picture) -> list[Any]:
        """That there was one, and how large; what it shows only as small as agreed, or not at all."""
        from engine.values.files import image

        kept = self.thumbnails and picture.small is not None
        return [picture.width, picture.height, b64encode(image.little(picture.small)).decode() if kept else None]

    def _stack(self, name: str, dtype: type) -> np.ndarray:
        """One array of all frames; those with fewer cells than others are filled up with zeros."""
        values = [getattr(frame, name) for frame in self.frames]
        most = max(map(len, values), default=0)
        rest = [[(0, most - len(value))] + [(0, 0)] * (value.ndim - 1) for value in values]
        return np.array([np.pad(value, fill) for value, fill in zip(values, rest, strict=True)], dtype=dtype)
