"""The window: makes the widgets and wires them. `wire` is one list of connects; nothing is computed here.

Where they are is in body.py; a recording on screen is the stage's, a race the race's, loading the models'.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app import look
from app.keep.files import Files
from app.keep.prefs import Prefs
from app.run.family import Family
from app.run.player import Player
from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.run.work import Progress
from app.tasks import Tasks
from app.window import actions
from app.window.body import Body
from app.window.branches import Branches
from app.window.drop import Drop
from app.window.filling import Filling
from app.window.hands import Hands
from app.window.help import show_help
from app.window.past import Past
from app.window.picker import Models
from app.window.presenter import Presenter
from app.window.presets import Presets
from app.window.recents import Recents
from app.window.ruling import Ruling
from app.window.tuning import Tuning
from app.words import ending, kind, running
from engine.model.choice.source import EMBEDDED
from engine.model.folder.checkpoint import usual
from engine.remote.served import Served
from engine.remote.server import NOTE, obeyed
from engine.steps.race import told
from engine.values.recording import Recording
from engine.values.settings import Decoding, Settings
from engine.values.words.examples import EXAMPLE, EXAMPLES
from widgets.brush import failures
from widgets.canvas import VIEWS, Canvas
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.strip import Strip
from widgets.wait import Wait

# What an empty canvas says while a model is being loaded, and while there is none.
IDLE = {True: "Starting\u2026", False: "No model is loaded: choose one at the top left."}
NARROW = "There is no room for earlier runs: make the window higher, or leave the presenter or the race."
LEARNT = 3  # runs with a legend below the canvas; later it is a sign to point at
TITLE_BAR = 40  # of a window, about, in pixels
COUNT_MS = 200  # from the last key to the counting of the prompt
GAUGE_MS = 250  # between two looks at the graphics card's gauge


class Window(QMainWindow):
    """Everything on screen. Wishes of the widgets go to the session and the player, values come back."""

    kept = Signal()  # `prefs` hold what is to be remembered
    closing = Signal()

    def __init__(self, session: Session, prefs: Prefs) -> None:
        super().__init__()
        self.session, self.prefs, self.tasks = session, prefs, Tasks()
        self._gauge_timer = QTimer(self, interval=GAUGE_MS, singleShot=True)
        self._count_timer = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._make()
        self.drop = Drop(self, self.files.replay, self.files.take_preset, self.models.look_at)
        menus = actions.fill_menus(self, self.header)
        Recents(menus["File"], self.prefs, self.files.replay)
        self.wire()
        self._restore()
        self.body.chain()

    # What is on screen

    def _make(self) -> None:
        self.header, self.prompt, self.knobs, self.status = Header(), Prompt(), Knobs(), Status()
        self.strip, self.stage = Strip(), Stage(self)
        self.race = Race(self.session, self.status, self)
        self.canvas = self.stage.canvas
        self.waiting = Wait(self.canvas)
        self.files = Files(self, self.session, self.stage, self.race, self.status, self.prefs, self.tasks)
        self.models = Models(self, self.session, self.knobs, self.tasks, self.prefs, self.files.open_model)
        self.presets = Presets(self.knobs, self.prefs, self.files, self.status)
        self.tuning = Tuning(
            self.session,
            self.knobs,
            self.prompt,
            self.stage.player,
            self.prefs,
            self._run_on,
            self.models.follow,
        )
        family = Family()
        self.hands = Hands(self.session, self.stage, family, self.knobs, self.status, self.tasks)
        self.ruling = Ruling(self.session, self.stage, self.knobs, self.tuning)
        self.filling = Filling(self.session, self.stage, self.status)
        self.prompt.add(self.filling.view.toggle, self.filling.view)
        self.branches = Branches(self.session, self.stage, family, self.status)
        parts = self.strip, self.prompt, self.status, self.prefs, self.tasks
        self.past = Past(self, self.session, *parts, self.bring_back, self.files.give)
        self.prompt.set_examples(EXAMPLES)
        self.body = Body(
            self.header,
            self.prompt,
            self.knobs,
            self.stage,
            self.branches,
            (self.stage.charts, self.filling.view.gaps, self.ruling.view),
            self.race.view,
            self.strip,
            self.status,
        )
        self.setCentralWidget(self.body)
        self.presenter = Presenter(
            self, self.session, self.stage, self.run_prompt, lambda: self.player, [text for _, text in EXAMPLES]
        )
        self.past.keeps = lambda: not self.presenter.looping  # what plays by itself at a stand is nobody's
        self.setWindowTitle("Unnoise")
        self.setMinimumSize(900, 560)
        self.resize(1280, 800)

    def wire(self) -> None:
        """Who tells whom."""
        session = self.session
        connections = [
            (self.prompt.run_wished, self.run_prompt),
            (self.filling.view.run_wished, self.run),
            (self.hands.gap_wished, self._make_gap),
            (self.filling.changed, self._show_panels),
            (self.ruling.changed, self._show_panels),
            (self.prompt.stop_wished, self.stop),
            (self.prompt.race_wished, self.run_race),
            (self.knobs.changed, self._knobs_moved),
            (self.knobs.folded, self._set_folds),
            (self.stage.transport.speed_chosen, self._set_speed),
            (self.header.views.chosen, self.set_view),
            (self.header.model_wished, self.models.open),
            (self.files.opened, self.show_recording),
            (self.status.cancel_wished, self._cancel),
            (self.stage.held, self._held),
            (self.stage.transport.branch_wished, self.hands.go_on),
            (session.began, self._began),
            (session.began, self.branches.begin),
            (session.began, self.hands.tell),
            (session.grew, self.stage.player.grew),
            (session.ended, self._ended),
            (session.lined_up, self.race.begin),
            (session.raced, self.race.end),
            (self.race.view.leave_wished, self.race.leave),
            (self.race.switched, self._show_panels),
            (self.strip.filled, self._show_panels),
            (self.presenter.switched, self._show_panels),
            (self.presenter.controls, self.body.show_controls),
            (session.changed, self._show_state),
            (session.progressed, self._show_progress),
            (session.said, self.status.say),
            (self.prompt.edited, self._count_timer.start),
            (self.knobs.changed, self._count_timer.start),
            (session.changed, self._count_timer.start),
            (self._count_timer.timeout, lambda: self.tasks.start(self._count())),
            (self._gauge_timer.timeout, self._show_card),
            (QGuiApplication.styleHints().colorSchemeChanged, self._apply_theme),
            *((canvas.fold_wished, self.toggle_thought) for canvas in self._canvases()),
        ]
        for signal, slot in connections:
            signal.connect(slot)
        failures.told.connect(self._say_unpainted, Qt.ConnectionType.QueuedConnection)  # not in the middle of it

    @property
    def player(self) -> Player:
        """The playhead of what is on screen."""
        return self.race.player if self.race.shown else self.stage.player

    # Wishes

    def run(self) -> None:
        """Run what the prompt box says."""
        self.run_prompt(self.prompt.text())

    def run_again(self) -> None:
        """Run what is on screen once more: its prompt, with the knobs as they are."""
        self.tuning.drop()
        self._run_shown()

    def run_race(self) -> None:
        """A race on what the prompt box says. From then on Run makes another one, until the race is left."""
        self.run_prompt(self.prompt.text(), racing=True)

    def run_prompt(self, text: str, racing: bool = False) -> None:
        self.tuning.drop()
        self._start(text, racing)

    def _run_on(self) -> None:
        """A knob was moved: what is on screen once more."""
        self.past.pass_by()
        self._run_shown()

    def _run_shown(self) -> None:
        shown = self.session.recording
        self._start(shown.prompt if shown and not self.race.shown else self.prompt.text())

    def _start(self, text: str, racing: bool = False) -> None:
        if not text.strip():
            self.status.say("Type what to write, or click an example.", "info")
            self.prompt.focus()
            return
        self.prefs.prompt = self.prompt.text()
        if self.session.model is None and not self.session.loading:
            self.tasks.start(self.load_and_run(None, text, racing))
        else:
            self.tasks.start(self._write(text, racing))

    def stop(self) -> None:
        """Leave the presenter; else stop what runs; where nothing does, leave the race."""
        self.tuning.drop()
        if self.presenter.on:
            self.presenter.toggle()
        elif self.session.running:
            self.session.stop()
        else:
            self.race.leave()

    async def start(self, source: str | None, prompt: str | None, again: bool = False) -> None:
        """Load the model that is asked for, or the one of the last time, and run a prompt, if one is given."""
        loaded = await (self.models.load(source, again) if source else self.models.begin(again))
        if loaded and prompt:
            await self._write(prompt, racing=False)

    async def load_and_run(
        self, source: str | None, prompt: str | None, racing: bool = False, again: bool = False
    ) -> None:
        """Load a model, `again` from the hub, then run a prompt with it, if one is given, or race on it."""
        if await self.models.load(source, again) and prompt:
            await self._write(prompt, racing)

    async def _write(self, prompt: str, racing: bool) -> None:
        settings = self.knobs.settings()
        if racing or self.race.shown:
            await self.session.race(prompt, settings, self.race.view.decoding.decoding())
        elif self.filling.wanted:
            await self.filling.run(prompt, settings)
        else:
            await self.session.run(prompt, settings)

    def show_recording(self, recording: Recording) -> None:
        """Replay a recording from its start. Its prompt and knobs come with it, so that Run makes it again."""
        self._take_up(recording)
        self.player.seek(0)
        self.player.play()

    def bring_back(self, recording: Recording) -> None:
        """Show an earlier run as it ended, with its prompt and knobs."""
        self._take_up(recording)
        self.player.seek(self.player.last)

    def _take_up(self, recording: Recording) -> None:
        """Where and how the model computes stays as it is: that belongs to this computer."""
        self.race.leave()
        self.tuning.drop()
        self.session.show(recording)
        self.prompt.set_text(recording.prompt)
        now = self.knobs.settings()
        self.tuning.take(replace(recording.settings, device=now.device, precision=now.precision))

    def _make_gap(self, text: str) -> None:
        """The answer on screen, with a gap in it, is to be filled again."""
        self.prompt.set_text(self.session.recording.prompt)
        self.filling.take(text)

    def copy_text(self) -> None:
        if self.race.shown:
            QGuiApplication.clipboard().setText(told(self.session.lanes))
            self.status.say("Both texts were copied, with what was measured of them.", "info")
        elif self.session.recording is not None:
            reply = self.session.recording.reply()
            QGuiApplication.clipboard().setText(reply.shown)
            only = reply.thought and not reply.answer and not reply.calls
            self.status.say(
                "There is no answer: the thought was copied." if only else "The text was copied.", "info"
            )

    def toggle_view(self) -> None:
        """The next of the views."""
        self.set_view(VIEWS[(VIEWS.index(self.prefs.view) + 1) % len(VIEWS)])

    def set_view(self, view: str) -> None:
        self.prefs.view = view if view in VIEWS else "auto"
        self.canvas.set_view(self.prefs.view)
        self.branches.other.set_view(self.prefs.view)
        self.race.view.set_view(self.prefs.view)
        self.header.views.set_view(self.prefs.view)

    def toggle_thought(self) -> None:
        """Show what the model thought before its answer, or fold it away."""
        self.prefs.folded = not self.prefs.folded
        self._fold()

    def _fold(self) -> None:
        for canvas in self._canvases():
            canvas.set_folded(self.prefs.folded)

    def _canvases(self) -> list[Canvas]:
        return [self.canvas, self.branches.other, *(lane.canvas for lane in self.race.view.lanes)]

    def toggle_motion(self) -> None:
        """Whether what changes on a canvas is seen to move."""
        self.prefs.motion = not self.prefs.motion
        moves = self._set_motion()
        asked = "Your system asks for less motion: there is none."
        self.status.say("Motion is on." if moves else asked if self.prefs.motion else "Motion is off.", "info")

    def _set_motion(self) -> bool:
        moves = look.moves(self.prefs.motion)
        for canvas in self._canvases():
            canvas.set_motion(moves)
        return moves

    def toggle_theme(self) -> None:
        self.prefs.theme = "light" if look.chosen(self.prefs.theme).name == "dark" else "dark"
        self._apply_theme()

    def toggle_panels(self) -> None:
        self.prefs.panels = not self.prefs.panels
        self._show_panels()

    def toggle_strip(self) -> None:
        """Show or hide the earlier runs."""
        self.prefs.strip = not self.prefs.strip
        self._show_panels()
        if self.prefs.strip and not self.strip.isVisible():
            self._say_no_strip()

    def search_runs(self) -> None:
        """Show the earlier runs, and look for some of them."""
        self.prefs.strip = True
        self._show_panels()
        if self.strip.isVisible():
            self.strip.focus()
        else:
            self._say_no_strip()

    def _say_no_strip(self) -> None:
        self.status.say("There are no earlier runs yet." if self.strip.empty else NARROW, "info")

    def show_help(self) -> None:
        show_help(self, look.chosen(self.prefs.theme))

    # Values

    def _began(self) -> None:
        self.stage.begin(self.session.recording, self.session.gate)
        self.tuning.show()
        if self.session.running:
            self._count_run()
            self.status.say(running(self.session.recording.settings, self.session.model), "info")
            if isinstance(self.session.model, Served):
                self.status.say(f"Waiting: {NOTE}. {obeyed(self.session.recording.prompt)}".rstrip(), "info")

    def _count_run(self) -> None:
        """Whoever has seen a few runs knows what the looks mean, and the canvas gets the room of the legend."""
        self.prefs.runs = min(self.prefs.runs + 1, LEARNT + 1)
        self.canvas.set_legend(self.prefs.runs <= LEARNT)

    def _held(self, held: bool) -> None:
        if self.session.running:
            self.status.say("Paused: one step further, or play on." if held else "Running.", "info")

    def _cancel(self) -> None:
        """Give up the long work whose progress is shown."""
        if not self.files.cancel():
            self.session.cancel()
            self.status.set_progress("Cancelling", None)

    def _ended(self) -> None:
        recording = self.session.recording
        replaced = self.session.running and recording.outcome == "stopped"
        self.stage.end(replaced)
        if replaced:
            return  # the next one is on its way, and has the word
        self.status.say(ending(recording), kind(recording))
        if not recording.frames:
            self.canvas.set_message(ending(recording))

    def _show_state(self) -> None:
        """What can be done now, with which model."""
        session = self.session
        self.prompt.set_running(session.running)
        name = session.model.name if session.model else "loading\u2026" if session.loading else "no model"
        self.header.set_model(name if session.model or session.loading else "choose a model")
        self._show_card()
        self._show_badge(name)
        if session.recording is None and (session.model is None or session.loading):
            self.canvas.set_message(IDLE[session.loading])
        elif session.recording is None:
            self.canvas.set_message("Ready: say what to write, and press Enter.")

    def _show_badge(self, name: str) -> None:
        """Of what is on screen: which model wrote it, and where; or that of the model that will write."""
        recording, model = self.session.recording, self.session.model
        if recording is None:
            self.status.set_model(name, str(model.device) if model else "")
        else:
            ours = model is not None and model.name == recording.model
            self.status.set_model(recording.model if ours else f"written by {recording.model}", recording.device)

    async def _count(self) -> None:
        """Show how long the prompt is, if it is still the same when that is known."""
        asked = self.prompt.text(), self.knobs.settings(), self.session.model
        count = await self.session.count(*asked[:2])
        if asked == (self.prompt.text(), self.knobs.settings(), self.session.model):
            self.prompt.set_count(*(count or (None,)))

    def _show_card(self) -> None:
        """What the graphics card says now, again and again as long as there is one."""
        gauge = self.session.gauge
        self.status.set_card(gauge.newest if gauge else None)
        if gauge is not None:
            self._gauge_timer.start()

    def _show_progress(self, progress: Progress | None) -> None:
        label, fraction = progress or ("", None)
        self.status.set_progress(label.partition(": ")[0], fraction)  # the amounts are where there is room
        self.waiting.show_progress(label, fraction)
        self.setWindowTitle("Unnoise" if fraction is None else f"{fraction:.0%} \u2013 Unnoise")
        if progress is not None and self.session.recording is None:
            self.canvas.set_message(progress.label + "\u2026")

    def _knobs_moved(self, settings: Settings) -> None:
        self.stage.set_candidates(settings.top_k)
        self.race.set_candidates(settings.top_k)

    def _say_unpainted(self, sentence: str) -> None:
        self.status.say(sentence, "error")

    def _set_folds(self, groups: list[str]) -> None:
        self.prefs.folds = groups

    def _set_speed(self, speed: float) -> None:
        self.prefs.speed = speed
        self.stage.player.set_speed(speed)

    def _apply_theme(self, *_: object) -> None:
        theme = look.chosen(self.prefs.theme)
        look.apply(QApplication.instance(), theme)
        self.header.set_theme(theme)
        self.stage.set_theme(theme)
        self.branches.set_theme(theme)
        self.ruling.view.set_theme(theme)
        self.race.view.set_theme(theme)
        self.strip.set_theme(theme)

    def _show_panels(self, *_: object) -> None:
        self.body.arrange(self.prefs.panels, self.race.shown, self._strip(), self.prefs.strip)

    def _strip(self) -> QWidget:
        """What stands below the canvas."""
        if self.ruling.shows:
            return self.ruling.view
        return self.filling.view.gaps if self.filling.shows else self.stage.charts

    # Beginning and end

    def _restore(self) -> None:
        prefs = self.prefs
        self.knobs.set_usual(usual(EMBEDDED))
        self.knobs.set_settings(self.knobs.usual().updated(prefs.settings))
        settings = self.knobs.settings()
        self.stage.set_candidates(settings.top_k)
        self.race.set_candidates(settings.top_k)
        self.race.view.decoding.set_decoding(Decoding().updated(prefs.decoding))
        self.knobs.set_rerun(prefs.live)
        self.knobs.set_open(prefs.folds)
        self.prompt.set_text(prefs.prompt or EXAMPLE)
        self.stage.transport.set_speed(prefs.speed)
        self.stage.player.set_speed(prefs.speed)
        self.set_view(prefs.view)
        self._fold()
        self._set_motion()
        self.canvas.set_legend(prefs.runs <= LEARNT)
        self.restoreGeometry(QByteArray(prefs.geometry_bytes()))
        self._apply_theme()
        self._show_panels()
        self._show_state()
        self.prompt.setFocus()

    def fit(self, room: QSize) -> None:
        """Be no larger than a screen of this much room shows, under a title bar."""
        self.resize(self.size().boundedTo(room - QSize(0, TITLE_BAR)))

    async def finish(self) -> None:
        """End the engine thread and wait for what is under way, once the window is closed."""
        self.models.close()
        self.files.cancel()
        await self.session.close()
        await self.tasks.drain()

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.presenter.follow()

    def keyPressEvent(self, event) -> None:
        """What no control wanted. Space plays: no shortcut, which would take it from buttons and text boxes."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.player.toggle()
        elif event.modifiers() or not self.presenter.press(event.key()):
            super().keyPressEvent(event)

    def keep(self) -> None:
        """Put down all that the next start should find: at the end, or when the system says that it is near."""
        self.remember()
        self.kept.emit()
        self.past.keep_now()

    def remember(self) -> None:
        """Into the preferences what was chosen, and the prompt as it was left."""
        self.prefs.prompt = self.prompt.text() or self.prefs.prompt
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)  # a start is never a presenter
        self.prefs.set_geometry(bytes(self.saveGeometry().data()))
        self.prefs.settings = self.knobs.settings().moved(self.knobs.usual())
        self.prefs.decoding = asdict(self.race.view.decoding.decoding())

    def closeEvent(self, event) -> None:
        for timer in (self._gauge_timer, self._count_timer):
            timer.stop()
        self.remember()
        self.kept.emit()
        self.closing.emit()
        event.accept()
