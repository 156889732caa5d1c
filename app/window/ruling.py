"""Ruling: the rule of the step on screen instead of the charts, and its line as a knob."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.run.rule import LIMITS, sight
from app.run.session import Session
from app.run.stage import Stage
from app.window.tuning import Tuning
from engine.values.settings import knobs
from widgets.knobs import Knobs
from widgets.rule import Rule


class Ruling(QObject):
    """Stands between the drawn rule and the knobs."""

    changed = Signal()  # whether it is to be seen

    def __init__(self, session: Session, stage: Stage, panel: Knobs, tuning: Tuning) -> None:
        super().__init__(stage)
        self._session, self._stage, self._panel, self._tuning = session, stage, panel, tuning
        self.view, self.shows = Rule(), False
        self.view.moved.connect(self._move)
        stage.player.moved.connect(self.show)
        panel.changed.connect(self.show)

    def toggle(self) -> None:
        """Show what decides how many cells are accepted, or the charts again."""
        self.shows = not self.shows
        self.show()
        self.changed.emit()

    def show(self, *_: object) -> None:
        """The rule in the frame on screen, with the knobs as they are."""
        recording, index = self._stage.recording, self._stage.player.index
        if self.shows:
            there = recording is not None and 0 <= index < len(recording.frames)
            self.view.show_sight(sight(recording, index, self._panel.settings()) if there else None)

    def _move(self, value: float) -> None:
        """The line was moved. Of what is over it only shows what would be: a run of its own would hide that."""
        settings = self._panel.settings()
        name = LIMITS[settings.sampler]
        knob = knobs()[name]
        settings = replace(settings, **{name: round(min(max(value, knob.minimum), knob.maximum), 3)})
        self._panel.set_settings(settings)
        if self._session.live is not None:
            self._panel.changed.emit(settings)
        else:
            self._tuning.show()
            self.show()
