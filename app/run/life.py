"""Life: what became of the cells over the steps of their canvas, and which are least sure. Pure."""

from __future__ import annotations

import numpy as np

from engine.values.frame import CHANGED, WITHDRAWN, Frame, Lexicon, marks
from engine.values.recording import Recording
from widgets.microscope import Candidate, Life
from widgets.settling import OPEN
from widgets.unsure import Doubt

MOST, TEN = 8, 10  # candidates of a life, and cells that are told to be least sure
LEAST = 0.005  # nats: below that a cell is told to be sure


def life(recording: Recording, index: int, cell: int) -> Life:
    """Of a cell of the canvas that frame `index` belongs to, with all its steps, those to come in it, too."""
    first = index - recording.frames[index].step
    frames = [frame for frame in recording.frames[first:] if frame.canvas == recording.frames[index].canvas]
    pairs = zip([None, *frames], frames, strict=False)
    now = recording.frames[index]
    best = [int(token) for token in now.top_ids[cell]]
    once = [int(frame.top_ids[cell, 0]) for frame in frames]  # what it was taken for at another time
    ids = list(dict.fromkeys([*best[:3], once[-1], *once, *best]))[:MOST]
    trails = {id: [_share(frame, cell, id) for frame in frames] for id in ids}
    return Life(
        cell,
        first,
        index - first,
        [int(marks(before, frame)[cell]) for before, frame in pairs],
        [float(frame.entropy[cell]) for frame in frames],
        [Candidate(id, recording.lexicon.piece(id), trails[id]) for id in ids],
    )


def turns(recording: Recording, index: int, cell: int) -> list[int]:
    """The frames of a canvas in which a cell changed its mind, was withdrawn, or was taken for another token."""
    seen = life(recording, index, cell)
    frames = recording.frames[seen.first : seen.first + len(seen.marks)]
    taken = [int(frame.guess[cell]) for frame in frames]
    told = {at for at, mark in enumerate(seen.marks) if mark in (CHANGED, WITHDRAWN)}
    told |= {at for at in range(1, len(taken)) if taken[at] != taken[at - 1]}
    return [seen.first + at for at in sorted(told)]


def least_sure(lexicon: Lexicon, frame: Frame, count: int = TEN) -> list[Doubt]:
    """The cells of the text with the greatest entropy, but for those that are pinned."""
    if not frame.told:
        return []
    end = lexicon.extent(frame)
    entropy = np.where(frame.pinned, -1.0, np.nan_to_num(frame.entropy, nan=-1.0))[:end]
    order = np.argsort(-entropy, kind="stable")[:count].tolist()
    doubtful = [cell for cell in order if entropy[cell] >= LEAST]
    return [Doubt(cell, lexicon.piece(frame.guess[cell]), float(entropy[cell])) for cell in doubtful]


def settling(recording: Recording, index: int) -> list[int]:
    """Of every cell of the words in frame `index`, the step of its canvas since which it holds its token, or
    OPEN."""
    now = recording.frames[index]
    cells = _words(recording.lexicon, now)
    since, stays = np.full(cells, OPEN), now.settled[:cells].copy()
    for frame in reversed(recording.frames[index - now.step : index + 1]):
        many = min(cells, len(frame.ids))  # a text that is written token by token has grown since
        stays[many:] = False
        stays[:many] &= frame.settled[:many] & (frame.shown[:many] == now.shown[:many])
        since[stays] = frame.step
    return since.tolist()


def _words(lexicon: Lexicon, frame: Frame) -> int:
    """The cells of a text up to its last word, or the last that may become one."""
    cells = lexicon.extent(frame)
    words = np.flatnonzero(~(frame.settled[:cells] & lexicon.controls(frame.shown[:cells])))
    return int(words[-1]) + 1 if words.size else 0


def _share(frame: Frame, cell: int, id: int) -> float:
    """The probability of a token in a cell; 0 where it was not among the best."""
    return float(frame.top_probs[cell][frame.top_ids[cell] == id].sum())
