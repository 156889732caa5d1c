"""The window: makes the widgets and wires them. `wire` is one list of connects; nothing is computed here.

Where they are is in body.py. What people ask for is in asking.py and showing.py, what they are told in news.py, how
it looks in looks.py and panels.py, what lasts in memory.py.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow

from app.keep.files import Files
from app.keep.prefs import Prefs
from app.run.family import Family
from app.run.player import Player
from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.run.sweep import Sweep
from app.run.versus import Versus
from app.tasks import Tasks
from app.window import actions
from app.window.asking import Asking
from app.window.best import Best
from app.window.body import Body
from app.window.branches import Branches
from app.window.drop import Drop
from app.window.filling import Filling
from app.window.hands import Hands
from app.window.looks import Looks
from app.window.memory import Memory
from app.window.news import News
from app.window.notice import Notice
from app.window.panels import Panels
from app.window.past import Past
from app.window.picker import Models
from app.window.pictures import Pictures
from app.window.presenter import Presenter
from app.window.presets import Presets
from app.window.recents import Recents
from app.window.ruling import Ruling
from app.window.showing import Showing
from app.window.surprising import Surprising
from app.window.sweeping import Sweeping
from app.window.talking import Talking
from app.window.tuning import Tuning
from engine.values.settings import Settings
from engine.values.words.examples import EXAMPLES
from widgets.brush import failures
from widgets.header import Header
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.strip import Strip

NOTE_MS = 1000  # from a change to the remembering of it
LEAST = 900, 440  # pixels: half of a screen of 1920x1080, which is how many are set up
TITLE_BAR = 40  # of a window, about, in pixels


class Window(QMainWindow):
    """Everything on screen. Wishes of the widgets go to the session and the player, values come back."""

    kept = Signal()  # `prefs` hold what is to be remembered
    noted = Signal()  # the same, in the middle of it all: there is time
    closing = Signal()

    def __init__(self, session: Session, prefs: Prefs) -> None:
        super().__init__()
        self.session, self.prefs, self.tasks = session, prefs, Tasks()
        self._soon = QTimer(self, interval=NOTE_MS, singleShot=True)
        self._make_parts()
        self._make_rooms()
        self._lay_out()
        menus = actions.fill_menus(self, self.header)
        Recents(menus["File"], self.prefs, self.files.open)
        self.wire()
        self._restore()
        self.body.chain()

    # What is on screen

    def _make_parts(self) -> None:
        """What is seen, and what plays on it."""
        self.header, self.prompt, self.knobs, self.status = Header(), Prompt(), Knobs(), Status()
        self.prompt.set_examples(EXAMPLES)
        self.strip, self.stage = Strip(), Stage(self)
        self.race = Race(self.session, self.status, self)
        self.sweep = Sweep(self.session, self.status, self)
        self.versus = Versus(self.session, self.status, self)
        self.canvas = self.stage.canvas

    def _make_rooms(self) -> None:
        """What stands between these parts and the session."""
        session, stage, race, prefs, tasks = self.session, self.stage, self.race, self.prefs, self.tasks
        versus = self.versus
        knobs, prompt, status, strip = self.knobs, self.prompt, self.status, self.strip
        family = Family()
        self.files = Files(self, session, stage, race, versus, status, prefs, tasks)
        self.models = Models(self, session, knobs, tasks, prefs, self.files.open_model)
        self.presets = Presets(knobs, prefs, self.files, status)
        self.tuning = Tuning(session, knobs, prompt, stage.player, prefs, self.models.follow)
        self.hands = Hands(session, stage, family, knobs, status, tasks)
        self.ruling = Ruling(session, stage, knobs, self.tuning)
        self.filling = Filling(session, stage, status, tasks)
        prompt.add(prompt.pictures.button)
        prompt.add(self.filling.view.toggle, self.filling.view)
        self.pictures = Pictures(session, prompt, status, prefs, tasks, self.files.choose_pictures)
        self.branches = Branches(session, stage, family, status)
        self.surprising = Surprising(session, stage, versus, status, tasks)
        self.showing = Showing(session, stage, race, versus, self.tuning, knobs, prompt, self.pictures, status)
        show, give = self.showing.bring_back, self.files.give
        self.past = Past(self, session, strip, prompt, status, prefs, tasks, show, give)
        parts = self.past, self.showing, self.pictures, self.filling
        self.talking = Talking(session, stage, prompt, knobs, *parts, status, tasks)
        prompt.add(self.talking.manner.toggle, self.talking.manner)
        parts = self.sweep, race, prompt, self.pictures, self.talking, knobs, self.past, show
        self.sweeping = Sweeping(self, session, *parts, status, prefs, tasks)
        self.header.add(self.sweeping.back)
        parts = race, versus, self.sweeping, self.filling, self.tuning, self.models, self.past, self.pictures
        parts += (self.talking,)
        self.asking = Asking(session, prompt, knobs, *parts, status, prefs, tasks)
        self.notice = Notice(self, session)
        self.best = Best(self, session, prompt, self.sweeping, status, prefs, tasks)
        self.news = News(
            self, session, stage, self.header, prompt, knobs, status, tasks, self.pictures, self.talking
        )
        self.looks = Looks(self, prefs, self.header, stage, self.ruling, race, self.sweep, versus, strip, status)
        self.memory = Memory(self, prefs, knobs, prompt, stage, race, self.talking)
        prompts = [text for _, text in EXAMPLES]
        parts = lambda: self.player, prompts, lambda: prefs.speed
        self.presenter = Presenter(self, session, stage, self.asking.run_anew, *parts)
        self.past.keeps = lambda: not self.presenter.alone  # what plays by itself at a stand is nobody's
        self.drop = Drop(self, self.files.open, self.models.look_at, self.pictures, status, tasks)

    def _lay_out(self) -> None:
        self.body = Body(
            self.header,
            self.prompt,
            self.knobs,
            self.stage,
            self.branches,
            (self.stage.charts, self.stage.pair, self.filling.view.gaps, self.ruling.view),
            self.talking.view,
            self.race.view,
            self.sweep.view,
            self.versus.view,
            self.strip,
            self.status,
        )
        parts = self.stage, self.race, self.sweep, self.versus, self.filling, self.ruling, self.talking
        self.panels = Panels(self.body, self.prefs, *parts, self.strip, self.status)
        self.setCentralWidget(self.body)
        self.setWindowTitle("Unnoise")
        self.setMinimumSize(*LEAST)
        self.resize(1280, 800)

    def wire(self) -> None:
        """Who tells whom."""
        session = self.session
        connections = [
            (self.prompt.run_wished, self.asking.run_prompt),
            (self.filling.view.run_wished, self.asking.run),
            (self.filling.view.edited, self.sweeping.about),
            (self.hands.gap_wished, self.asking.ask_gap),
            (self.tuning.run_wished, self.asking.run_on),
            (self.prompt.stop_wished, self.stop),
            (self.prompt.race_wished, self.asking.run_race),
            (self.prompt.follow_wished, self.asking.follow),
            (self.talking.manner.run_wished, self.asking.run),
            (self.sweep.view.fill_wished, self.asking.run),
            (self.sweep.view.stop_wished, self.stop),
            (self.knobs.changed, self._knobs_moved),
            (self.stage.token.candidates_wished, self._show_candidates),
            (self.header.views.chosen, self.looks.set_view),
            (self.header.model_wished, self.models.open),
            (self.files.opened, self.showing.replay),
            (self.files.talk_opened, lambda talk: self.tasks.start(self.talking.take_up(talk))),
            (self.status.cancel_wished, self._cancel),
            (self.stage.held, self.news.held),
            (self.stage.transport.branch_wished, self.hands.go_on),
            (session.ended, self._soon.start),
            (self.presets.changed, self._soon.start),
            (self._soon.timeout, self._note),
            (session.began, self._began),
            (session.began, self.versus.begin),  # behind the stage: here it is at its own speed
            (session.began, self.branches.begin),
            (session.began, self.hands.tell),
            (session.grew, self.stage.player.grew),
            (session.ended, self._ended),
            (session.lined_up, self.race.begin),
            (session.raced, self.race.end),
            (self.race.view.leave_wished, self.race.leave),
            (self.versus.switched, self._hand_back),
            (self.branches.compared, self.versus.compare),
            (self.sweeping.compared, self.versus.compare),
            (self.past.compared, self.versus.compare),
            (self.presenter.switched, self.panels.show),
            (self.presenter.controls, self.body.show_controls),
            (self.body.arranged, self.hands.show),
        ]
        for signal, slot in connections:
            signal.connect(slot)
        # Not in the middle of the painting that failed.
        failures.told.connect(self._say_unpainted, Qt.ConnectionType.QueuedConnection)

    @property
    def player(self) -> Player:
        """The playhead of what is on screen."""
        shown = (view.player for view in (self.versus, self.race) if view.shown)
        return next(shown, self.stage.player)

    @property
    def stops(self) -> bool:
        """Whether there is something to stop, or to leave."""
        instead = any(each.shown for each in (self.versus, self.race, self.sweep))
        return self.presenter.on or self.sweeping.inside or self.session.running or instead

    def stop(self) -> None:
        """Leave the presenter; from a cell of a grid, go back to that; else stop what runs; where nothing runs,
        leave the race, the grid or the comparison."""
        self.tuning.drop()
        if self.presenter.on:
            self.presenter.toggle()
        elif self.sweeping.inside and not self.versus.shown:
            self.sweeping.toggle()
        elif self.session.running:
            self.session.stop()
        else:
            next((each for each in (self.versus, self.race) if each.shown), self.sweep).leave()

    def _cancel(self) -> None:
        """Give up the long work whose progress is shown."""
        if not self.files.cancel():
            self.session.cancel()
            self.status.set_progress("Cancelling", None)

    def _began(self) -> None:
        self.stage.begin(self.session.recording, self.session.live)
        self.tuning.show()
        if self.session.live is not None:
            self.looks.count_run()
        self.news.began()

    def _ended(self) -> None:
        self.stage.end(self.session.replaced)
        self.news.ended()

    def _hand_back(self) -> None:
        """The run that goes on is the stage's again, at its speed."""
        player = self.stage.player
        if not self.versus.shown:
            player.set_speed(player.speed)
            if player.held:
                player.pause()

    def _knobs_moved(self, settings: Settings) -> None:
        self.stage.set_candidates(settings.top_k)
        self.race.set_candidates(settings.top_k)

    def _show_candidates(self, count: int) -> None:
        self.knobs.move_to(replace(self.knobs.settings(), top_k=count))

    def _say_unpainted(self, sentence: str) -> None:
        self.status.say(sentence, "error")

    # Beginning and end

    def _restore(self) -> None:
        self.memory.restore()
        self._knobs_moved(self.knobs.settings())
        self.looks.restore()
        self.looks.apply_theme()
        self.panels.show()
        self.news.show_state()
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

    def _note(self) -> None:
        """Remember what was chosen so far, in case that something ends the program without a word."""
        self.memory.note()
        self.noted.emit()

    def keep(self) -> None:
        """Put down all that the next start should find: at the end, or when the system says that it is near."""
        self.memory.remember()
        self.kept.emit()
        self.past.keep_now()

    def closeEvent(self, event) -> None:
        self._soon.stop()
        self.news.stop()
        self.talking.stop()
        self.memory.remember()
        self.kept.emit()
        self.closing.emit()
        event.accept()
