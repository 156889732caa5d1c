"""Stage: what of a recording is on screen: one frame on the canvas, the curves so far, the three speeds.

Live, replay and scrubbing are all the same to it: the player says which frame. Knows no model and no session.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.run.player import Player
from engine.remote.server import CANVAS, NOTE
from engine.remote.wire import is_address
from engine.values.handoff import Gate
from engine.values.metrics import Meter, speeds
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.charts import Charts
from widgets.status import Status
from widgets.theme import Theme
from widgets.token import Token
from widgets.transport import Transport

CHART_MS = 100


class Stage(QObject):
    """Owns the player and the widgets that show a recording."""

    def __init__(self, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        self.canvas, self.transport, self.charts, self.token = Canvas(), Transport(), Charts(), Token()
        self.player = Player(self)
        self.recording: Recording | None = None
        self._status = status
        self._meter: Meter | None = None
        self._charted = -1
        self._timer = QTimer(self, interval=CHART_MS)
        self._wire()

    def _wire(self) -> None:
        player, transport = self.player, self.transport
        connections = [
            (transport.played, player.play),
            (transport.paused, player.pause),
            (transport.stepped, player.step),
            (transport.sought, player.seek),
            (transport.live_chosen, player.go_live),
            (self.charts.sought, player.seek),
            (self.canvas.hovered, self._show_token),
            (self.canvas.cell_chosen, self._show_token),
            (player.moved, self._show_frame),
            (player.changed, self._show_playhead),
            (self._timer.timeout, self._show_charts),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def begin(self, recording: Recording, gate: Gate | None) -> None:
        """Show a new recording, which grows while there is a gate."""
        self.recording, self._meter, self._charted = recording, Meter(recording), -1
        remote = is_address(recording.device)
        self.canvas.set_lane(CANVAS if remote else 0)
        self.canvas.set_lexicon(recording.lexicon)
        self.canvas.set_run(recording.frames, gate is None)
        self.charts.expect(recording.settings.steps if gate else 0)
        self.charts.clear()
        self.player.begin(recording, gate)
        self._timer.start()
        if gate is not None:
            self.canvas.set_message(f"{NOTE[0].upper()}{NOTE[1:]}." if remote else "Reading the prompt\u2026")
            self.canvas.show_frame(None, None, [])

    def end(self) -> None:
        """The recording will not grow any more."""
        self._timer.stop()
        self.charts.expect(0)
        self._charted = -1  # the axes fit the steps that came
        self.canvas.set_run(self.recording.frames, True)
        self.player.finish()
        self._show_charts()

    def set_candidates(self, count: int) -> None:
        self.canvas.set_candidates(count)
        self._show_token()

    def set_theme(self, theme: Theme) -> None:
        for widget in (self.canvas, self.charts, self.token):
            widget.set_theme(theme)

    def _show_frame(self, index: int) -> None:
        recording = self.recording
        self.canvas.show_frame(recording.frames[index], recording.previous(index), recording.finished(index))
        if not self.player.live:  # live, the charts follow at their own pace
            self.charts.set_playhead(index)
        self._show_token()
        self._show_playhead()

    def _show_playhead(self) -> None:
        player = self.player
        self.transport.set_state(max(player.index, 0), player.last + 1, player.playing, player.live)

    def _show_charts(self) -> None:
        recording = self.recording
        if recording is None or self._charted == len(recording.frames):
            return
        self._charted = len(recording.frames)
        self.charts.show_series(self._meter.series())
        self.charts.set_playhead(max(self.player.index, 0))
        self.transport.set_boundaries(recording.boundaries())
        speed = speeds(recording)
        self._status.set_speeds(*(speed.text, speed.canvas, speed.in_step) if speed else (None, None, None))

    def _show_token(self, *_: object) -> None:
        """Show what the model considered for the cell that is pinned or pointed at, in this frame."""
        cell = self.canvas.cell
        self.token.show_details(None if cell is None else self.canvas.details(cell))
