"""The window: places the widgets and wires them. `wire` is one list of connects; nothing is computed here."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QMainWindow,
    QMessageBox,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import look
from app.actions import ACTIONS
from app.files import Files
from app.picker import Models
from app.player import Player
from app.prefs import Prefs
from app.race import Race
from app.session import Progress, Session, ending
from app.stage import Stage
from app.tasks import Tasks
from engine import track
from engine.__main__ import EXAMPLE
from engine.checkpoint import usual
from engine.recording import Recording
from engine.remote import KNOBS, NOTE
from engine.served import Served
from engine.settings import Settings, knobs
from engine.source import EMBEDDED
from widgets.canvas import VIEWS
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status

EXAMPLES = [  # what the embedded model is good at
    ("a story", EXAMPLE),
    ("a bedtime story", "Tell me a story about a knight who is afraid of the dark"),
    ("a poem", "Write a poem about the moon"),
    ("a letter", "Write a letter to a friend about the sea"),
    ("a character", "Describe a brave owl named Basil"),
    ("how to", "How do I make pancakes?"),
]
# What an empty canvas says while a model is being loaded, and while there is none.
IDLE = {True: "Starting\u2026", False: "No model is loaded: choose one at the top left."}
ROOMY = 720  # pixels: a window lower than this shows no token panel
SIDE = 312  # pixels: the width of the right column
LOW = 196  # ... and the least height of the row of charts
RERUN_MS = 250
GAUGE_MS = 250  # between two looks at the graphics card's gauge


class Window(QMainWindow):
    """Everything on screen. Wishes of the widgets go to the session and the player, values come back."""

    closing = Signal()

    def __init__(self, session: Session, prefs: Prefs) -> None:
        super().__init__()
        self.session, self.prefs, self.tasks = session, prefs, Tasks()
        self.files, self.models = Files(self), Models(self)
        self._rerun_timer = QTimer(self, interval=RERUN_MS, singleShot=True)
        self._gauge_timer = QTimer(self, interval=GAUGE_MS, singleShot=True)
        self._make()
        self._place()
        self._menus()
        self.wire()
        self._restore()

    # What is on screen

    def _make(self) -> None:
        self.header, self.prompt, self.knobs, self.status = Header(), Prompt(), Knobs(), Status()
        self.stage = Stage(self.status, self)
        self.race, self.racing = Race(self), False
        self.canvas = self.stage.canvas
        self.prompt.set_examples(EXAMPLES)

    def _place(self) -> None:
        charts, token = self.stage.charts, self.stage.token
        for panel in (self.knobs, token):
            panel.setFixedWidth(SIDE)
        for panel in (charts, token):  # they share a row that follows the height of the window
            panel.setMinimumHeight(LOW)
            panel.setSizePolicy(panel.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Ignored)
        body = QWidget()
        grid = self._grid = QGridLayout(body)
        grid.setContentsMargins(12, 10, 12, 8)
        grid.setSpacing(8)
        grid.addWidget(self.header, 0, 0, 1, 2)
        grid.addWidget(self.prompt, 1, 0)
        self._single = _column(self.canvas, self.stage.transport)
        grid.addWidget(self._single, 2, 0)
        grid.addWidget(charts, 3, 0)
        grid.addWidget(token, 3, 1)
        grid.addWidget(self.status, 4, 0, 1, 2)
        self.status.setFixedHeight(32)  # whatever it shows
        grid.setRowStretch(2, 3)
        grid.setRowStretch(3, 1)
        grid.setColumnStretch(0, 1)
        self.setCentralWidget(body)
        self.setWindowTitle("Unnoise")
        self.setMinimumSize(1000, 640)
        self.resize(1280, 800)

    def _menus(self) -> None:
        menus = {name: self.header.menu(name) for name in dict.fromkeys(action.menu for action in ACTIONS)}
        for action in ACTIONS:
            item = QAction(action.label, self)
            item.setShortcut(QKeySequence(action.key))
            item.triggered.connect(lambda *_, path=action.does: attrgetter(path)(self)())  # looked up when wished
            menus[action.menu].addAction(item)
            self.addAction(item)

    def wire(self) -> None:
        """Who tells whom."""
        session = self.session
        connections = [
            (self.prompt.run_wished, self.run_prompt),
            (self.prompt.stop_wished, session.stop),
            (self.knobs.changed, self._knobs_moved),
            (self.knobs.rerun_toggled, self._set_rerun),
            (self.stage.transport.speed_chosen, self._set_speed),
            (self.header.views.chosen, self.set_view),
            (self.header.model_wished, self.models.open),
            (self.status.cancel_wished, session.cancel),
            (session.began, self._began),
            (session.grew, self.stage.player.grew),
            (session.ended, self._ended),
            (session.lined_up, self._lined_up),
            (session.raced, self._raced),
            (self.race.view.leave_wished, self.leave_race),
            (session.changed, self._show_state),
            (session.progressed, self._show_progress),
            (session.said, self.status.say),
            (self._rerun_timer.timeout, self.run),
            (self._gauge_timer.timeout, self._show_card),
            (QGuiApplication.styleHints().colorSchemeChanged, self._apply_theme),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    @property
    def player(self) -> Player:
        """The playhead of what is on screen."""
        return self.race.player if self.racing else self.stage.player

    # Wishes

    def run(self) -> None:
        """Run what the prompt box says."""
        self.run_prompt(self.prompt.text())

    def run_race(self) -> None:
        """A race on what the prompt box says. From then on Run makes another one, until the race is left."""
        self.run_prompt(self.prompt.text(), racing=True)

    def run_prompt(self, text: str, racing: bool = False) -> None:
        self._rerun_timer.stop()
        if not text.strip():
            self.status.say("Type what to write, or click an example.", "info")
            self.prompt.focus()
            return
        self.prefs.prompt = text
        if self.session.model is None and not self.session.loading:
            self.tasks.start(self.load_and_run(None, text.strip(), racing))
        else:
            self.tasks.start(self._write(text.strip(), racing))

    def leave_race(self) -> None:
        """Back to the one canvas, as it was. A race that goes on is stopped."""
        if self.racing:
            self.session.stop()
            self.race.player.pause()
            self.racing = False
            self.stage.end()
            self._show_panels()

    def stop(self) -> None:
        """Stop what runs; where nothing does, leave the race."""
        self.session.stop() if self.session.running else self.leave_race()

    def load(self, source: str | None) -> None:
        self.tasks.start(self.load_and_run(source, None))

    async def load_as(self, source: str | None, precision: str) -> None:
        """Load a model in a precision, which becomes the knob's if that works."""
        before = self.knobs.settings().precision
        self._set_precision(precision)
        if not await self.load_and_run(source, None):
            self._set_precision(before)

    def _set_precision(self, precision: str) -> None:
        settings = replace(self.knobs.settings(), precision=precision)
        self._loaded = settings.device, precision  # the knob shall load nothing
        self.knobs.set_settings(settings)

    async def load_and_run(self, source: str | None, prompt: str | None, racing: bool = False) -> bool:
        """Load a model, then run a prompt with it, if one is given, or race on it. Whether it was loaded."""
        session = self.session
        settings = self.knobs.settings()
        if not await session.load(source, settings.device, settings.precision):
            return False
        self.knobs.set_usual(session.model.usual)
        self.knobs.set_devices(session.devices)
        for name in knobs().keys() - KNOBS:
            self.knobs.set_enabled(name, not isinstance(session.model, Served))
        self.knobs.set_enabled("thinking", session.model.thinks)
        if prompt:
            await self._write(prompt, racing)
        return True

    async def _write(self, prompt: str, racing: bool) -> None:
        run = self.session.race if racing or self.racing else self.session.run
        await run(prompt, self.knobs.settings())

    def show_recording(self, recording: Recording) -> None:
        """Replay a recording from its start. Its prompt and knobs come with it, so that Run makes it again."""
        self.leave_race()
        self.session.show(recording)
        self.prompt.set_text(recording.prompt)
        self.knobs.set_settings(recording.settings)
        self.player.seek(0)
        self.player.play()

    def copy_text(self) -> None:
        if self.racing:
            QGuiApplication.clipboard().setText(track.plain(self.session.lanes))
            self.status.say("Both texts were copied, with what was measured of them.", "info")
        elif self.session.recording is not None:
            QGuiApplication.clipboard().setText(self.session.recording.text())
            self.status.say("The text was copied.", "info")

    def toggle_view(self) -> None:
        self.set_view("grid" if self.prefs.view == "prose" else "prose")

    def set_view(self, view: str) -> None:
        self.prefs.view = view if view in VIEWS else VIEWS[0]
        self.canvas.set_view(self.prefs.view)
        self.race.view.set_view(self.prefs.view)
        self.header.views.set_view(self.prefs.view)

    def toggle_theme(self) -> None:
        self.prefs.theme = "light" if look.chosen(self.prefs.theme).name == "dark" else "dark"
        self._apply_theme()

    def toggle_panels(self) -> None:
        self.prefs.panels = not self.prefs.panels
        self._show_panels()

    def toggle_presenter(self) -> None:
        """Full screen with the canvas alone, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self._show_panels()

    def show_help(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle("Keys")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_help())
        box.addButton(QMessageBox.StandardButton.Close).setIcon(QIcon())
        box.open()

    # Values

    def _began(self) -> None:
        self.stage.begin(self.session.recording, self.session.gate)
        if self.session.running:
            self.status.say("Running.", "info")
            if isinstance(self.session.model, Served):
                self.status.say(f"Waiting: {NOTE}.", "info")

    def _ended(self) -> None:
        self.stage.end()
        recording = self.session.recording
        kind = "info" if recording.outcome in ("finished", "stopped") else "error"
        self.status.say(ending(recording), kind)
        if not recording.frames:
            self.canvas.set_message(ending(recording))

    def _lined_up(self) -> None:
        self.racing = True
        self._show_panels()
        self.race.begin(self.session.lanes, self.session.model.length)
        self.status.set_speeds(None, None, None)
        self.status.say("Racing.", "info")

    def _raced(self) -> None:
        self.race.end()
        outcomes = {lane.recording.outcome for lane in self.session.lanes}
        if outcomes == {"finished"}:
            self.status.say("The race is over: both lanes are replayed by their own clocks.", "info")
        elif outcomes <= {"finished", "stopped"}:
            self.status.say("The race was stopped by you.", "info")

    def _show_state(self) -> None:
        """What can be done now, with which model."""
        session = self.session
        self.prompt.set_running(session.running)
        name = session.model.name if session.model else "loading\u2026" if session.loading else "no model"
        self.header.set_model(name)
        self._show_card()
        shown = session.recording or session.model
        if shown is None:
            self.canvas.set_message(IDLE[session.loading])
        else:
            if session.recording is None and not session.loading:
                self.canvas.set_message("Ready: say what to write, and press Enter.")
            self.status.set_model(shown.model if session.recording else shown.name, str(shown.device))

    def _show_card(self) -> None:
        """What the graphics card says now, again and again as long as there is one."""
        gauge = self.session.gauge
        self.status.set_card(gauge.newest if gauge else None)
        if gauge is not None:
            self._gauge_timer.start()

    def _show_progress(self, progress: Progress | None) -> None:
        self.status.set_progress(*(progress or ("", None)))
        if progress is not None and self.session.recording is None:
            self.canvas.set_message(progress.label + "\u2026")

    def _knobs_moved(self, settings: Settings) -> None:
        session, loaded = self.session, self._loaded
        session.edit(settings)
        self.stage.set_candidates(settings.top_k)
        self.race.set_candidates(settings.top_k)
        self._loaded = settings.device, settings.precision
        if self._loaded != loaded and session.model is not None:
            self.load(session.source)
        elif self.prefs.rerun and session.model is not None:
            self._rerun_timer.start()

    def _set_rerun(self, on: bool) -> None:
        self.prefs.rerun = on

    def _set_speed(self, speed: float) -> None:
        self.prefs.speed = speed
        self.stage.player.set_speed(speed)

    def _apply_theme(self, *_: object) -> None:
        theme = look.chosen(self.prefs.theme)
        look.apply(QApplication.instance(), theme)
        self.header.set_theme(theme)
        self.stage.set_theme(theme)
        self.race.view.set_theme(theme)

    def _show_panels(self) -> None:
        """The panels that are wanted. A low window has no room for the token's: the knobs get it."""
        shown = self.prefs.panels and not self.isFullScreen() and not self.racing
        roomy = self.height() >= ROOMY
        self._grid.addWidget(self.knobs, 1, 1, 2 if roomy else 3, 1)
        for widget in (self.knobs, self.stage.charts):
            widget.setVisible(shown)
        self.stage.token.setVisible(shown and roomy)
        self.prompt.setVisible(not self.isFullScreen())
        self._grid.addWidget(self.prompt, 1, 0, 1, 2 if self.racing else 1)
        self._single.setVisible(not self.racing)
        if self.racing:  # a hidden widget that shares cells of a grid costs the others their spacing
            self._grid.addWidget(self.race.view, 2, 0, 2, 2)
        else:
            self._grid.removeWidget(self.race.view)
        self.race.view.setVisible(self.racing)

    # Beginning and end

    def _restore(self) -> None:
        prefs = self.prefs
        self.knobs.set_usual(usual(EMBEDDED))
        self.knobs.set_settings(self.knobs.usual().updated(prefs.settings))
        settings = self.knobs.settings()
        self._loaded = settings.device, settings.precision
        self.stage.set_candidates(settings.top_k)
        self.race.set_candidates(settings.top_k)
        self.knobs.set_rerun(prefs.rerun)
        self.prompt.set_text(prefs.prompt or EXAMPLE)
        self.stage.transport.set_speed(prefs.speed)
        self.stage.player.set_speed(prefs.speed)
        self.set_view(prefs.view)
        self.restoreGeometry(QByteArray(prefs.geometry_bytes()))
        self._apply_theme()
        self._show_panels()
        self._show_state()
        self.prompt.setFocus()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._show_panels()

    async def finish(self) -> None:
        """End the engine thread and wait for what is under way, once the window is closed."""
        self.models.close()
        await self.session.close()
        await self.tasks.drain()

    def closeEvent(self, event) -> None:
        self._rerun_timer.stop()
        self._gauge_timer.stop()
        self.prefs.set_geometry(bytes(self.saveGeometry().data()))
        self.prefs.settings = self.knobs.settings().moved(self.knobs.usual())
        self.prefs.save()
        self.closing.emit()
        event.accept()


def _column(*widgets: QWidget) -> QWidget:
    """Widgets below each other; the first one takes what room there is."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget, widget is widgets[0])
    return box


def _help() -> str:
    style = "padding: 3px 32px 3px 0"
    rows = "".join(
        f"<tr><td style='{style}'><b>{a.key}</b></td><td style='{style}'>{a.label}</td></tr>" for a in ACTIONS
    )
    return f"<table>{rows}</table><p>Point at a knob to read what it does.</p>"
