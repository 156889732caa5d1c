"""Preferences: what a person chose, kept between two starts in one small JSON file."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from threading import Lock
from typing import Any

import platformdirs

from engine.values.settings import Settings

THEMES = ("system", "dark", "light")
LONGEST = 2**20  # bytes of the file, and letters of a text in it
FASTEST = 1000.0  # steps a second
LEAST_ZOOM, MOST_ZOOM = 0.5, 4.0
LEAST_BEST, MOST_BEST = 2, 16  # noises that a best of several begins from
LEAST_ROOM, MOST_ROOM = 10, 1_000_000  # MB of 10⁶ bytes that earlier runs may take


_writing = Lock()  # one thread at a time


def folder() -> Path:
    return platformdirs.user_config_path("unnoise", appauthor=False)


@dataclass
class Prefs:
    """Everything that is remembered. A missing or damaged file means the defaults."""

    settings: dict[str, Any] = field(default_factory=dict)  # the knobs that were moved
    decoding: dict[str, Any] = field(default_factory=dict)  # the knobs of a race's second lane
    prompt: str = ""
    talk: str = ""  # the run of a conversation that was on screen at the end, by its id
    theme: str = "system"
    view: str = "auto"
    motion: bool = True
    zoom: float = 1.0  # of the type on the canvas
    folded: bool = False  # the model's thoughts
    speed: float = 0.0
    live: bool = True  # knobs that move run again
    folds: list[str] = field(default_factory=list)  # the groups of knobs that are open
    presets: dict[str, Any] = field(default_factory=dict)  # values of knobs by the name of a preset
    thumbnails: bool = False  # of a prompt's pictures, in recordings
    panels: bool = True
    strip: bool = True  # of earlier runs
    folder: str = ""  # that a file was chosen in last
    recents: list[str] = field(default_factory=list)  # files, the newest first
    model: str = ""  # loaded last; "": the embedded one
    places: list[str] = field(default_factory=list)  # of models: folders, hub ids and servers that people named
    room: int = 1000  # MB of the disk that they may take
    best: int = 3  # noises that a best of several begins from
    runs: int = 0  # that were begun, as far as anybody counts them
    geometry: str = ""  # base64 of QWidget.saveGeometry

    @classmethod
    def load(cls) -> Prefs:
        """Never raises: each value that the file does not hold, or holds wrongly, is as it is at first."""
        prefs, stored = cls(), _stored()
        for known in fields(cls):
            value = stored.get(known.name)
            kind = type(getattr(prefs, known.name))
            if kind is float and type(value) is int:
                value = float(min(value, 2**53))
            if type(value) is kind and _sound(known.name, value):
                setattr(prefs, known.name, value)
        prefs.prompt = prefs.prompt.encode("utf-8", "replace").decode()  # halves of a character cannot be shown
        settings = Settings().updated(prefs.settings).to_dict()
        prefs.settings = {name: value for name, value in prefs.settings.items() if settings.get(name) == value}
        return prefs

    def save(self) -> None:
        """Writes the file, whole or not at all. A folder that cannot be written to loses nothing but this."""
        with _writing, contextlib.suppress(OSError):
            folder().mkdir(parents=True, exist_ok=True)
            partial = folder() / "preferences.json.partial"
            partial.write_text(json.dumps(asdict(self), indent=1), "utf-8")
            os.replace(partial, folder() / "preferences.json")

    def geometry_bytes(self) -> bytes:
        try:
            return base64.b64decode(self.geometry, validate=True)
        except ValueError:
            return b""

    def set_geometry(self, data: bytes) -> None:
        self.geometry = base64.b64encode(data).decode()


def _stored() -> dict[str, Any]:
    """What the file holds; nothing if it is none, or no file."""
    try:
        file = folder() / "preferences.json"
        told = file.stat()
        if not stat.S_ISREG(told.st_mode) or told.st_size > LONGEST:  # a pipe would be waited for
            return {}
        stored = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):  # of JSON that is too deep, the last
        return {}
    return stored if isinstance(stored, dict) else {}


def _sound(name: str, value: Any) -> bool:
    """Whether a value, of the right type, is one that this preference may have."""
    if name == "theme":
        return value in THEMES
    if name == "speed":
        return 0 <= value <= FASTEST
    if name == "zoom":
        return LEAST_ZOOM <= value <= MOST_ZOOM
    if name == "room":
        return LEAST_ROOM <= value <= MOST_ROOM
    if name == "best":
        return LEAST_BEST <= value <= MOST_BEST
    if isinstance(value, list):
        return all(isinstance(each, str) and len(each) <= LONGEST for each in value)
    return not isinstance(value, str) or len(value) <= LONGEST
