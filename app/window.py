"""The window: places the widgets and wires them. `wire` is one list of connects; nothing is computed here."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
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
from app.player import Player
from app.prefs import Prefs
from app.session import Progress, Session, ending
from app.tasks import Tasks
from engine.metrics import Meter, speeds
from engine.recording import Recording
from engine.settings import Settings, knobs
from widgets.canvas import Canvas
from widgets.charts import Charts
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.token import Token
from widgets.transport import Transport

EXAMPLES = [
    ("a story", "Write a story about a fox who finds a lantern"),
    ("a poem", "Write a poem about the moon"),
    ("a letter", "Write a letter to a friend about the sea"),
    ("count", "Count from 1 to 30"),
    ("a JSON card", "Make a JSON card for a brave fox"),
    ("how to", "How do I make pancakes?"),
    ("explain", "What is rain?"),
]
HUB = "google/diffusiongemma-26B-A4B-it"
# What an empty canvas says while a model is being loaded, and while there is none.
IDLE = {True: "Starting\u2026", False: "No model is loaded: choose one in the menu at the top left."}
SIDE = 312  # pixels: the width of the right column
LOW = 184  # ... and the least height of the row of charts
CHART_MS = 100
RERUN_MS = 250


class Window(QMainWindow):
    """Everything on screen. Wishes of the widgets go to the session and the player, values come back."""

    closing = Signal()

    def __init__(self, session: Session, prefs: Prefs) -> None:
        super().__init__()
        self.session, self.prefs, self.tasks = session, prefs, Tasks()
        self.player = Player(self)
        self.files = Files(self)
        self.meter: Meter | None = None
        self._charted = -1
        self._chart_timer = QTimer(self, interval=CHART_MS)
        self._rerun_timer = QTimer(self, interval=RERUN_MS, singleShot=True)
        self._make()
        self._place()
        self._menus()
        self.wire()
        self._restore()

    # What is on screen

    def _make(self) -> None:
        self.header, self.prompt, self.canvas = Header(), Prompt(), Canvas()
        self.transport, self.charts = Transport(), Charts()
        self.knobs, self.token, self.status = Knobs(), Token(), Status()
        self.prompt.set_examples(EXAMPLES)

    def _place(self) -> None:
        for panel in (self.knobs, self.token):
            panel.setFixedWidth(SIDE)
        for panel in (self.charts, self.token):  # they share a row that follows the height of the window
            panel.setMinimumHeight(LOW)
            panel.setSizePolicy(panel.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Ignored)
        stage = _card(self.canvas, self.transport)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(12, 10, 12, 8)
        grid.setSpacing(8)
        grid.addWidget(self.header, 0, 0, 1, 2)
        grid.addWidget(self.prompt, 1, 0)
        grid.addWidget(stage, 2, 0)
        grid.addWidget(self.knobs, 1, 1, 2, 1)
        grid.addWidget(self.charts, 3, 0)
        grid.addWidget(self.token, 3, 1)
        grid.addWidget(self.status, 4, 0, 1, 2)
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
            item.triggered.connect(getattr(self, action.name, None) or getattr(self.files, action.name))
            menus[action.menu].addAction(item)
            self.addAction(item)
        model = self.header.model_menu()
        model.addAction("Embedded seedling", lambda: self.load(None))
        model.addAction(f"DiffusionGemma 26B ({HUB})", lambda: self.load(HUB))
        model.addAction("A folder\u2026", self.files.open_model)

    def wire(self) -> None:
        """Who tells whom."""
        session, player = self.session, self.player
        connections = [
            (self.prompt.run_wished, self.run_prompt),
            (self.prompt.stop_wished, self.stop),
            (self.knobs.changed, self._knobs_moved),
            (self.knobs.rerun_toggled, self._set_rerun),
            (self.transport.played, player.play),
            (self.transport.paused, player.pause),
            (self.transport.stepped, player.step),
            (self.transport.sought, player.seek),
            (self.transport.speed_chosen, self._set_speed),
            (self.transport.live_chosen, player.go_live),
            (self.charts.sought, player.seek),
            (self.header.views.chosen, self.set_view),
            (self.canvas.hovered, self._show_token),
            (self.status.cancel_wished, session.cancel),
            (session.began, self._began),
            (session.grew, player.grew),
            (session.ended, self._ended),
            (session.changed, self._show_state),
            (session.progressed, self._show_progress),
            (session.said, self.status.say),
            (player.moved, self._show_frame),
            (player.changed, self._show_playhead),
            (self._chart_timer.timeout, self._show_charts),
            (self._rerun_timer.timeout, self.run),
            (QGuiApplication.styleHints().colorSchemeChanged, self._apply_theme),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    # Wishes

    def run(self) -> None:
        """Run what the prompt box says."""
        self.run_prompt(self.prompt.text())

    def run_prompt(self, text: str) -> None:
        self._rerun_timer.stop()
        if not text.strip():
            self.status.say("Type what to write, or click an example.", "info")
            self.prompt.focus()
            return
        self.prefs.prompt = text
        if self.session.model is None and not self.session.loading:
            self.tasks.start(self.load_and_run(None, text.strip()))
        else:
            self.tasks.start(self.session.run(text.strip(), self.knobs.settings()))

    def stop(self) -> None:
        self.session.stop()

    def load(self, source: str | None) -> None:
        self.tasks.start(self.load_and_run(source, None))

    async def load_and_run(self, source: str | None, prompt: str | None) -> None:
        """Load a model, then run a prompt with it, if one is given."""
        if await self.session.load(source, self.knobs.settings().device) and prompt:
            await self.session.run(prompt, self.knobs.settings())

    def show_recording(self, recording: Recording) -> None:
        """Replay a recording from its start."""
        self.session.show(recording)
        self.prompt.set_text(recording.prompt)
        self.player.seek(0)
        self.player.play()

    def copy_text(self) -> None:
        if self.session.recording is not None:
            QGuiApplication.clipboard().setText(self.session.recording.text())
            self.status.say("The text was copied.", "info")

    def toggle_play(self) -> None:
        self.player.toggle()

    def step_back(self) -> None:
        self.player.step(-1)

    def step_forward(self) -> None:
        self.player.step(1)

    def go_first(self) -> None:
        self.player.seek(0)

    def go_live(self) -> None:
        self.player.go_live()

    def focus_prompt(self) -> None:
        self.prompt.focus()

    def reset_knobs(self) -> None:
        self.knobs.set_settings(Settings())
        self._knobs_moved(Settings())

    def toggle_view(self) -> None:
        self.set_view("grid" if self.prefs.view == "prose" else "prose")

    def set_view(self, view: str) -> None:
        self.prefs.view = view if view in ("prose", "grid") else "prose"
        self.canvas.set_view(self.prefs.view)
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
        box.setWindowTitle("Unnoise: keys")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_help())
        box.open()

    def quit(self) -> None:
        self.close()

    # Values

    def _began(self) -> None:
        recording = self.session.recording
        self.meter, self._charted = Meter(recording), -1
        self.canvas.set_lexicon(recording.lexicon)
        self.charts.clear()
        self.player.begin(recording, self.session.gate)
        self._chart_timer.start()
        if self.session.running:
            self.canvas.set_message("Reading the prompt\u2026")
            self.canvas.show_frame(None, None, [])
            self.status.say("Running.", "info")

    def _ended(self) -> None:
        self._chart_timer.stop()
        self.player.finish()
        self._show_charts()
        recording = self.session.recording
        kind = "info" if recording.outcome in ("finished", "stopped") else "error"
        self.status.say(ending(recording), kind)
        if not recording.frames:
            self.canvas.set_message(ending(recording))

    def _show_frame(self, index: int) -> None:
        recording = self.session.recording
        frame = recording.frames[index]
        self.canvas.show_frame(frame, recording.previous(index), recording.finished(index))
        self.charts.set_playhead(index)
        self._show_playhead()

    def _show_playhead(self) -> None:
        player = self.player
        self.transport.set_state(max(player.index, 0), player.last + 1, player.playing, player.live)

    def _show_charts(self) -> None:
        recording = self.session.recording
        if recording is None or self._charted == len(recording.frames):
            return
        self._charted = len(recording.frames)
        self.charts.show_series(self.meter.series())
        self.charts.set_playhead(max(self.player.index, 0))
        self.transport.set_boundaries(recording.boundaries())
        speed = speeds(recording)
        self.status.set_speeds(*(speed.text, speed.canvas, speed.in_step) if speed else (None, None, None))

    def _show_token(self, cell: int | None) -> None:
        self.token.show_details(None if cell is None else self.canvas.details(cell))

    def _show_state(self) -> None:
        """What can be done now, with which model."""
        session = self.session
        self.prompt.set_running(session.running)
        name = session.model.name if session.model else "loading\u2026" if session.loading else "no model"
        self.header.set_model(name)
        shown = session.recording or session.model
        if shown is None:
            self.canvas.set_message(IDLE[session.loading])
        else:
            self.status.set_model(shown.model if session.recording else shown.name, str(shown.device))

    def _show_progress(self, progress: Progress | None) -> None:
        self.status.set_progress(*(progress or ("", None)))
        if progress is not None and self.session.recording is None:
            self.canvas.set_message(progress.label + "\u2026")

    def _knobs_moved(self, settings: Settings) -> None:
        self.session.edit(settings)
        self.prefs.settings = settings.to_dict()
        if self.prefs.rerun and self.session.model is not None:
            self._rerun_timer.start()

    def _set_rerun(self, on: bool) -> None:
        self.prefs.rerun = on

    def _set_speed(self, speed: float) -> None:
        self.prefs.speed = speed
        self.player.set_speed(speed)

    def _apply_theme(self, *_: object) -> None:
        theme = look.chosen(self.prefs.theme)
        look.apply(QApplication.instance(), theme)
        for widget in (self.header, self.canvas, self.charts, self.token):
            widget.set_theme(theme)

    def _show_panels(self) -> None:
        shown = self.prefs.panels and not self.isFullScreen()
        for widget in (self.knobs, self.charts, self.token):
            widget.setVisible(shown)
        self.prompt.setVisible(not self.isFullScreen())

    # Beginning and end

    def _restore(self) -> None:
        prefs = self.prefs
        self.knobs.set_settings(Settings.from_dict(prefs.settings))
        self.knobs.set_rerun(prefs.rerun)
        self.prompt.set_text(prefs.prompt or EXAMPLES[0][1])
        self.transport.set_speed(prefs.speed)
        self.player.set_speed(prefs.speed)
        self.set_view(prefs.view)
        self.restoreGeometry(QByteArray(prefs.geometry_bytes()))
        self._apply_theme()
        self._show_panels()
        self._show_state()
        self.prompt.setFocus()

    def closeEvent(self, event) -> None:
        self._rerun_timer.stop()
        self.prefs.set_geometry(bytes(self.saveGeometry().data()))
        self.prefs.settings = self.knobs.settings().to_dict()
        self.prefs.save()
        self.closing.emit()
        event.accept()


def _card(canvas: QWidget, transport: QWidget) -> QFrame:
    """The stage: the canvas with the bar that moves it."""
    card = QFrame()
    card.setProperty("role", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(1, 1, 1, 8)
    column.setSpacing(6)
    column.addWidget(canvas, 1)
    column.addWidget(_padded(transport))
    return card


def _padded(widget: QWidget) -> QWidget:
    box = QWidget()
    line = QVBoxLayout(box)
    line.setContentsMargins(10, 0, 10, 0)
    line.addWidget(widget)
    return box


def _help() -> str:
    rows = "".join(f"<tr><td style='padding-right:24px'>{a.key}</td><td>{a.label}</td></tr>" for a in ACTIONS)
    return f"<h3>Keys</h3><table>{rows}</table><p>{len(knobs())} knobs: point at one to read what it does.</p>"
