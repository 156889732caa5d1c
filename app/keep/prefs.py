"""Preferences: what a person chose, kept between two starts in one small JSON file."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from engine.values.settings import Settings

THEMES = ("system", "dark", "light")


def folder() -> Path:
    return platformdirs.user_config_path("unnoise", appauthor=False)


@dataclass
class Prefs:
    """Everything that is remembered. A missing or damaged file means the defaults."""

    settings: dict[str, Any] = field(default_factory=dict)  # the knobs that were moved
    decoding: dict[str, Any] = field(default_factory=dict)  # the knobs of a race's second lane
    prompt: str = ""
    theme: str = "system"
    view: str = "prose"
    speed: float = 0.0
    live: bool = True  # knobs that move run again
    folds: list[str] = field(default_factory=list)  # the groups of knobs that are open
    presets: dict[str, Any] = field(default_factory=dict)  # values of knobs by the name of a preset
    panels: bool = True
    geometry: str = ""  # base64 of QWidget.saveGeometry

    @classmethod
    def load(cls) -> Prefs:
        try:
            stored = json.loads((folder() / "preferences.json").read_text("utf-8"))
        except (OSError, ValueError):
            return cls()
        prefs = cls()
        for known in fields(cls):
            value = stored.get(known.name) if isinstance(stored, dict) else None
            if isinstance(value, type(getattr(prefs, known.name))):
                setattr(prefs, known.name, value)
        settings = Settings().updated(prefs.settings).to_dict()
        prefs.settings = {name: value for name, value in prefs.settings.items() if settings.get(name) == value}
        return prefs

    def save(self) -> None:
        """Writes the file, whole or not at all. A folder that cannot be written to loses nothing but this."""
        with contextlib.suppress(OSError):
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
