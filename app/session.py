"""Session: the one mutable object. The model, the recording on screen, and what is going on.

asyncio carries the verbs (`load`, `run`, `close`), Qt carries the frames. Everything that touches the model
runs on one engine thread; torch is imported there, after the window shows. Knows no widget.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.checkpoint import LoadError
from engine.frame import STOPS
from engine.gauge import Gauge
from engine.handoff import Gate, Mailbox, pump
from engine.race import Lane, line_up, warm
from engine.recording import Reading, Recording, RecordingError
from engine.served import Served
from engine.settings import Decoding, Settings
from engine.wire import is_address

if TYPE_CHECKING:
    from engine.gemma import Gemma

_Loaded = tuple["Gemma | Served", list[str], Gauge | None]  # with its devices, and the gauge of its card

log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How far long work has come: 0 to 1, or None where nobody knows."""

    label: str
    fraction: float | None


class Session(QObject):
    """Loads models and runs them, one thing at a time. Signals are emitted on the main thread only."""

    began = Signal()  # there is a new recording
    grew = Signal()  # the recording has more frames
    ended = Signal()  # the run is over; the recording's outcome says how
    lined_up = Signal()  # there are new lanes of a race, nothing written yet
    raced = Signal()  # the lanes are over; their outcomes say how
    changed = Signal()  # the model, or whether something is going on
    progressed = Signal(object)  # Progress, or None when the work is over
    said = Signal(str, str)  # a sentence, and "info" or "error"
    _woken = Signal()  # the only signal that crosses threads

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Gemma | Served | None = None
        self.source: str | None = None  # what the model was loaded from
        self.devices: list[str] = []  # that a model can run on, known once torch is there
        self.recording: Recording | None = None
        self.gauge: Gauge | None = None  # of the graphics card that the model is on
        self.lanes: list[Lane] = []  # of the last race
        self.gate: Gate | None = None  # of the run that goes on
        self.loading = False
        self.sentence = ""  # the last one said
        self.produced = 0  # frames that the engine handed over in the last run
        self._engine = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._turn = asyncio.Lock()
        self._mailbox: Mailbox | None = None
        self._growing: Recording | None = None  # where the frames of the mailbox belong
        self._cancelled = Event()
        self._closed = False
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        return self.gate is not None

    async def load(self, source: str | None, device: str, precision: str = "auto") -> bool:
        """Loads the embedded model (None), or one of a folder, the hub or a server. False: the old one stays."""
        self.stop()
        async with self._turn:
            if self._closed:
                return False
            self.loading = True
            self._cancelled.clear()
            self._mailbox = Mailbox(self._woken.emit)
            self.changed.emit()
            try:
                self.model, self.devices, self.gauge = await self._on_engine(
                    self._load, source, device, precision, self._mailbox
                )
                self.source = source
                self._say("Ready.", "info")
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

    async def run(self, prompt: str, settings: Settings) -> None:
        """Runs the model on a prompt. A run that goes on is stopped first; its recording is replaced."""
        self.stop()
        gate = self.gate = Gate(settings)
        async with self._turn:
            if gate.stopped or self.model is None or self._closed:
                self._release(gate)
                return
            model = self.model
            recording = self.recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
            self.began.emit()
            self.changed.emit()
            await self._record(recording, gate, _run, model, recording, gate, self.gauge)
            self.ended.emit()
            self._release(gate)

    async def race(self, prompt: str, settings: Settings) -> None:
        """Runs both lanes of a race on a prompt, one after the other. The recording on screen stays as it is."""
        if isinstance(self.model, Served):
            return self._say("A race needs the weights here: load a model from this computer or the hub.", "error")
        self.stop()
        gate = self.gate = Gate(settings)
        async with self._turn:
            if gate.stopped or self.model is None or self._closed:
                self._release(gate)
                return
            self.lanes = line_up(self.model, prompt, settings, Decoding())
            self.lined_up.emit()
            self.changed.emit()
            for lane in self.lanes:
                await self._record(lane.recording, gate, _run_lane, lane, gate)
                if lane.recording.outcome != "finished":
                    gate.stop()  # one lane alone is no race
            self.raced.emit()
            self._release(gate)

    async def _record(self, recording: Recording, gate: Gate, work, *arguments) -> None:
        """Does work on the engine thread whose frames fill a recording, and notes how it ended."""
        self._mailbox, self._growing = Mailbox(self._woken.emit), recording
        try:
            self.produced = await self._on_engine(work, *arguments, self._mailbox)
            outcome = "stopped" if gate.stopped else "finished"
        except Exception as error:
            outcome = self._explain(error)
        self._drain()
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
        """Put a recording from elsewhere on the screen."""
        self.stop()
        if self._mailbox is not None:
            self._mailbox.close()  # what the run before still writes is not wanted any more
        self._mailbox = None
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
        if self._mailbox is not None:
            self._mailbox.close()
        async with self._turn:
            self._engine.shutdown(wait=True)
            if self.gauge is not None:
                self.gauge.close()
                self.gauge = None

    def _release(self, gate: Gate) -> None:
        """That run is over: nothing goes on, unless the next one already waits."""
        if self.gate is gate:
            self.gate = None
        self.changed.emit()

    async def _on_engine(self, work, *arguments):
        return await asyncio.get_running_loop().run_in_executor(self._engine, work, *arguments)

    def _load(self, source: str | None, device: str, precision: str, mailbox: Mailbox) -> _Loaded:
        if is_address(source):
            mailbox.put(Progress("Asking the server", None))
            return self._swap(Served(source), self.devices, None)
        mailbox.put(Progress("Starting torch", None))
        from engine import gemma  # imported here, so that the window shows before torch does

        report = lambda label, fraction=None: mailbox.put(Progress(label, fraction))  # noqa: E731
        cancelled = self._cancelled.is_set
        model = gemma.load(source, device, progress=report, cancelled=cancelled, precision=precision)
        return self._swap(model, gemma.devices(), gemma.card(model.device))

    def _swap(self, model: Gemma | Served, devices: list[str], card: str | None) -> _Loaded:
        """What a load has brought, with the gauge of its card instead of that of the card before."""
        if self.gauge is not None:
            self.gauge.close()
        return model, devices, Gauge.open(card)

    @Slot()
    def _drain(self) -> None:
        """Moves what has arrived from the mailbox to where it belongs."""
        items = self._mailbox.take() if self._mailbox is not None else []
        for item in items:
            if isinstance(item, Progress):
                self.progressed.emit(item)
            elif self._growing is not None:
                (self._growing.note if isinstance(item, Reading) else self._growing.append)(item)
        if items and not isinstance(items[-1], Progress):
            self.grew.emit()

    def _explain(self, error: Exception) -> str:
        sentence = explain(error)
        self._say(sentence, "error")
        return sentence

    def _say(self, sentence: str, kind: str) -> None:
        self.sentence = sentence
        if not self._closed:
            self.said.emit(sentence, kind)


