"""Tally: what filled a gap, over several draws of noise. Reads recordings, knows no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import Any, NamedTuple

import numpy as np

from engine.values.recording import Recording

MOST = 8  # words that are told of a gap


class Word(NamedTuple):
    """What may fill a gap. `probability` is that of the last step, a mean over the draws, and `spread` its standard
    deviation; both None of a gap of several tokens, which has no single one."""

    text: str
    share: float  # of the draws that it filled
    probability: float | None
    spread: float | None


def filled(recording: Recording, gap: Sequence[int]) -> str:
    """What stands in the cells of a gap in the newest frame of the first canvas."""
    return recording.lexicon.text(_last(recording).guess[list(gap)]).strip()


def tally(recordings: Sequence[Recording], gap: Sequence[int]) -> list[Word]:
    """The words of a gap, likeliest first: those that filled it, and of a single cell its candidates, too."""
    counts = Counter(filled(recording, gap) for recording in recordings)
    odds = [_odds(recording, gap[0]) for recording in recordings] if len(gap) == 1 else []
    words = []
    for text in dict.fromkeys([*counts, *(text for found in odds for text in found)]):
        seen = [found.get(text, 0.0) for found in odds]
        spread = (round(fmean(seen), 4), round(pstdev(seen), 4)) if seen else (None, None)
        words.append(Word(text, round(counts[text] / len(recordings), 4), *spread))
    return sorted(words, key=lambda word: (word.probability or word.share, word.share), reverse=True)[:MOST]


def told(words: Sequence[Word]) -> list[dict[str, Any]]:
    """The same for JSON."""
    return [word._asdict() for word in words]


def _odds(recording: Recording, cell: int) -> dict[str, float]:
    """The candidates of a cell in the last step. Several tokens may be the same word."""
    last, odds = _last(recording), Counter()
    for token, probability in zip(last.top_ids[cell], last.top_probs[cell], strict=True):
        odds[recording.lexicon.piece(token).strip()] += float(np.float64(probability))
    return {text: probability for text, probability in odds.items() if probability > 0}


def _last(recording: Recording) -> Any:
    return next(frame for frame in reversed(recording.frames) if frame.canvas == 0)
