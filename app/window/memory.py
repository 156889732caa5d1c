"""Memory: what the next start finds as it was left: knobs, prompt, speed, folds, looks, and the window's place."""

from __future__ import annotations

from dataclasses import asdict

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QWidget

from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.stage import Stage
from app.window.talking import Talking
from engine.model.choice.source import EMBEDDED
from engine.model.folder.checkpoint import usual
from engine.values.settings import Decoding
from engine.values.words.examples import EXAMPLE
from widgets.knobs import Knobs
from widgets.prompt import Prompt


class Memory(QObject):
    """Between the preferences and what they are about. `save`s nothing: whoever asks writes the preferences."""

    def __init__(
        self,
        window: QWidget,
        prefs: Prefs,
        panel: Knobs,
        prompt: Prompt,
        stage: Stage,
        race: Race,
        talking: Talking,
    ) -> None:
        super().__init__(window)
        self._window, self._prefs, self._panel, self._prompt = window, prefs, panel, prompt
        self._stage, self._race, self._talking = stage, race, talking
        panel.folded.connect(self._set_folds)
        stage.transport.speed_chosen.connect(self.set_speed)

    def restore(self) -> None:
        """As the preferences say."""
        prefs, panel = self._prefs, self._panel
        panel.set_usual(usual(EMBEDDED))
        panel.set_settings(panel.usual().updated(prefs.settings))
        self._race.view.decoding.set_decoding(Decoding().updated(prefs.decoding))
        panel.set_rerun(prefs.live)
        panel.set_open(prefs.folds)
        self._prompt.set_text(prefs.prompt or EXAMPLE)
        self._stage.transport.set_speed(prefs.speed)
        self._stage.player.set_speed(prefs.speed)
        self._window.restoreGeometry(QByteArray(prefs.geometry_bytes()))

    def remember(self) -> None:
        """Into the preferences all that the next start should find."""
        prefs, window = self._prefs, self._window
        self.note()
        if window.isFullScreen():  # a start is no presenter, and the system is slow to make it small again
            normal = window.normalGeometry()
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
            window.setGeometry(normal)
        prefs.set_geometry(bytes(window.saveGeometry().data()))

    def note(self) -> None:
        """The same, but for the place of the window: in the middle of it all, in case that there is no end."""
        prefs = self._prefs
        prefs.prompt = self._prompt.text() or prefs.prompt
        prefs.talk = self._talking.shown
        prefs.settings = self._panel.settings().moved(self._panel.usual())
        prefs.decoding = asdict(self._race.view.decoding.decoding())

    def set_speed(self, speed: float) -> None:
        self._prefs.speed = speed
        self._stage.player.set_speed(speed)

    def _set_folds(self, groups: list[str]) -> None:
        self._prefs.folds = groups
