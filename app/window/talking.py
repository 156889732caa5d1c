"""Talking: the conversation that a prompt goes on with, as a transcript beside the canvas.

A turn is a run like any other: Run writes the turn on screen anew, with what was said before it; Follow up goes on
from its answer. What the model has no room for is told before it is left out.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.run.session import Session
from app.run.stage import Stage
from app.tasks import Tasks
from app.window.past import Past
from app.window.pictures import Pictures
from app.window.showing import Showing
from engine.values.picture import Picture
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings, counted
from engine.values.turns import NOTHING, Conversation
from widgets.knobs import Knobs
from widgets.manner import Manner
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.transcript import Transcript

COUNT_MS = 250  # from the last key to the counting of the conversation
NO_ANSWER = "There is no answer yet to go on from: run a prompt first."


class Talking(QObject):
    """Owns the transcript, and the box of the system prompt."""

    changed = Signal()  # whether there is a conversation to be seen

    def __init__(
        self,
        session: Session,
        stage: Stage,
        prompt: Prompt,
        panel: Knobs,
        past: Past,
        showing: Showing,
        pictures: Pictures,
        status: Status,
        tasks: Tasks,
    ) -> None:
        super().__init__(stage)
        self._session, self._stage, self._prompt, self._panel, self._past = session, stage, prompt, panel, past
        self._showing, self._pictures, self._status, self._tasks = showing, pictures, status, tasks
        self.view, self.manner = Transcript(), Manner()
        self._place = NOTHING  # what was said before the turn that Run writes
        self._whole = NOTHING  # all turns of the transcript; the last may be without an answer
        self._runs: list[str] = []  # the recording of every one of them, by its id
        self._told: Conversation | None = None  # as it has to be shortened, once that was said
        self._count = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._wire()

    def _wire(self) -> None:
        session = self._session
        connections = [
            (session.began, self._began),
            (session.ended, self._ended),
            (session.changed, self._show),
            (self._prompt.edited, self._count.start),
            (self._panel.changed, self._count.start),
            (self._pictures.changed, self._count.start),
            (self.manner.edited, self._count.start),
            (self._prompt.anew, self.begin_anew),
            (self.view.anew, self.start_anew),
            (self.view.chosen, lambda turn: self._tasks.start(self._open(turn))),
            (self._count.timeout, lambda: self._tasks.start(self._measure())),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    # What a prompt goes on with

    @property
    def before(self) -> Conversation:
        """What was said before the turn that Run writes."""
        return replace(self._place, system=self.manner.text())

    @property
    def answered(self) -> Conversation | None:
        """All that was said, the answer on screen included; None where there is none."""
        recording = self._session.recording
        if recording is None or self._session.live is not None or recording.outcome != "finished":
            return None
        return replace(recording.conversation(), system=self.manner.text())

    def question(self, prompt: str, pictures: tuple[Picture, ...] | None = None) -> Question:
        """What Run asks: a prompt with the pictures of the prompt box, or others, behind what was said before."""
        shown = self._pictures.all if pictures is None else pictures
        return Question(prompt, shown, self.before, self._pictures.agreed)

    async def follow(self, prompt: str, settings: Settings) -> None:
        """Let a prompt go on from the answer on screen. What has no room is said first and left out next time."""
        talk = self.answered
        if talk is None:
            return self._status.say(NO_ANSWER, "info")
        question = Question(prompt, self._new(talk), talk, self._pictures.agreed)
        told, spare = self._told, await self._session.reader.spare(question, settings)
        if spare.left > talk.left and (told is None or told.left < spare.left):
            self._told = spare
            return self._status.say(f"{self._leaves(spare)} Follow up once more goes on so.", "error")
        self._pictures.show(question.pictures)
        await self._session.run(replace(question, before=spare), settings)
        return None

    def _new(self, talk: Conversation) -> tuple[Picture, ...]:
        """The pictures of the prompt box that the conversation has not shown yet."""
        return tuple(picture for picture in self._pictures.all if picture not in talk.pictures)

    def begin_anew(self) -> None:
        """The next prompt is the first of its conversation."""
        self._place, self._whole, self._runs, self._told = NOTHING, NOTHING, [], None
        self._show()

    def stay(self) -> None:
        """The next prompt is of the turn on screen, whatever was to begin anew."""
        if self._session.recording is not None:
            self._place = replace(self._session.recording.before, system="")

    def start_anew(self) -> None:
        """The same, as people wish it: the next prompt is to be typed."""
        self.begin_anew()
        self._prompt.focus()
        self._status.say("The next prompt begins a new conversation.", "info")

    def stop(self) -> None:
        """Nobody looks any more."""
        self._count.blockSignals(True)  # whatever still starts it

    # What is shown

    def _began(self) -> None:
        """Another run is on screen: one of the transcript's, the next, or one of another conversation."""
        recording = self._session.recording
        self._place = replace(recording.before, system="")
        if self._session.live is None:  # a run that begins has what is in the box
            self.manner.set_text(recording.before.system)
        if recording.id not in self._runs:
            self._adopt(recording)
        self._told = None
        self._show()

    def _ended(self) -> None:
        recording = self._session.recording
        if recording.id in self._runs[-1:]:
            self._adopt(recording)
        self._show()

    def _adopt(self, recording: Recording) -> None:
        """The conversation that a run is the last of."""
        before, over = recording.before, bool(recording.outcome) and bool(recording.frames)
        self._whole = recording.conversation() if over else before.asked(recording.prompt, recording.pictures)
        self._runs = [turn.run for turn in before.turns[1::2]] + [recording.id]

    def _show(self) -> None:
        recording = self._session.recording
        now = self._runs.index(recording.id) if recording is not None and recording.id in self._runs else -1
        self.view.show_talk(self._whole, now)
        able = self.answered is not None and not self._session.running
        self._prompt.set_follow(able, "" if able else NO_ANSWER)
        self._count.start()
        self.changed.emit()

    async def _open(self, turn: int) -> None:
        """Show the run of a turn."""
        if turn >= len(self._runs) or self._runs[turn] == getattr(self._session.recording, "id", ""):
            return
        recording = await self._past.load(self._runs[turn]) if self._runs[turn] else None
        if recording is not None:
            self._showing.bring_back(recording)

    async def _measure(self) -> None:
        """Tell how long the conversation is with what is typed, and what has no room any more."""
        talk, asked = self.answered, (self._prompt.text(), self._panel.settings())
        if talk is None or not self.view.wanted:
            return self.view.show_room(None)
        question, reader = Question(asked[0], self._new(talk), talk), self._session.reader
        count = await reader.count(question, asked[1])
        spare = await reader.spare(question, asked[1]) if count is not None and not count.fits else talk
        if talk != self.answered or asked != (self._prompt.text(), self._panel.settings()):
            return None
        self._told = spare if spare.left > talk.left else None
        return self.view.show_room(*(count or (None,))[:2], over=self._leaves(spare) if self._told else "")

    def _leaves(self, spare: Conversation) -> str:
        return f"Too long for the model: Follow up leaves the oldest {counted(spare.left, 'turn')} out."
