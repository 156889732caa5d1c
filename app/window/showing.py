"""Showing: recordings that come from elsewhere, brought on screen, and the text of what is there, taken along."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.run.versus import Versus
from app.window.pictures import Pictures
from app.window.tuning import Tuning
from engine.steps.race import told
from engine.values.recording import Recording
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status


class Showing(QObject):
    """What is brought on screen comes with its prompt and knobs, so that Run makes it again."""

    def __init__(
        self,
        session: Session,
        stage: Stage,
        race: Race,
        versus: Versus,
        tuning: Tuning,
        panel: Knobs,
        prompt: Prompt,
        pictures: Pictures,
        status: Status,
    ) -> None:
        super().__init__(stage)
        self._session, self._player, self._race, self._tuning = session, stage.player, race, tuning
        self._versus, self._pictures = versus, pictures
        self._panel, self._prompt, self._status = panel, prompt, status

    def replay(self, recording: Recording) -> None:
        """Replay a recording from its start."""
        self._take_up(recording)
        self._player.seek(0)
        self._player.play()

    def bring_back(self, recording: Recording) -> None:
        """Show an earlier run as it ended."""
        self._take_up(recording)
        self._player.seek(self._player.last)

    @property
    def can_copy(self) -> bool:
        """Whether there is a text on screen."""
        return self._race.shown or self._versus.shown or self._session.recording is not None

    def copy_text(self) -> None:
        if self._race.shown:
            QGuiApplication.clipboard().setText(told(self._session.lanes))
            self._status.say("Both texts were copied, with what was measured of them.", "info")
        elif self._versus.shown:
            QGuiApplication.clipboard().setText(self._versus.duo.told())
            self._status.say("Both texts were copied, with what was measured of them.", "info")
        elif self._session.recording is not None:
            reply = self._session.recording.reply()
            QGuiApplication.clipboard().setText(reply.shown)
            only = reply.thought and not reply.answer and not reply.calls
            self._status.say(
                "There is no answer: the thought was copied." if only else "The text was copied.", "info"
            )

    def _take_up(self, recording: Recording) -> None:
        """What belongs to this computer and its screen stays as it is."""
        self._race.leave()
        self._versus.leave()
        self._tuning.drop()
        self._session.show(recording)
        self._prompt.set_text(recording.prompt)
        self._pictures.show(recording.pictures)
        now = self._panel.settings()
        ours = {"device": now.device, "precision": now.precision, "top_k": now.top_k}
        self._tuning.take(replace(recording.settings, **ours))
