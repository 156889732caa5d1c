"""Opening: what a file that people open has in it: a run, a conversation or a preset. Knows no Qt."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.keep import presets
from app.keep.presets import PresetError
from engine.values.files import dialogue
from engine.values.files.dialogue import DialogueError
from engine.values.presets import Preset
from engine.values.recording import Recording, RecordingError
from engine.values.turns import Conversation


class OpenError(Exception):
    """A file that cannot be opened. Its message is a sentence for people."""


def opened(path: str | Path) -> Recording | Conversation | Preset:
    """What is in a file, by its ending, and by what it says of itself. Raises OpenError."""
    try:
        if Path(path).suffix.lower() not in dialogue.ENDINGS:
            return Recording.load(path)
        with suppress(PresetError):
            return presets.read(path)
        return dialogue.load(path)
    except (RecordingError, DialogueError) as error:
        raise OpenError(str(error)) from error
