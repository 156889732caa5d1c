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
from app.window.filling import Filling
from app.window.past import Past
from app.window.pictures import Pictures
from app.window.showing import Showing
from engine.values.frame import Lexicon
from engine.values.picture import Picture
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings, counted
from engine.values.turns import NOTHING, Conversation
from engine.values.words.reply import Reply
from widgets.knobs import Knobs
from widgets.manner import Manner
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.transcript import Transcript

COUNT_MS = 250  # from the last key to the counting of the conversation
NO_ANSWER = "There is no answer yet to go on from: run a prompt first."
CUT = "This answer was cut short: run it again, or click an earlier turn to go on from there."
FADED = "Earlier pictures were not kept: Follow up goes on without them."


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
        filling: Filling,
        status: Status,
        tasks: Tasks,
    ) -> None:
        super().__init__(stage)
        self._session, self._stage, self._prompt, self._panel, self._past = session, stage, prompt, panel, past
        self._showing, self._pictures, self._filling = showing, pictures, filling
        self._status, self._tasks = status, tasks
        self.view, self.manner = Transcript(), Manner()
        self._place = NOTHING  # what was said before the turn that Run writes
        self._cut = False  # whether the last answer was
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
            (self.view.chosen, self._choose),
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

    @property
    def shown(self) -> str:
        """The run on screen, by its id, if it is one of a conversation; else ""."""
        recording = self._session.recording
        ours = recording is not None and (self.view.wanted or recording.before)
        return recording.id if ours else ""

    @property
    def _unable(self) -> str:
        """Why there is nothing to go on from."""
        recording = self._session.recording
        return CUT if recording is not None and recording.outcome not in ("", "finished") else NO_ANSWER

    def question(self, prompt: str, pictures: tuple[Picture, ...] | None = None) -> Question:
        """What Run asks: a prompt with the pictures of the prompt box, or others, behind what was said before, and
        with the gaps that the answer is to have."""
        shown = self._pictures.all if pictures is None else pictures
        return Question(prompt, shown, self.before, self._filling.answer, self._pictures.agreed)

    async def follow(self, prompt: str, settings: Settings) -> None:
        """Let a prompt go on from the answer on screen. What has no room is said first and left out next time."""
        talk = self.answered
        if talk is None:
            return self._status.say(self._unable, "info")
        question = Question(prompt, self._new(talk), talk.seen, self._filling.answer, self._pictures.agreed)
        told, spare = self._told, await self._session.reader.spare(question, settings)
        losses = _losses(talk, spare)
        if losses and (told is None or _losses(talk, told) != losses):
            self._told = spare
            return self._status.say(f"{losses} Follow up once more goes on so.", "error")
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
        before, over = recording.before, bool(recording.outcome) and bool(recording.frames or recording.said)
        self._cut = over and recording.outcome != "finished"
        self._whole = recording.conversation() if over else before.asked(recording.prompt, recording.pictures)
        self._runs = [turn.run for turn in before.turns[1::2]] + [recording.id]

    def _show(self) -> None:
        recording = self._session.recording
        now = self._runs.index(recording.id) if recording is not None and recording.id in self._runs else -1
        self.view.show_talk(self._whole, now, self._cut)
        able = self.answered is not None and not self._session.running
        self._prompt.set_follow(able, "" if able else self._unable)
        self._count.start()
        self.changed.emit()

    async def take_up(self, talk: Conversation) -> None:
        """Go on with a conversation that a file had: its last answer is on screen."""
        if not talk.exchanges:
            self.begin_anew()
            self.manner.set_text(talk.system)
            return self._status.say("This conversation has no turns yet: ask the first.", "info")
        self._cut = False
        self._whole, self._runs = talk, [answer.run for answer in talk.turns[1::2]]
        return await self._open(talk.exchanges - 1)

    def _choose(self, turn: int) -> None:
        """A turn is wanted on screen. One that waits for its answer is there."""
        if turn < self._whole.exchanges and self._runs[turn] != getattr(self._session.recording, "id", ""):
            self._tasks.start(self._open(turn))

    async def _open(self, turn: int) -> None:
        """Show the run of a turn, or what it said, where nobody has its steps."""
        whole = self._whole
        recording = await self._past.find(self._runs[turn])
        if whole is not self._whole:
            return
        if recording is None or not recording.conversation().same(whole.before(turn + 1)):
            recording = self._said(turn)
            self._runs[turn] = recording.id
        self._showing.bring_back(recording)

    def _said(self, turn: int) -> Recording:
        """An answer of which there are words alone."""
        asked, answer = self._whole.exchange(turn)
        reply = Reply(answer.text, answer.thought, False, answer.calls)
        recording = Recording(asked.text, self._panel.settings(), "", "", Lexicon({}, frozenset(), frozenset()))
        recording.pictures, recording.before = asked.pictures, self._whole.before(turn)
        recording.said, recording.outcome = reply, "finished"
        return recording

    async def _measure(self) -> None:
        """Tell how long the conversation is with what is typed, and what has no room any more."""
        talk, asked = self.answered, (self._prompt.text(), self._panel.settings())
        if talk is None or not self.view.wanted:
            return self.view.show_room(None)
        question, reader = Question(asked[0], self._new(talk), talk.seen), self._session.reader
        count = await reader.count(question, asked[1])
        full = count is not None and not count.fits
        spare = await reader.spare(question, asked[1]) if full else question.before
        if talk != self.answered or asked != (self._prompt.text(), self._panel.settings()):
            return None
        losses = _losses(talk, spare)
        self._told = spare if losses else None
        return self.view.show_room(*(count or (None,))[:2], over=losses)


def _losses(talk: Conversation, spare: Conversation) -> str:
    """What the model is not told of a conversation any more, as sentences; "" if it is all told."""
    long = spare.left > talk.left
    left = f"Too long: Follow up leaves the oldest {counted(spare.left, 'turn')} out."
    faded = len(spare.pictures) < len(replace(talk, left=spare.left).pictures)
    return " ".join([left] * long + [FADED] * faded)
