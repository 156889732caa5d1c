"""Surprising: the words of finished texts coloured by how surprising they are to the weights that wrote them.

It takes one pass over the text, on the engine thread, once a recording.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject

from app.run.session import Session
from app.run.shades import colour, told
from app.run.stage import Stage
from app.run.versus import Versus
from app.tasks import Tasks
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.status import Status

SOON = "Words are coloured once a canvas has ended: how surprising they are, read from left to right."


class Surprising(QObject):
    """Stands between what is on screen and the session, as long as people want to see it."""

    def __init__(self, session: Session, stage: Stage, versus: Versus, status: Status, tasks: Tasks) -> None:
        super().__init__(stage)
        self._session, self._stage, self._versus, self._status, self._tasks = session, stage, versus, status, tasks
        self.shows = False
        self._read: set[str] = set()  # ids of the recordings that are being read
        for signal in (stage.player.moved, stage.player.changed, versus.moved, versus.switched, session.ended):
            signal.connect(self.show)

    @property
    def can_show(self) -> bool:
        """Whether there is a text on screen whose words can be coloured, or are to be."""
        return self.shows or any(True for _ in self._seen())

    def toggle(self) -> None:
        """Colour the words by how surprising they are, or not any more."""
        self._set(not self.shows)
        if not self.shows:
            self._status.say("Words have no colour of surprise any more.", "info")
        elif not any(len(run.ended()) for run, *_ in self._seen()):
            self._status.say(SOON, "info")

    def _set(self, on: bool) -> None:
        self.shows = on
        self._versus.set_coloured(on)
        self.show()

    def show(self, *_: object) -> None:
        """The colours of what is on screen, as far as they are known; what is not is asked for."""
        for run, index, canvas in self._seen():
            known = colour(canvas, run, index, self.shows, self._versus.shown)  # there it is above
            if self.shows and not known and run.outcome and len(run.ended()) and run.id not in self._read:
                self._read.add(run.id)
                self._tasks.start(self._judge(run))

    def _seen(self) -> Iterator[tuple[Recording, int, Canvas]]:
        """The recordings on screen, which of their frames, and where."""
        if self._versus.shown:
            yield from self._versus.seen()
        elif self._stage.recording is not None:
            yield self._stage.recording, self._stage.player.index, self._stage.canvas

    async def _judge(self, run: Recording) -> None:
        try:
            before, known = run.quality, await self._session.judge(run)
        finally:
            self._read.discard(run.id)
        if not known:
            return self._set(False)
        if run.quality is not before:
            self._status.say(f"Read from left to right: {told(run)}", "info")
            self._versus.refresh()
        return self.show()
