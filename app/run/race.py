"""Race: two lanes on screen: live while they run one after the other, then replayed together by their clocks.

Knows no model: the session has lanes that grow, or they are over.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.run.clock import Clock
from app.run.scene import Scene
from app.run.session import Session
from app.run.timeline import TICKS, Timeline
from app.words import ending, kind
from engine.steps import race
from engine.steps.race import Lane
from widgets.lane import Track
from widgets.status import Status

FOLLOW_MS = 100  # between two looks at a lane that runs: few, as drawing takes time from it
GAPLESS = "Racing without the gaps: token by token nobody knows what comes later."


class Race(QObject):
    """Owns the playhead and the widget that show a race, from its beginning until it is left."""

    switched = Signal()  # a race is shown, or was left

    def __init__(self, session: Session, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.player = Track(), Clock(self)
        self.shown = False
        self.scene: Scene | None = None
        self._session, self._status = session, status
        self._timer = QTimer(self, interval=FOLLOW_MS)
        self._wire()

    @property
    def lanes(self) -> Sequence[Lane]:
        return self.scene.lanes if self.scene else ()

    @property
    def over(self) -> bool:
        """Whether both lanes have reached their end, so that they can be replayed."""
        return {lane.recording.outcome for lane in self.lanes} == {"finished"}

    def _wire(self) -> None:
        player, transport = self.player, self.view.transport
        player.obey(transport)
        connections = [
            (transport.speed_chosen, player.set_speed),
            (player.moved, self._show_moment),
            (player.changed, self._show_playhead),
            (self._timer.timeout, self._follow),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def begin(self) -> None:
        """Follow the session's lanes, which run one after the other."""
        self.shown = True
        self.switched.emit()
        self.player.begin(None, None)
        self.view.set_caption(self._session.lanes[0].recording.prompt)
        self.scene = Scene(self.view, self._session.lanes, self._session.model.length)
        self._timer.start()
        self._follow()
        given = self._session.lanes[0].recording.answer
        self._status.say(GAPLESS if given else "Racing.", "info")

    def end(self) -> None:
        """The lanes are over: replay them, unless they were stopped."""
        self._timer.stop()
        self.scene.finish()
        if self.over:
            self._status.say("The race is over: both lanes are replayed by their own clocks.", "info")
            return self._replay()
        if {lane.recording.outcome for lane in self.lanes} <= {"finished", "stopped"}:
            self._status.say("The race was stopped by you.", "info")
        self.view.set_verdict(race.verdict(self.lanes))
        return self._follow()

    def _replay(self) -> None:
        self.player.begin(Timeline([lane.recording for lane in self.lanes]), None)
        self.player.seek(0)
        self.player.play()

    def leave(self) -> None:
        """Back to the one canvas, as it was. A race that goes on is stopped."""
        if self.shown:
            self._session.stop()
            self.player.pause()
            self.shown = False
            self.switched.emit()
            if recording := self._session.recording:
                self._status.say(ending(recording), kind(recording))
            else:
                self._status.say(self._session.sentence, "info")

    def set_candidates(self, count: int) -> None:
        for shown in self.view.lanes:
            shown.canvas.set_candidates(count)

    def _follow(self) -> None:
        self.scene.follow()

    def _show_moment(self, index: int) -> None:
        self.scene.show(index / TICKS)
        self._show_playhead()

    def _show_playhead(self) -> None:
        player = self.player
        self.view.transport.set_state(max(player.index, 0), player.last + 1, player.playing, False)
