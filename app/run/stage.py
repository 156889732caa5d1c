"""Stage: what of a recording is on screen: one frame on the canvas, the headline and the curves so far.

Live, replay and scrubbing are all the same to it: the player says which frame. Knows no model and no session.
"""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.run import rounds
from app.run.life import least_sure, life, settling, turns
from app.run.player import Player
from app.words import taken
from engine.remote.server import CANVAS, NOTE
from engine.remote.wire import is_address
from engine.values.frame import STOPS
from engine.values.handoff import Gate
from engine.values.metrics import Meter, Series, speeds
from engine.values.recording import Recording
from engine.values.settings import counted
from engine.values.words.letters import one_line
from widgets.canvas import Canvas
from widgets.charts import Charts
from widgets.headline import Facts, Headline, number
from widgets.hint import Details
from widgets.microscope import Life
from widgets.pair import Pair
from widgets.poster import poster
from widgets.theme import DARK, Theme
from widgets.token import Token
from widgets.transport import Transport
from widgets.veil import Veil

CHART_MS = 100


class Stage(QObject):
    """Owns the player and the widgets that show a recording."""

    held = Signal(bool)  # the denoiser waits at the live end, or goes on
    looked = Signal()  # whether a cell is chosen, or two are compared

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.canvas, self.transport, self.charts, self.token = Canvas(), Transport(), Charts(), Token()
        self.headline, self.pair = Headline(), Pair()
        self.player = Player(self)
        self.recording: Recording | None = None
        self._theme = DARK
        self._more = ""  # the other speeds of the run, once it is over
        self._veils = [Veil(widget) for widget in (self.canvas, self.charts)]
        self._meter: Meter | None = None
        self._charted = -1
        self._held = self._grows = self._replaced = False
        self._before: Series | None = None  # of the run before
        self._timer = QTimer(self, interval=CHART_MS)
        self._wire()

    def _wire(self) -> None:
        player = self.player
        player.obey(self.transport)
        connections = [
            (self.charts.sought, player.seek),
            (self.canvas.hovered, self._show_token),
            (self.token.lanes.sought, player.seek),
            (self.pair.sought, player.seek),
            (self.token.unsure.chosen, self.canvas.choose),
            (self.token.settling.chosen, self.canvas.choose),
            (self.canvas.cell_chosen, self._show_token),
            (self.canvas.cell_chosen, self.looked),
            (player.moved, self._show_frame),
            (player.changed, self._show_playhead),
            (self._timer.timeout, self._show_charts),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def begin(self, recording: Recording, gate: Gate | None) -> None:
        """Show a new recording, which grows while there is a gate. Until its first step the old one stays."""
        before, self._grows, self._replaced = self.recording, gate is not None, False
        if before is not None and before.frames:
            self._before = self._meter.series()
        stays = gate is not None and before is not None and before.frames and before.lexicon is recording.lexicon
        self.recording, self._meter, self._charted = recording, Meter(recording), -1
        remote = is_address(recording.device)
        self.canvas.set_lane(CANVAS if remote else 0)
        self.charts.expect(self._most())
        self._more = self._other_speeds()
        self.headline.set_pictures([picture.small for picture in recording.pictures])
        self._dim(bool(stays))
        self.player.begin(recording, gate)
        self._timer.start()
        if not stays:
            self._adopt()
            self.charts.clear()
            self._show_charts()
        if gate is not None and not stays:
            self.canvas.set_message(f"{NOTE[0].upper()}{NOTE[1:]}." if remote else "Reading the prompt\u2026")
            self.canvas.show_frame(None, None, [])
            self._show_token()

    def end(self, replaced: bool = False) -> None:
        """The recording will not grow any more. `replaced`: the next run is about to take its place."""
        self._replaced = replaced
        self._timer.stop()
        self._grows = False
        self._more = self._other_speeds()
        self._charted = -1
        if self.recording.frames:
            self._adopt()  # all its frames are known now
        self.player.finish()
        if replaced:
            self._dim(bool(self.recording.frames))
        elif not self.recording.frames:  # nothing came that could take the place of what was there
            self._dim(False)
            self.canvas.show_frame(None, None, [])
            self.charts.clear()
            self._show_token()
        self._show_charts()

    def poster(self) -> QImage:
        """The charts of the step on screen, with its headline, as a picture."""
        headline, charts = Headline(), Charts()
        headline.show_facts(self._facts())
        charts.set_theme(self._theme)
        charts.expect(self._most())
        charts.show_series(self._meter.series(), self._before)
        charts.set_playhead(max(self.player.index, 0))
        return poster(headline, charts)

    def earlier_turn(self) -> None:
        """Go to the step before in which the chosen cell changed."""
        self._turn(-1)

    def later_turn(self) -> None:
        """Go to the next step in which the chosen cell changed."""
        self._turn(1)

    def compare(self) -> None:
        """Compare the chosen cell with the next one that is looked at, or end that."""
        self.canvas.compare()

    @property
    def compares(self) -> bool:
        """Whether a cell is held, to be compared with others."""
        return self.canvas.held is not None

    @property
    def chosen(self) -> bool:
        """Whether a cell is looked at for longer than the pointer is there."""
        return self.canvas.chosen is not None

    @property
    def can_compare(self) -> bool:
        """Whether there is a cell to be compared with others, or one that is."""
        return self.chosen or self.compares

    @property
    def shows(self) -> bool:
        """Whether there is a step on screen."""
        return self.recording is not None and 0 <= self.player.index < len(self.recording.frames)

    def _turn(self, way: int) -> None:
        cell, index = self.canvas.cell, self.player.index
        if cell is None or self.recording is None or index < 0:
            return
        found = turns(self.recording, index, cell)
        steps = [at for at in found if at > index] if way > 0 else [at for at in reversed(found) if at < index]
        if steps:
            self.player.seek(steps[0])

    def look_at_unsure(self) -> None:
        """Look at the cell that is least sure, or at the next one."""
        if not self.shows:
            return
        doubts = least_sure(self.recording.lexicon, self.recording.frames[self.player.index])
        cells = [doubt.cell for doubt in doubts]
        if cells:
            now = self.canvas.held if self.canvas.chosen is None else self.canvas.chosen
            at = cells.index(now) + 1 if now in cells else 0
            self.canvas.choose(cells[at % len(cells)])

    def set_candidates(self, count: int) -> None:
        self.canvas.set_candidates(count)
        self.token.set_candidates(count)
        self._show_token()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for widget in (self.canvas, self.charts, self.token, self.pair):
            widget.set_theme(theme)

    def _adopt(self) -> None:
        """Tells the canvas whose frames it will show."""
        self.canvas.set_lexicon(self.recording.lexicon)
        self.canvas.set_run(self.recording.frames, over=not self._grows)

    def _dim(self, down: bool) -> None:
        for veil in self._veils:
            veil.drop(down)

    def _most(self) -> int:
        """Steps that the recording may have; 0 where nobody knows."""
        recording = self.recording
        if is_address(recording.device):
            return 0
        frames, canvases = recording.frames, recording.settings.canvases
        return recording.settings.steps * (canvases if self._grows or not frames else frames[-1].canvas + 1)

    def _show_frame(self, index: int) -> None:
        recording = self.recording
        if not self._veils[0].isHidden():
            self._dim(False)
            self._adopt()
            self._show_charts()
        self.canvas.show_frame(recording.frames[index], recording.previous(index), recording.finished(index))
        if not self.player.live:  # live, the charts follow at their own pace
            self.charts.set_playhead(index)
        self._show_token()
        self._show_playhead()

    def _show_playhead(self) -> None:
        player = self.player
        most = self._most() if self._grows and not (self.recording and self.recording.settings.proofread) else 0
        self.transport.set_state(max(player.index, 0), player.last + 1, player.playing, player.live, most)
        self.headline.show_facts(self._facts())
        if player.held != self._held:
            self._held = player.held
            self.held.emit(self._held)

    def _facts(self) -> Facts:
        """The headline of the step on screen."""
        recording, index = self.recording, self.player.index
        if recording is None:
            return Facts()
        if not 0 <= index < len(recording.frames):
            return Facts(state=self._state(None), prompt=one_line(recording.prompt), about=_about(recording))
        moment, most = self._meter.at(index), self._most()
        return Facts(
            moment.written,
            moment.rate,
            moment.seconds,
            (index + 1) / max(most, len(recording.frames)),
            self._state(index),
            one_line(recording.prompt),
            _about(recording),
            self._more,
        )

    def _state(self, index: int | None) -> str:
        """How the run stands at a step, in a few words."""
        recording, player = self.recording, self.player
        if self._replaced:
            return "starting over"
        if index is None:
            return "reading the prompt" if self._grows else recording.outcome and "no steps"
        frame, over = recording.frames[index], not self._grows and index == player.last
        parts = [_ending(recording)] if over else []
        parts += ["paused"] if player.held and player.live else []
        if not over and frame.told:
            step = f"step {frame.step + 1} of at most {frame.settings.steps}"
            step += ", then proofreading" if frame.settings.proofread else ""
            parts.append(rounds.told(recording, index) or step)
        canvases = recording.settings.canvases
        parts += [f"canvas {frame.canvas + 1} of {canvases}"] if canvases > 1 else []
        if over:
            parts += [taken(recording), rounds.outcome(recording)]
        return "  \u00b7  ".join(filter(None, parts))

    def _other_speeds(self) -> str:
        """Those that the headline does not have, of a run that is over."""
        speed = None if self._grows else speeds(self.recording)
        if speed is None or not isfinite(speed.in_step):
            return ""
        return (
            f"All cells of the canvases begun, the padding too, over the same time: {number(speed.canvas)} tok/s. "
            f"Cells refined per second inside the steps, each of which refines the whole canvas: "
            f"{number(speed.in_step)} tok/s."
        )

    def _show_charts(self) -> None:
        recording = self.recording
        if recording is None or self._charted == len(recording.frames) or not self._veils[1].isHidden():
            return
        self._charted = len(recording.frames)
        self.charts.show_series(self._meter.series(), self._before)
        self.charts.set_playhead(max(self.player.index, 0))
        self.transport.set_boundaries(recording.boundaries(), rounds.proofreading(recording))

    def _show_token(self, *_: object) -> None:
        """Show what the model considered for the cell that is pinned or pointed at, in this frame, and beside it
        what it did for the one that it is compared with."""
        canvas, recording, index = self.canvas, self.recording, self.player.index
        shown = recording is not None and 0 <= index < len(recording.frames)
        asked = {canvas.cell, canvas.held, canvas.chosen} - {None} if shown else ()
        known = {cell: found for cell in asked if (found := self._known(cell)) is not None}
        self.token.show_details(*known.get(canvas.cell, (None,)))
        if canvas.cell not in known:
            self.token.show_doubts(least_sure(recording.lexicon, recording.frames[index]) if shown else ())
            self.token.show_settling((lambda: settling(recording, index)) if shown else None)
        cells = dict.fromkeys((canvas.held, canvas.cell if self.compares else canvas.chosen))
        told = [known[cell] for cell in cells if cell in known]
        self.pair.show_cells(told, self.compares and len(told) < 2)

    def _known(self, cell: int | None) -> tuple[Details, Life | None] | None:
        """What is known of a cell in the frame on screen, and its life, if there is one."""
        details, recording, index = self.canvas.details(cell), self.recording, self.player.index
        if details is None:
            return None
        seen = details.told and cell < len(recording.frames[index - recording.frames[index].step].ids)
        return details, life(recording, index, cell) if seen else None


def _about(recording: Recording) -> str:
    """What it is a run of: the knobs that matter most."""
    if recording.said is not None or is_address(recording.device):
        return ""  # nobody knows: a server samples as it was started
    knobs = recording.settings
    heat = f"{knobs.t_max:g} \u2192 {knobs.t_min:g}"
    return f"{counted(knobs.steps, 'step')}  \u00b7  {heat}  \u00b7  seed {knobs.seed}"


def _ending(recording: Recording) -> str:
    if recording.outcome == "stopped":
        return "stopped by you"
    if recording.outcome not in ("", "finished"):
        return f"failed  \u00b7  {recording.outcome}"  # where nobody sees the status line
    return STOPS.get(recording.frames[-1].stop, "")
