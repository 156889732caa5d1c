"""Drop: what a file or folder that is dragged onto the window is, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.keep import presets
from app.keep.export import FORMATS
from app.tasks import Tasks, aside
from app.window.pictures import Pictures
from engine.values.files import carrier, dialogue
from engine.values.picture import OTHERS, SUFFIXES, foreign
from engine.values.recording import SUFFIX
from widgets.status import Status
from widgets.target import Target

OPENS = (
    "Unnoise opens recordings (.unnoise), pictures and pages with a run inside, conversations (.md, .json), "
    "presets and folders of a model."
)


WEB = "What lies on the web cannot be dropped: save it on this computer first, or copy the picture and paste it."


class Drop(QObject):
    """Takes one thing at a time, or some pictures for the prompt; each kind has a function that gets its path."""

    def __init__(
        self,
        window: QWidget,
        opens: Callable[[str], object],
        model: Callable[[str], object],
        pictures: Pictures,
        status: Status,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._takes = {
            "recording": opens,
            "talk": opens,
            "told": opens,
            "model": model,
            "picture": lambda path: pictures.add([path]),
            "either": lambda path: tasks.start(self._open(path)),
        }
        self._opens, self._pictures, self._status = opens, pictures, status
        self.target = Target(window, self.ask)
        self.target.dropped.connect(self.take)

    def ask(self, paths: list[str]) -> tuple[bool, str]:
        """Whether there is something to take, and what people are told."""
        blind = self._pictures.blind
        if not paths:
            return False, WEB
        if len(paths) > 1 and _pictures(paths):
            return not blind, blind or f"Drop to show the model {len(paths)} pictures"
        if len(paths) != 1:
            return False, f"One at a time. {OPENS}"
        what, name = kind(Path(paths[0])), Path(paths[0]).name
        told = {
            "recording": f"Drop to open the run {name}",
            "either": f"Drop to open the run {name}" if blind else f"Drop to open the run in {name}, or to show it",
            "picture": blind or f"Drop to show the model {name}",
            "talk": f"Drop to open the conversation {name}",
            "told": f"Drop to open the conversation or the preset {name}",
            "model": f"Drop to look at the model in {name}",
            "foreign": foreign(name),
            "none": f"{name} is nothing that can be opened. {OPENS}",
            "empty": f"The folder {name} holds no model: it has no config.json.",
        }
        return what in self._takes and told[what] != blind, told[what]

    def take(self, paths: list[str]) -> None:
        if len(paths) > 1:
            self._pictures.add(paths)
        else:
            self._takes[kind(Path(paths[0]))](paths[0])

    async def _open(self, path: str) -> None:
        """Open the run that a picture carries; one that carries none is for the prompt, if the model sees."""
        if await aside(_carries, path):
            self._opens(path)
        elif self._pictures.blind:
            self._status.say(f"{Path(path).name} carries no run. {self._pictures.blind}", "error")
        else:
            self._pictures.add([path])


def kind(path: Path) -> str:
    """By its name: what is in it is looked at when it is opened."""
    if path.is_dir():
        return "model" if (path / "config.json").is_file() else "empty"
    either = dict.fromkeys(SUFFIXES, "picture")
    either |= dict.fromkeys(OTHERS, "foreign")
    carried = {ending: "recording" for format in FORMATS if format.carries for ending in format.endings}
    either |= dict.fromkeys(carried.keys() & SUFFIXES, "either")
    told = dict.fromkeys(dialogue.ENDINGS, "talk") | {presets.SUFFIX: "told"}  # a preset is JSON, too
    return (carried | either | told | {SUFFIX: "recording"}).get(path.suffix.lower(), "none")


def _pictures(paths: list[str]) -> bool:
    return all(Path(path).suffix.lower() in (*SUFFIXES, *OTHERS) for path in paths)


def _carries(path: str) -> bool:
    """Whether there is a run in a picture, or was one, or nobody can tell: opening it says what is wrong."""
    try:
        with open(path, "rb") as file:
            carrier.inner(file)
    except carrier.CarrierError as error:
        return str(error) != carrier.NONE
    except Exception:  # a stranger's file, or none
        return True
    return True
