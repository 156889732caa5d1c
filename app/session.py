"""Session: the one mutable object. The model, the recording on screen, and what is going on.

asyncio carries the verbs (`load`, `run`, `close`), Qt carries the frames. Everything that touches the model
runs on one engine thread; torch is imported there, after the window shows. Knows no widget.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.checkpoint import LoadError
from engine.frame import STOPS
from engine.handoff import Gate, Mailbox, pump
from engine.recording import Recording, RecordingError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.gemma import Gemma

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
    changed = Signal()  # the model, or whether something is going on
    progressed = Signal(object)  # Progress, or None when the work is over
    said = Signal(str, str)  # a sentence, and "info" or "error"
    _woken = Signal()  # the only signal that crosses threads

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Gemma | None = None
        self.source: str | None = None  # what the model was loaded from
        self.devices: list[str] = []  # that a model can run on, known once torch is there
        self.recording: Recording | None = None
        self.gate: Gate | None = None  # of the run that goes on
        self.loading = False
        self.sentence = ""  # the last one said
        self.produced = 0  # frames that the engine handed over in the last run
        self._engine = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._turn = asyncio.Lock()
        self._mailbox: Mailbox | None = None
        self._cancelled = Event()
        self._closed = False
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        return self.gate is not None

    async def load(self, source: str | None, device: str) -> bool:
        """Loads the embedded model (None), a folder or a hub id. Whether it did: if not, the old one stays."""
        self.stop()
        async with self._turn:
            if self._closed:
                return False
            self.loading = True
            self._cancelled.clear()
            self._mailbox = Mailbox(self._woken.emit)
            self.changed.emit()
            try:
                self.model, self.devices = await self._on_engine(self._load, source, device, self._mailbox)
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
            model, mailbox = self.model, Mailbox(self._woken.emit)
            self._mailbox = mailbox
            recording = self.recording = Recording(prompt, settings, model.name, str(model.device), model.lexicon)
            self.began.emit()
            self.changed.emit()
            try:
                self.produced = await self._on_engine(_run, model, recording, gate, mailbox)
                outcome = "stopped" if gate.stopped else "finished"
            except Exception as error:
                outcome = self._explain(error)
            self._drain()
            recording.outcome = outcome
            self.ended.emit()
            self._release(gate)

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

    def _release(self, gate: Gate) -> None:
        """That run is over: nothing goes on, unless the next one already waits."""
        if self.gate is gate:
            self.gate = None
        self.changed.emit()

    async def _on_engine(self, work, *arguments):
        return await asyncio.get_running_loop().run_in_executor(self._engine, work, *arguments)

    def _load(self, source: str | None, device: str, mailbox: Mailbox) -> tuple[Gemma, list[str]]:
        mailbox.put(Progress("Starting torch", None))
        from engine import gemma  # imported here, so that the window shows before torch does

        report = lambda label, fraction=None: mailbox.put(Progress(label, fraction))  # noqa: E731
        model = gemma.load(source, device, progress=report, cancelled=self._cancelled.is_set)
        return model, gemma.devices()

    @Slot()
    def _drain(self) -> None:
        """Moves what has arrived from the mailbox to where it belongs."""
        items = self._mailbox.take() if self._mailbox is not None else []
        for item in items:
            if isinstance(item, Progress):
                self.progressed.emit(item)
            elif self.recording is not None:
                self.recording.append(item)
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


def _run(model: Gemma, recording: Recording, gate: Gate, mailbox: Mailbox) -> int:
    """The engine thread's part of a run: how many frames it handed over."""
    from engine.denoise import denoise

    settings = recording.settings
    ids = model.encode(recording.prompt, chat=settings.chat, thinking=settings.thinking)
    return pump(denoise(model, ids, gate.ask), mailbox)


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
    return f"{reason.capitalize()}: {over}{len(frames)} steps, {recording.text_tokens()} tokens."