def _run(model: Gemma | Served, recording: Recording, gate: Gate, gauge: Gauge | None, mailbox: Mailbox) -> int:
    """The engine thread's part of a run: how many frames it handed over."""
    if isinstance(model, Served):
        return pump(model.frames(recording.prompt, gate.ask, lambda: gate.stopped), mailbox)
    from engine.denoise import denoise

    settings = recording.settings
    ids = model.encode(recording.prompt, chat=settings.chat, thinking=settings.thinking)
    ask = gate.ask if gauge is None else _reading(gate, gauge, mailbox)
    return pump(denoise(model, ids, ask), mailbox)


def _reading(gate: Gate, gauge: Gauge, mailbox: Mailbox) -> Callable[[int, int], Settings | None]:
    """`gate.ask` that sends a new reading of the gauge on ahead of the step's frame, the way of the frames."""
    told: Reading | None = None

    def ask(canvas: int, step: int) -> Settings | None:
        nonlocal told
        settings, newest = gate.ask(canvas, step), gauge.newest
        if settings is not None and newest is not None and newest is not told:
            told = newest
            mailbox.put(newest)
        return settings

    return ask


def _run_lane(lane: Lane, gate: Gate, mailbox: Mailbox) -> int:
    """The engine thread's part of a lane: how many frames it handed over, after a warm-up that nobody counts."""
    warm(lane, gate.ask)
    return pump(lane.run(gate.ask), mailbox)


def explain(error: Exception) -> str:
    """An error as one sentence for people. What nobody expected is also logged, whole."""
    if isinstance(error, LoadError | RecordingError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's own
        return "Out of memory in this step: use a smaller model, or close other programs, then run again."
    log.error("unexpected error", exc_info=error)
    words = " ".join(str(error).split())[:160] or type(error).__name__
    return f"Something unexpected failed ({words}); your prompt and settings are kept, so you can try again."


def ending(recording: Recording) -> str:
    """How a run ended, in words."""
    frames = recording.frames
    if recording.outcome == "stopped":
        return f"Stopped by you after {len(frames)} steps." if frames else "Stopped before the first step."
    if recording.outcome != "finished":
        return recording.outcome
    if not frames:
        return "Nothing was written."
    reason = STOPS.get(frames[-1].stop, "finished")
    canvases = frames[-1].canvas + 1
    over = f"{canvases} canvases, " if canvases > 1 else ""
    if not frames[-1].told:
        return f"{reason.capitalize()}: {over}sent whole, without drafts, {recording.text_tokens()} tokens."
    return f"{reason.capitalize()}: {over}{len(frames)} steps, {recording.text_tokens()} tokens."
