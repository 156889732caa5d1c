"""Session: the one mutable object. The model, the recording on screen, and what is going on.

Everything that touches the model runs on the thread of its engine: app/run/work.py says what. Knows no widget.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.run import work
from app.run.engine import Engine
from app.run.reader import Reader
from app.run.work import Progress
from app.words import explain
from engine.model.computer.gauge import Gauge
from engine.model.folder.checkpoint import CancelError
from engine.remote.served import Served
from engine.steps.branch import Moments
from engine.steps.context import Memory
from engine.steps.race import Lane, line_up, weigh
from engine.values.edit import Edit
from engine.values.grid import Grid
from engine.values.handoff import Gate
from engine.values.picture import GONE
from engine.values.question import Question
from engine.values.recording import Reading, Recording
from engine.values.settings import Decoding, Settings

if TYPE_CHECKING:
    from engine.model.gemma import Gemma


class Session(QObject):
    """Loads models and runs them, one thing at a time. Signals are emitted on the main thread only."""

    began = Signal()  # there is a new recording
    grew = Signal()  # the recording has more frames
    ended = Signal()  # the run is over; the recording's outcome says how
    lined_up = Signal()  # there are new lanes of a race, nothing written yet
    raced = Signal()  # the lanes are over; their outcomes say how
    laid_out = Signal()  # there is a grid to be filled
    swept = Signal()  # nothing more comes to it; its outcome says how it ended
    changed = Signal()  # the model, or whether something is going on
    progressed = Signal(object)  # Progress, or None when the work is over
    said = Signal(str, str)  # a sentence, and "info" or "error"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Gemma | Served | None = None
        self.reader = Reader(lambda: self.model)
        self.source: str | None = None  # what the model was loaded from
        self.devices: list[str] = []  # that a model can run on, known once torch is there
        self.recording: Recording | None = None
        self.gauge: Gauge | None = None  # of the graphics card that the model is on
        self.lanes: list[Lane] = []  # of the last race
        self.grid: Grid | None = None  # of the last sweep
        self.gate: Gate | None = None  # of the run that goes on
        self.loading = False
        self.sentence = ""  # the last one said
        self.produced = 0  # frames that the engine handed over in the last run
        self._engine = Engine(self)
        self._turn = asyncio.Lock()
        self._replaces = False  # whether what the gate is for takes the place of the recording on screen
        self._moments, self._memory = Moments(), Memory()
        self._growing: Recording | Grid | None = None  # where what arrives belongs
        self._cancelled = Event()
        self._closed = False
        self._engine.arrived.connect(self._take)

    @property
    def running(self) -> bool:
        return self.gate is not None

    @property
    def replaced(self) -> bool:
        """Whether the recording on screen was cut off by a run that is on its way."""
        return self.running and self._replaces and self.recording.outcome == "stopped"

    @property
    def live(self) -> Gate | None:
        """The gate of what is on screen, while that grows; None while something else does, or nothing."""
        return self.gate if self._growing is self.recording else None

    @property
    def sweeping(self) -> bool:
        return self.running and self._growing is not None and self._growing is self.grid

    async def load(self, source: str | None, device: str, precision: str = "auto") -> bool:
        """Loads the embedded model (None), or one of a folder, the hub or a server. False: the old one stays."""

        def loaded(found: tuple) -> None:
            self.model, self.devices, self.gauge = found
            self.source = source
            self._moments.clear()
            self._memory.clear()
            self._say(self.model.remark or "Ready.", "info")

        return await self._long(loaded, self._load, source, device, precision)

    async def check(self, source: str) -> bool:
        """Looks at every byte of a model of the hub, so that the next load fetches what is damaged."""
        return await self._long(lambda _: None, work.check, source)

    async def _long(self, then: Callable[[Any], None], job: Callable[..., Any], *arguments: Any) -> bool:
        """Long work on the engine thread, which tells how far it is and can be cancelled. Whether it was done."""
        self.stop()
        async with self._turn:
            if self._closed:
                return False
            self.loading = True
            self._cancelled.clear()
            self.changed.emit()
            try:
                then(await self._engine.fill(job, *arguments, self._cancelled.is_set))
                return True
            except Exception as error:
                self._explain(error)
                return False
            finally:
                self.loading = False
                self.progressed.emit(None)
                self.changed.emit()

    def cancel(self) -> None:
        """Give up loading, at the next chance."""
        self._cancelled.set()

    async def run(
        self,
        question: Question,
        settings: Settings,
        edits: Sequence[Edit] = (),
        parent: Recording | None = None,
    ) -> Recording | None:
        """Asks the model a question: the recording. A run that goes on is stopped first, its recording replaced.

        `edits` come before the first step. `parent` is the recording whose text they are about, if there is one.
        """
        async with self._gated(settings) as gate:
            if gate is None or not await self._fits(gate, question, settings):
                return None
            recording = Recording.of(self.model, question, settings)
            recording.parent = None if parent is None else (parent.id, 0)
            gate.touch(*edits)
            await self._write(recording, gate)
            return recording

    async def branch(self, parent: Recording, index: int, settings: Settings, edits: Sequence[Edit] = ()) -> None:
        """Goes on from before frame `index` of a recording, with other live knobs and edits, as another recording.

        The frames before are common to both. Says why, if the model is not the one that made the recording.
        """
        if self.model is None or self.model.name != parent.model:
            return self._say(f"Only {parent.model} can go on with this recording: load it first.", "error")
        if any(picture.pixels is None for picture in parent.pictures):
            return self._say(GONE, "error")
        async with self._gated(settings) as gate:
            if gate is not None:
                gate.touch(*edits)
                await self._write(parent.branch(index), gate)
        return None

    async def _write(self, recording: Recording, gate: Gate) -> None:
        """Put a recording on the screen, and run the model on it."""
        self.recording = self._growing = recording
        self.began.emit()
        self.changed.emit()
        shared = self.gauge, self._moments, self._memory
        await self._record(recording, gate, work.run, self.model, recording, gate, *shared)
        self._release(gate)  # who hears that it has ended sees that nothing runs, but for a next one that waits
        self.ended.emit()

    def touch(self, *edits: Edit) -> None:
        """Edits of cells in the run that goes on, from its next step."""
        if self.gate is not None:
            self.gate.touch(*edits)

    async def race(self, question: Question, settings: Settings, decoding: Decoding | None = None) -> None:
        """Runs both lanes of a race on a question, one after the other. The recording on screen stays as it is."""
        if isinstance(self.model, Served):
            return self._say("A race needs the weights here: load a model from this computer or the hub.", "error")
        async with self._gated(settings, aside=True) as gate:
            if gate is None or not await self._fits(gate, replace(question, answer=""), settings):
                return None
            self.lanes = line_up(self.model, question, settings, decoding or Decoding())
            self.lined_up.emit()
            self.changed.emit()
            for lane in self.lanes:
                await self._record(lane.recording, gate, work.run_lane, lane, gate)
                if lane.recording.outcome != "finished":
                    gate.stop()  # one lane alone is no race
            if all(lane.recording.outcome == "finished" for lane in self.lanes):
                await self._weigh(self.lanes)
            self.raced.emit()
        return None

    async def _weigh(self, lanes: Sequence[Lane]) -> None:
        """How good the texts of a race are. Where that cannot be told, the race still stands."""
        try:
            for lane in lanes:
                await self._engine.do(weigh, lane)
        except Exception as error:
            self._explain(error)

    async def sweep(self, grid: Grid) -> None:
        """Runs what is not finished of a grid. The recording on screen stays as it is."""
        if isinstance(self.model, Served):
            return self._say("A sweep needs the weights here: load a model from this computer or the hub.", "error")
        async with self._gated(grid.settings, aside=True) as gate:
            every = {grid.at(place) for place in grid.readings()}
            if gate is None or not await self._fits(gate, grid.question, *every):
                return None
            self.grid, self._growing, grid.outcome = grid, grid, ""
            self.laid_out.emit()
            self.changed.emit()
            await self._record(grid, gate, work.fill, self.model, grid, gate)
            grid.cut()
            self._release(gate)
            self.swept.emit()
        return None

    @property
    def can_edit(self) -> bool:
        """Whether the model's text can be changed by hand: not on a server, which shows no steps."""
        return self.model is not None and not isinstance(self.model, Served)

    async def judge(self, recording: Recording) -> bool:
        """Have the text of a recording read from left to right by the weights that wrote it, once: its `quality`.
        Whether that is known; if not, it is said why. While something runs, it is read behind that."""
        model, ids = self.model, recording.ended()
        if recording.quality is not None and len(recording.quality.nats) == len(ids):
            return True
        if model is None or model.name != recording.model:
            self._say(f"Only {recording.model}, which wrote this, can read it: load it first.", "error")
            return False
        if isinstance(model, Served):
            self._say("A server tells no probabilities of a text, so this one cannot be read.", "error")
            return False
        try:
            recording.quality = await self._engine.do(work.judge, model, recording)
        except Exception as error:
            self._explain(error)
            return False
        return True

    async def _fits(self, gate: Gate, question: Question, *settings: Settings) -> bool:
        """Whether a model can read a question, once its pictures have been looked at; if not, it is said why."""
        self._cancelled.clear()
        asked = self.model, question, settings, lambda: gate.stopped or self._cancelled.is_set()
        try:
            await self._engine.fill(work.fits, *asked)
            return True
        except Exception as error:
            self._explain(error)
            return False
        finally:
            if question.shown:
                self.progressed.emit(None)

    @asynccontextmanager
    async def _gated(self, settings: Settings, aside: bool = False) -> AsyncIterator[Gate | None]:
        """Stop what runs, and wait for the engine: the gate of what runs next, None if nothing is to run. `aside`:
        it leaves the recording on screen as it is."""
        if self.gate is not None:
            self.gate.stop()
        gate = self.gate = Gate(settings)  # from now on: nobody sees that nothing runs in between
        self._replaces = not aside
        self.changed.emit()
        async with self._turn:
            yield None if gate.stopped or self.model is None or self._closed else gate
            self._release(gate)

    async def _record(self, recording: Recording | Grid, gate: Gate, job, *arguments) -> None:
        """Does a job on the engine thread that fills a recording, or a grid, and notes how it ended."""
        self._growing = recording
        try:
            self.produced = await self._engine.fill(job, *arguments)
            outcome = "stopped" if gate.stopped else "finished"
        except Exception as error:
            outcome = self._explain(error)
        self._engine.drain()
        recording.outcome = outcome

    def edit(self, settings: Settings) -> None:
        """Knobs moved: the ones that are live apply from the next step of a run that goes on."""
        if self.gate is not None:
            self.gate.edit(settings)

    def stop(self) -> None:
        """Stop the run that goes on, if any, after the step that it is in."""
        if self.gate is not None:
            self.gate.stop()
            self.gate = None
            self.changed.emit()

    def show(self, recording: Recording) -> None:
        """Put a recording from elsewhere on the screen. A sweep goes on meanwhile; all else is stopped."""
        if not self.sweeping:
            self.stop()
            self._engine.drop()  # what the run before still writes is not wanted any more
        self.recording = recording
        self.began.emit()
        self.grew.emit()
        self.ended.emit()
        self.changed.emit()

    async def close(self) -> None:
        """Stop whatever goes on and end the engine thread. A step that is under way is waited for."""
        self._closed = True
        self.stop()
        self.cancel()
        self._engine.shut()
        async with self._turn:
            self._engine.close()
            if self.gauge is not None:
                self.gauge.close()
                self.gauge = None

    def _release(self, gate: Gate) -> None:
        """That run is over: nothing goes on, unless the next one already waits."""
        if self.gate is gate:
            self.gate = None
        self.changed.emit()

    def _load(self, *arguments) -> tuple[Gemma | Served, list[str], Gauge | None]:
        """`work.load`, with the gauge of its card, which takes the place of the one before."""
        loaded = work.load(*arguments)
        if self.gauge is not None:
            self.gauge.close()
        return loaded.model, loaded.devices or self.devices, Gauge.open(loaded.card)

    def _take(self, items: list) -> None:
        """Puts what has arrived where it belongs."""
        for item in items:
            if isinstance(item, Progress):
                self.progressed.emit(item)
            elif self._growing is not None:
                (self._growing.note if isinstance(item, Reading) else self._growing.append)(item)
        if not isinstance(items[-1], Progress):
            self.grew.emit()

    def _explain(self, error: Exception) -> str:
        sentence = explain(error)
        self._say(sentence, "info" if isinstance(error, CancelError) else "error")
        return sentence

    def _say(self, sentence: str, kind: str) -> None:
        self.sentence = sentence
        if not self._closed:
            self.said.emit(sentence, kind)
