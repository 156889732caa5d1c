"""Apart: the cells of two runs that hold words which the other has not. Pure.

Texts that stand are aligned by words, wherever these stand. Of canvases that are being written, only cells are
compared in which both hold something.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from engine.values.frame import Lexicon
from engine.values.recording import Recording

DENSE = 0x2E80  # from here on scripts put no spaces between their words


class Marks(NamedTuple):
    """Cells of the canvas on show, and of those before, counted over all of them; and words that are marked."""

    cells: frozenset[int]
    before: frozenset[int]
    words: int
    of: int


Word = tuple[str, int, int]  # its text, and the cells from and to


def different(one: Recording, at: int, other: Recording, there: int) -> tuple[Marks, Marks]:
    """What is marked of either run, in the frames `at` and `there`."""
    past = [np.concatenate([np.empty(0, np.int32), *run.finished(i)]) for run, i in ((one, at), (other, there))]
    mine, theirs = one.frames[at], other.frames[there]
    if mine.stop and theirs.stop:
        texts = [np.concatenate([ids, frame.shown]) for ids, frame in zip(past, (mine, theirs), strict=True)]
        return tuple(
            Marks(
                frozenset(cell - len(ids) for cell in apart if cell >= len(ids)),
                frozenset(cell for cell in apart if cell < len(ids)),
                *counts,
            )
            for ids, (apart, *counts) in zip(past, _apart(one, texts[0], other, texts[1]), strict=True)
        )
    cells = _by_place(one, at, other, there)
    known = _apart(one, past[0], other, past[1]) if all(map(len, past)) else ((frozenset(), 0, 0),) * 2
    return tuple(Marks(cells, before, *counts) for before, *counts in known)


def _apart(one: Recording, ids: np.ndarray, other: Recording, others: np.ndarray):
    """Of both texts the cells of words that the other has not, how many words those are, and of how many."""
    texts = _words(one.lexicon, ids), _words(other.lexicon, others)
    matcher = SequenceMatcher(None, *([word for word, *_ in words] for words in texts), autojunk=False)
    left = [set(range(len(words))) for words in texts]
    for a, b, size in matcher.get_matching_blocks():
        left[0] -= set(range(a, a + size))
        left[1] -= set(range(b, b + size))
    return [
        (frozenset(cell for at in apart for cell in range(*words[at][1:])), len(apart), len(words))
        for words, apart in zip(texts, left, strict=True)
    ]


def _words(lexicon: Lexicon, ids: np.ndarray) -> list[Word]:
    """The words of a text up to its end, without control tokens. A sign by itself is a word, too."""
    words: list[Word] = []
    joins = False  # whether the next piece may belong to the last word
    for cell, token in enumerate(ids[: lexicon.end(ids)].tolist()):
        piece = "" if token in lexicon.special else lexicon.piece(token)
        if text := piece.strip():
            if joins and _letter(piece[0]):
                before, start, _ = words[-1]
                words[-1] = (before + text, start, cell + 1)
            else:
                words.append((text, cell, cell + 1))
        joins = _letter(piece[-1:])
    return words


def _letter(sign: str) -> bool:
    return sign.isalnum() and ord(sign) < DENSE


def _by_place(one: Recording, at: int, other: Recording, there: int) -> frozenset[int]:
    """Cells of one canvas that both have settled, each as something else."""
    mine, theirs = one.frames[at], other.frames[there]
    if mine.canvas != theirs.canvas:
        return frozenset()
    both = enumerate(zip(mine.known.tolist(), theirs.known.tolist(), strict=False))
    return frozenset(
        cell for cell, (a, b) in both if a >= 0 and b >= 0 and one.lexicon.piece(a) != other.lexicon.piece(b)
    )
