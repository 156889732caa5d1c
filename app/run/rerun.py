"""Rerun: starts over while a knob is dragged, as often as one can follow: every run shows its first steps.

The newest wish wins. No timer: what lets the next run start is that the one on screen has come so far.
"""

from __future__ import annotations

from collections.abc import Callable

from app.run.session import Session

SEEN = 3  # steps of a run that are shown before the next one takes its place


class Rerun:
    """`start` is called when it is time for a run that was wished for."""

    def __init__(self, session: Session, start: Callable[[], object]) -> None:
        self._session, self._start = session, start
        self._wished = False
        self._began = True  # the run that was started last: the session may still wait for the engine
        session.began.connect(self._note)
        for signal in (session.grew, session.ended, session.changed):
            signal.connect(self._go)

    def wish(self) -> None:
        """Run as soon as what is on screen has been seen."""
        self._wished = True
        self._go()

    def drop(self) -> None:
        """No wish any more: somebody started a run by hand, or stopped."""
        self._wished, self._began = False, True

    def _note(self) -> None:
        self._began = True

    def _go(self) -> None:
        session = self._session
        if not self._wished or not self._began or session.loading or session.model is None:
            return
        if session.running and not self._seen():
            return
        self._wished = self._began = False
        self._start()

    def _seen(self) -> bool:
        recording = self._session.recording
        return recording is not None and len(recording.frames) >= SEEN
