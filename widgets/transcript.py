"""Transcript: a conversation beside the canvas, turn by turn, and what of it there is room for. Knows no model."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.values.settings import counted
from engine.values.turns import Conversation, Turn
from widgets.controls import describe
from widgets.saying import Fold, Saying
from widgets.scrolled import Scrolled
from widgets.theme import explain

LEAST, MOST, SHARE = 150, 250, 0.26  # pixels of its width, and its share of the room that it has with the canvas
WAITING = "…"  # stands for an answer that is being written


class Transcript(QFrame):
    """Wanted as soon as there are two turns."""

    chosen = Signal(int)  # a turn, from 0
    anew = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.wanted = False
        self.setProperty("role", "card")
        self._column, self._room, self._over = QWidget(), QLabel(), QLabel()
        self._sayings: list[Saying] = []
        self._now, self._seeks = -1, True  # the turn on screen, and whether it is kept in sight
        self._rows = QVBoxLayout(self._column)
        self._rows.setContentsMargins(4, 4, 4, 4)
        self._rows.setSpacing(2)
        self._rows.addStretch(1)
        self._scrolled = Scrolled(self._column)
        self._scrolled.verticalScrollBar().rangeChanged.connect(self._see)
        self._scrolled.verticalScrollBar().actionTriggered.connect(self._let_go)
        self._room.setProperty("role", "hint")
        self._over.setProperty("role", "over")
        self._over.setWordWrap(True)
        self._over.setContentsMargins(8, 0, 8, 0)
        self._over.hide()
        self._new = QPushButton("New")
        self._new.setProperty("role", "quiet")
        self._new.setFixedHeight(28)
        describe(
            self._new,
            "New conversation",
            "The next prompt begins anew (Ctrl+N). This one stays among the earlier runs.",
        )
        self._new.clicked.connect(self.anew)
        self._place()
        self.hide()

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.addWidget(self._scrolled, 1)
        column.addWidget(self._over)
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 0, 0)
        below.addWidget(self._room, 1)
        below.addWidget(self._new)
        column.addLayout(below)
        self._scrolled.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.setAccessibleName("Conversation")

    def show_talk(self, talk: Conversation, now: int, cut: bool = False) -> None:
        """All turns, of which `now` is on screen. A question without an answer waits for it. `cut`: the last answer
        did not come to its end."""
        turns = [talk.turns[at : at + 2] for at in range(0, len(talk.turns), 2)]
        self.wanted, self._now = len(turns) > 1, now
        while len(self._sayings) < len(turns):
            self._add()
        while len(self._sayings) > len(turns):
            saying = self._sayings.pop()
            saying.setParent(None)
            saying.deleteLater()
        for at, (saying, (asked, *answer)) in enumerate(zip(self._sayings, turns, strict=True)):
            more = not answer or (cut and at == len(turns) - 1)
            words = f"{answer[0].text if answer else ''} {WAITING if more else ''}".strip()
            saying.show_turn(
                _asked(asked), words, folds(answer[0]) if answer else (), at == now, at < talk.left, at + 1
            )
        self._seeks = True
        QTimer.singleShot(0, self, self._see)  # it has its place by then

    def show_room(self, tokens: int | None, limit: int = 0, over: str = "") -> None:
        """How long the conversation is, of how much that the model reads, and a sentence for what has no room."""
        self._room.setText("" if tokens is None else f"{tokens:,} / {limit:,}")
        explain(self._room, f"Tokens of the conversation with what is typed; the model reads {limit:,}.")
        self._over.setText(over)
        self._over.setVisible(bool(over))

    def fit(self, room: int) -> None:
        """Be as wide as it may be in a row of so many pixels."""
        self.setFixedWidth(round(min(MOST, max(LEAST, SHARE * room))))

    def _add(self) -> None:
        saying = Saying()
        saying.unfolded.connect(self._let_go)
        saying.clicked.connect(lambda: self.chosen.emit(self._sayings.index(saying)))
        self._rows.insertWidget(len(self._sayings), saying)
        self._sayings.append(saying)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._seeks = True
        QTimer.singleShot(0, self, self._see)

    def _let_go(self, *_: object) -> None:
        """People look at something else."""
        self._seeks = False

    def _see(self, *_: object) -> None:
        """Scroll to the turn on screen, which may become higher still."""
        if self._seeks and 0 <= self._now < len(self._sayings):
            self._rows.activate()
            self._scrolled.ensureWidgetVisible(self._sayings[self._now], 0, 8)


def _asked(turn: Turn) -> str:
    """A question, with how many pictures it showed."""
    return f"{turn.text} ({counted(len(turn.pictures), 'picture')})" if turn.pictures else turn.text


def folds(answer: Turn) -> list[Fold]:
    """What of an answer is folded away."""
    thought = [("thought", answer.thought)] if answer.thought else []
    return thought + [(call.line(), call.whole()) for call in answer.calls]
