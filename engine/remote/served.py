"""Served: a server's model as something to run and to race: one Frame per canvas, and nothing in between.

A Frame holds more than a server tells. What it does not tell is NaN or empty here, never made up: entropies,
candidates, temperature, and how the time divided. A canvas has as many cells as the server counted tokens; which
token each was it does not tell, so words stand in the cells, and the cells that are left over are empty. Where it
tells thought and answer apart, the markers that it took out stand between them again.

Knows no torch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from engine.remote.server import CANVAS, Arrival, RemoteError, Server
from engine.steps.race import Lane
from engine.values.frame import CALL, CHANNEL, STOPS, WHOLE, Frame, Lexicon
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings

if TYPE_CHECKING:
    from engine.steps.denoise import Ask

MARKERS = (*CHANNEL, *CALL)
BEGIN, END, *_ = range(len(MARKERS))  # the ids of the markers of a thought, and behind them those of a tool call
NAME = "Server (whole canvases, no drafts)"
_CALL = "(" + "|".join(re.escape(marker.decode()) for marker in CALL) + ")"
_WORD = re.compile(r"\s*\S+|\s+$")


class Served:
    """A model behind a server, with what others ask of a model on this computer."""

    usual, thinks, length, remark = Settings(), True, CANVAS, None
    blind = ""  # nobody here knows: it says so itself when it is given a picture

    def __init__(
        self, address: str, wanted: str | None = None, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Asks the server what it serves, until `stopped()`. Raises RemoteError, or CancelError."""
        self._server = Server(address)
        self.name, self.device = self._server.model(wanted, stopped), self._server.address
        self._pieces = dict(enumerate(MARKERS))
        self._words = {marker: number for number, marker in self._pieces.items()}
        # It learns every word when it arrives.
        self.lexicon = Lexicon(self._pieces, frozenset(), frozenset(self._pieces))

    def frames(self, question: Question, ask: Ask, stopped: Callable[[], bool] = lambda: False) -> Iterator[Frame]:
        """A frame for every canvas when it arrives, of what goes on with a conversation.

        `ask` is called before every canvas, as in `denoise`; a server that is told to wait goes on by itself.
        Waiting for it ends when `stopped()`. Raises RemoteError.
        """
        settings, index, inside = ask(0, 0), 0, False
        if settings is None:
            return
        with closing(self.write(question, settings, stopped)) as arrivals:
            for arrival in arrivals:
                if settings is None:
                    return
                if arrival.tokens or arrival.text or arrival.thought:
                    yield self._frame(arrival, index, settings, inside)
                    index, inside = index + 1, arrival.inside
                    settings = settings if arrival.stop else ask(index, 0)

    def kept(self, question: Question, settings: Settings, arrivals: Iterable[Arrival]) -> Recording:
        """What has arrived, as a recording. Raises RemoteError."""
        recording, inside = Recording.of(self, question, settings), False
        for arrival in arrivals:
            if arrival.tokens or arrival.text or arrival.thought:
                recording.append(self._frame(arrival, len(recording.frames), settings, inside))
                inside = arrival.inside
        return recording

    def write(
        self, question: Question, settings: Settings, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Arrival]:
        """What the server sends, as it arrives. Of the knobs it takes `canvases` and `thinking`. RemoteError."""
        told = question.before.asked(question.prompt, question.pictures)
        return self._server.write(self.name, told, settings.canvases, settings.thinking, stopped)

    def lane(self, question: Question, settings: Settings) -> Lane:
        """Its lane of a race, which does not tell its passes."""
        empty = Recording.of(self, question, settings)
        return Lane(NAME, empty, lambda ask: self.frames(question, ask), reads=None)

    def _frame(self, arrival: Arrival, index: int, settings: Settings, inside: bool) -> Frame:
        if arrival.tokens is None:
            raise RemoteError(f"The server at {self.device} does not count its tokens: use one of vLLM.")
        ids = np.array(self._ids(arrival, inside), np.int32)
        nothing = np.zeros((len(ids), 0))
        return Frame(
            canvas=index,
            step=0,
            seconds=arrival.seconds,
            forward=np.nan,
            readout=np.nan,
            temperature=np.nan,
            ids=ids,
            guess=ids,
            held=np.ones(len(ids), np.bool_),
            entropy=np.full(len(ids), np.nan, np.float32),
            top_ids=nothing.astype(np.int32),
            top_probs=nothing.astype(np.float32),
            settings=settings,
            stop=arrival.stop if arrival.stop in STOPS else WHOLE,
        )

    def _ids(self, arrival: Arrival, inside: bool) -> list[int]:
        """Ids for as many tokens as arrived, behind a thought that goes on (`inside`) or not."""
        opens = (bool(arrival.thought) or arrival.inside) and not inside
        closes = (inside or opens) and not arrival.inside
        room = arrival.tokens - opens - closes
        if room < bool(arrival.thought) + bool(arrival.text):  # no token is left for the markers
            return [self._id(piece) for piece in cells(arrival.text, arrival.tokens)]
        share = min(len(_split(arrival.thought)), room - bool(arrival.text)) if closes else room
        thought = cells(arrival.thought, share) if inside or opens else []
        text = cells(arrival.text, room - len(thought))
        ids = [BEGIN] * opens + [self._id(piece) for piece in thought] + [END] * closes
        return ids + [self._id(piece) for piece in text]

    def _id(self, piece: bytes) -> int:
        """The id of a word: a new one if it has never been there."""
        number = self._words.setdefault(piece, len(self._words))
        self._pieces[number] = piece
        return number


def cells(text: str, count: int) -> list[bytes]:
    """`text` in so many pieces: words with the space before them, then empty ones; the last has what is left."""
    words = _split(text)
    if len(words) > count:
        words[count - 1 :] = ["".join(words[count - 1 :])]
    return [word.encode() for word in words] + [b""] * (count - len(words))


def _split(text: str) -> list[str]:
    parts = re.split(_CALL, text)
    return [word for part in parts for word in ([part] if re.fullmatch(_CALL, part) else _WORD.findall(part))]
