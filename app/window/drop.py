"""Drop: what a file or folder that is dragged onto the window is, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.keep import presets
from app.keep.export import FORMATS
from engine.values.recording import SUFFIX
from widgets.target import Target

OPENS = "Unnoise opens recordings (.unnoise), pictures and pages with a run inside, presets and folders of a model."


class Drop(QObject):
    """Takes one thing at a time; each kind has a function that gets its path."""

    def __init__(
        self,
        window: QWidget,
        recording: Callable[[str], object],
        preset: Callable[[str], object],
        model: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._takes = {"recording": recording, "preset": preset, "model": model}
        self.target = Target(window, self.ask)
        self.target.dropped.connect(self.take)

    def ask(self, paths: list[str]) -> tuple[bool, str]:
        """Whether there is something to take, and what people are told."""
        if len(paths) != 1:
            return False, f"One at a time. {OPENS}" if paths else OPENS
        what, name = kind(Path(paths[0])), Path(paths[0]).name
        told = {
            "recording": f"Drop to open the run {name}",
            "preset": f"Drop to take up the preset {name}",
            "model": f"Drop to look at the model in {name}",
            "none": f"{name} is nothing that can be opened. {OPENS}",
            "empty": f"The folder {name} holds no model: it has no config.json.",
        }
        return what in self._takes, told[what]

    def take(self, paths: list[str]) -> None:
        self._takes[kind(Path(paths[0]))](paths[0])


def kind(path: Path) -> str:
    """By its name: what is in it is looked at when it is opened."""
    if path.is_dir():
        return "model" if (path / "config.json").is_file() else "empty"
    carried = {ending: "recording" for format in FORMATS if format.carries for ending in format.endings}
    return (carried | {SUFFIX: "recording", presets.SUFFIX: "preset"}).get(path.suffix.lower(), "none")
