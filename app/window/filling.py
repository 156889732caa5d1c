"""Filling: runs whose answer is given but for its gaps, and what fills those, as it forms and over some draws."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.run import filling
from app.run.session import Session
from app.run.stage import Stage
from app.tasks import Tasks
from engine.values.edit import Edit
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.blanks import Gap, to_fill
from widgets.blanks import Blanks
from widgets.status import Status

EXAMPLES = [
    ("a hero", "Once upon a time, a ___ fox named ___ found an old ___."),
    ("words somewhere", "Once upon a time [80: lantern, old key] ..."),
    ("a story around it", '[60] "You found it!" [40] And so they all lived happily ever after.'),
]
ROOM = 12  # steps that a trail has room for, at least, while it forms


class Filling(QObject):
    """Stands between the box with the gaps and the session. Whatever runs from the prompt box has its `answer`."""

    changed = Signal()  # whether what is on screen has gaps

    def __init__(self, session: Session, stage: Stage, status: Status, tasks: Tasks) -> None:
        super().__init__(stage)
        self._session, self._stage, self._status, self._tasks = session, stage, status, tasks
        self.view = Blanks()
        self.view.set_examples(EXAMPLES)
        self._known = "", ""  # the text with gaps that those are of, and the model whose cells they are
        self._gaps: tuple[tuple[int, ...], ...] = ()
        self._edit: Edit | None = None  # that makes a canvas with those gaps
        self._names: list[str] = []
        self._draws: list[Recording] = []  # of the text with gaps that was run last
        self._all, self._drawing = 1, False
        self.shows = False
        self.view.opened.connect(lambda on: on and self.view.focus())
        stage.player.moved.connect(self.show)
        session.began.connect(self._began)
        session.laid_out.connect(lambda: self._learn(session.grid.question.answer, session.model.name))

    @property
    def answer(self) -> str:
        """The text with gaps that is to be filled; "" where nobody asks for that."""
        return self.view.text() if self.view.open and self.view.text().strip() else ""

    def toggle(self) -> None:
        """Open the box, or fold it away."""
        self.view.set_open(not self.view.open)
        if self.view.open:
            self.view.focus()

    def take(self, text: str) -> None:
        """Open the box with a text."""
        self.view.set_open(True)
        self.view.set_text(text)
        self.view.focus()

    async def run(self, question: Question, settings: Settings) -> None:
        """Fill the gaps of the answer as often as the box says, each time from other noise."""
        self._draws, self._all, self._drawing = [], self.view.draws, True
        for draw in range(self._all):
            drawn = replace(settings, seed=(settings.seed + draw) % 2**31)
            recording = await self._session.run(question, drawn)
            if recording is None or recording.outcome != "finished":
                break
            self._draws.append(recording)
            if self._all > 1:
                self._status.say(f"Draw {draw + 1} of {self._all} is filled.", "info")
        self._drawing = False
        return self.show()

    def _began(self) -> None:
        """Another run is on screen."""
        recording = self._session.recording
        self._learn(recording.answer, recording.model)

    def _learn(self, answer: str, model: str) -> None:
        """Find out where the gaps of a text are for the model, to show what fills them."""
        if answer and self._known != (answer, model) and model == getattr(self._session.model, "name", ""):
            self._known = answer, model
            self._tasks.start(self._place(answer))

    async def _place(self, answer: str) -> None:
        blanks = to_fill(answer)  # a run with it could begin
        placed = await self._session.reader.place(blanks)
        if self._known[0] == answer:
            self._gaps, self._edit = placed.gaps, placed.edit
            self._names = [_name(gap, at) for at, gap in enumerate(blanks.gaps, 1)]
            self.show()

    def show(self, *_: object) -> None:
        """What fills the gaps in the frame on screen; at the end of the last draw, over all of them."""
        recording, index = self._stage.recording, self._stage.player.index
        if recording is None or index < 0 or not self._is_ours(recording):
            return self._tell(False)
        over = len(self._draws) > 1 and recording is self._draws[-1] and index == len(recording.frames) - 1
        name = f" · {len(self._draws)} draws" if over else self._turn(recording)
        shown = []
        for words, gap in zip(self._names, self._gaps, strict=True):
            rows = filling.drawn(self._draws, gap) if over else filling.forming(recording, index, gap)
            shown.append((f"{words}{name}", rows))
        self.view.gaps.show_gaps(shown, _most(recording))
        return self._tell(True)

    def _tell(self, shows: bool) -> None:
        """Whether there is something to be seen of gaps, to whoever makes room."""
        if shows != self.shows:
            self.shows = shows
            self.changed.emit()

    def _turn(self, recording: Recording) -> str:
        """Which draw it is, if there are several."""
        ours = recording in self._draws
        at = self._draws.index(recording) if ours else len(self._draws)
        return f" · draw {at + 1}" if self._all > 1 and (ours or self._drawing) else ""

    def _is_ours(self, recording: Recording) -> bool:
        """Whether it fills the gaps that are known."""
        first = recording.frames[0].edits if recording.frames else ()
        if recording.parent is not None or self._edit is None or not first:
            return False  # words that may stand anywhere have become pins
        return self._edit.limits == first[0].limits and set(self._edit.pins) <= set(first[0].pins)


def _most(recording: Recording) -> int:
    """Steps that a trail has room for: as many as there are, or some more while they become more."""
    return len(recording.frames) if recording.outcome else max(ROOM, len(recording.frames))


def _name(gap: Gap, at: int) -> str:
    size = f" · {gap.cells} tokens" if gap.cells > 1 else ""
    return f"Gap {at}{size}" + (f" with {', '.join(gap.words)}" if gap.words else "")
