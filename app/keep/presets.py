"""Presets as files, so that one can give them away: small JSON, checked as what a stranger wrote."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from engine.values.files import whole
from engine.values.presets import Preset

FORMAT, SUFFIX = "unnoise preset 1", ".json"
LARGEST = 65536  # bytes of a file that is worth a look


class PresetError(Exception):
    """A preset that cannot be read or written. Its message is a sentence for people."""


def read(path: str | Path) -> Preset:
    """What `write` wrote. Raises PresetError on anything else."""
    path = Path(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
            raise PresetError(f"{path.name} is not a preset of Unnoise; choose another file.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise PresetError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    try:
        found = json.loads(data[:LARGEST].decode())
        if found["format"] != FORMAT:
            raise ValueError(f"{path.name} is not a preset of Unnoise; choose another file.")
        return Preset(found["name"], found["knobs"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        sentence = str(error) if type(error) is ValueError else f"{path.name} is not a preset of Unnoise."
        raise PresetError(sentence) from error


def write(path: str | Path, preset: Preset) -> None:
    """Writes a preset, whole or not at all. Raises PresetError."""
    path = Path(path)
    text = json.dumps({"format": FORMAT, "name": preset.name, "knobs": preset.values}, indent=1)
    try:
        whole.put(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise PresetError(f"The preset was not written to {path}: {error.strerror or error}.") from error
