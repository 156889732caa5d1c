"""Tuning: what a moved knob does: to the run that goes on, to the next one, and to what can be taken back.

A knob that is live moves the run that goes on. Any other starts over, where people want that, but never in a run
that they hold to look at it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.keep.prefs import Prefs
from app.run.player import Player
from app.run.rerun import Rerun
from app.run.session import Session
from app.run.undo import Undo
from engine.remote.served import Served
from engine.values.settings import Settings, knobs
from widgets.knobs import Knobs
from widgets.prompt import Prompt


class Tuning(QObject):
    """Stands between the knobs and the session. `follow` loads a model that knobs ask for."""

    run_wished = Signal()  # what is on screen once more, as a knob was moved

    def __init__(
        self,
        session: Session,
        panel: Knobs,
        prompt: Prompt,
        player: Player,
        prefs: Prefs,
        follow: Callable[[Settings], bool],
    ) -> None:
        super().__init__(panel)
        self._session, self._panel, self._prompt, self._player = session, panel, prompt, player
        self._prefs, self._follow = prefs, follow
        self._undo, self._now, self._undoing = Undo(), panel.settings(), False
        self._rerun = Rerun(session, self.run_wished.emit)
        panel.changed.connect(self._moved)
        panel.rerun_toggled.connect(self._set_live)

    def show(self) -> None:
        """There is another run on screen, or the knobs were set by something else than a hand."""
        recording = self._session.recording
        self._now = self._panel.settings()
        self._panel.set_shown(recording.settings if recording else None)
        self._say()

    def take(self, settings: Settings) -> None:
        """Set the knobs as another run has them. What they were can be got back."""
        before = self._panel.settings()
        self._panel.set_settings(settings)
        if before != self._panel.settings():
            self._undo.note(before, self._panel.settings(), alone=True)
        self.show()

    def drop(self) -> None:
        """No run of ours any more: somebody started one, or stopped it."""
        self._rerun.drop()

    @property
    def can_undo(self) -> bool:
        """Whether knobs were changed."""
        return self._undo.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return self._undo.can_redo

    def undo(self) -> None:
        """Take back the last change of the knobs."""
        self._go(self._undo.undo(self._panel.settings()))

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._go(self._undo.redo(self._panel.settings()))

    def _go(self, settings: Settings | None) -> None:
        if settings is not None:
            self._undoing = True
            self._panel.move_to(settings)
            self._undoing = False

    def _moved(self, settings: Settings) -> None:
        if not self._undoing:
            self._undo.note(self._now, settings)
        self._apply(settings)

    def _apply(self, settings: Settings) -> None:
        before, self._now = self._now, settings
        self._session.edit(settings)
        self._say()
        if self._follow(settings) or not self._prefs.live or not self._can_run():
            return
        if settings.rewrites(before) and not self._player.held and not self._lives(settings.moved(before)):
            self._rerun.wish()

    def _can_run(self) -> bool:
        """Whether there is something to run again, here: on a server others wait, too, and so does a sweep."""
        session = self._session
        if session.sweeping:
            return False
        return session.recording is not None and session.model is not None and not isinstance(session.model, Served)

    def _lives(self, moved) -> bool:
        """Whether the run that goes on has taken the change."""
        return self._session.live is not None and all(knobs()[name].live for name in moved)

    def _say(self) -> None:
        self._prompt.set_changed(bool(self._panel.fresh()))

    def _set_live(self, on: bool) -> None:
        self._prefs.live = on
        if not on:
            self._rerun.drop()
