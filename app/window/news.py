"""News: what the session does and has, told where people look for it: how a run goes and ends, how far long work
is, which model writes, how long the prompt is, what the graphics card says. Starts nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.run.session import Session
from app.run.stage import Stage
from app.run.work import Progress
from app.tasks import Tasks
from app.window.pictures import Pictures
from app.window.talking import Talking
from app.words import ending, kind, running
from engine.remote.served import Served
from engine.remote.server import NOTE, obeyed
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.wait import Wait

# What an empty canvas says while a model is being loaded, and while there is none.
IDLE = {True: "Starting\u2026", False: "No model is loaded: choose one at the top left."}
COUNT_MS = 200  # from the last key to the counting of the prompt
GAUGE_MS = 250  # between two looks at the graphics card's gauge


class News(QObject):
    """From the session to the header, the prompt box, the canvas, the status line and the window's title."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        stage: Stage,
        header: Header,
        prompt: Prompt,
        panel: Knobs,
        status: Status,
        tasks: Tasks,
        pictures: Pictures,
        talking: Talking,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._canvas, self._header = window, session, stage.canvas, header
        self._prompt, self._panel, self._status, self._tasks = prompt, panel, status, tasks
        self._pictures, self._talking = pictures, talking
        self._waiting = Wait(stage.canvas)
        self._gauge = QTimer(self, interval=GAUGE_MS, singleShot=True)
        self._count = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._wire()

    def _wire(self) -> None:
        session = self._session
        connections = [
            (session.changed, self.show_state),
            (session.changed, self._count.start),
            (session.progressed, self._show_progress),
            (session.said, self._status.say),
            (self._prompt.edited, self._count.start),
            (self._panel.changed, self._count.start),
            (self._pictures.changed, self._count.start),
            (self._talking.changed, self._count.start),
            (self._talking.manner.edited, self._count.start),
            (self._count.timeout, lambda: self._tasks.start(self._count_prompt())),
            (self._gauge.timeout, self._show_card),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def began(self) -> None:
        """A run has begun, or another recording is on screen."""
        session = self._session
        if session.live is not None:
            self._status.say(running(session.recording.settings, session.model), "info")
            if isinstance(session.model, Served):
                self._status.say(f"Waiting: {NOTE}. {obeyed(session.recording.prompt)}".rstrip(), "info")

    def held(self, held: bool) -> None:
        """People hold what runs, or let it go on."""
        if self._session.live is not None:
            self._status.say("Paused: one step further, or play on." if held else "Running.", "info")

    def ended(self) -> None:
        """A run is over. One that makes way for the next is not spoken of: that one has the word."""
        if self._session.replaced:
            return
        recording = self._session.recording
        self._status.say(ending(recording), kind(recording))
        if not recording.frames:
            self._canvas.set_message(recording.said.shown if recording.said else ending(recording))

    def stop(self) -> None:
        """Nobody looks any more."""
        self._gauge.stop()
        self._count.stop()

    def show_state(self) -> None:
        """What can be done now, with which model."""
        session = self._session
        self._prompt.set_running(session.running)
        name = session.model.name if session.model else "loading\u2026" if session.loading else "no model"
        self._header.set_model(name if session.model or session.loading else "choose a model")
        self._show_card()
        self._show_badge(name)
        if session.recording is None and (session.model is None or session.loading):
            self._canvas.set_message(IDLE[session.loading])
        elif session.recording is None:
            self._canvas.set_message("Ready: say what to write, and press Enter.")

    def _show_badge(self, name: str) -> None:
        """Of what is on screen: which model wrote it, and where; or that of the model that will write."""
        recording, model = self._session.recording, self._session.model
        if recording is None or recording.said:
            self._status.set_model(name, str(model.device) if model else "")
        else:
            ours = model is not None and model.name == recording.model
            self._status.set_model(recording.model if ours else f"written by {recording.model}", recording.device)

    async def _count_prompt(self) -> None:
        """Show how long the prompt is, if it is still the same when that is known."""
        asked = self._asked()
        count = await self._session.reader.count(*asked[:2])
        if asked == self._asked():
            self._prompt.set_count(*(count or (None,)))

    def _asked(self) -> tuple:
        return self._talking.question(self._prompt.text()), self._panel.settings(), self._session.model

    def _show_card(self) -> None:
        """What the graphics card says now, again and again as long as there is one."""
        gauge = self._session.gauge
        self._status.set_card(gauge.newest if gauge else None)
        if gauge is not None:
            self._gauge.start()

    def _show_progress(self, progress: Progress | None) -> None:
        label, fraction = progress or ("", None)
        self._status.set_progress(label.partition(": ")[0], fraction)  # the amounts are where there is room
        self._waiting.set_alone(self._session.recording is None)
        self._waiting.show_progress(label, fraction)
        self._window.setWindowTitle("Unnoise" if fraction is None else f"{fraction:.0%} \u2013 Unnoise")
        if progress is not None and self._session.recording is None:
            self._canvas.set_message(progress.label + "\u2026")
