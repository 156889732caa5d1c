"""Filling: what fills the gaps of a text, so far and over several draws, as rows to be shown. Knows no window."""

from __future__ import annotations

from collections.abc import Sequence

from engine.values.frame import Frame, Lexicon
from engine.values.recording import Recording
from engine.values.tally import tally
from widgets.gaps import MOST, Row


def forming(recording: Recording, index: int, gap: Sequence[int]) -> list[Row]:
    """The rows of a gap in frame `index`: the candidates of a single cell; of several, a row for each of them."""
    frames = [frame for frame in recording.frames[: index + 1] if frame.canvas == 0]
    if not frames:
        return []
    if len(gap) == 1:
        odds = [_odds(recording.lexicon, frame, gap[0]) for frame in frames]
        best = sorted(odds[-1], key=odds[-1].__getitem__, reverse=True)[:MOST]
        return [Row(word, odds[-1][word], [found.get(word, 0.0) for found in odds]) for word in best]
    rows = []
    if len(gap) > MOST:  # of a long one all together, and where it is least sure
        cells = list(gap)
        trail = [float(frame.top_probs[cells, 0].mean()) for frame in frames]
        rows.append(Row("(all)", trail[-1], trail))
        gap = sorted(sorted(cells, key=lambda cell: -frames[-1].entropy[cell])[: MOST - 1])
    for cell in gap:
        trail = [float(frame.top_probs[cell, 0]) for frame in frames]
        rows.append(Row(recording.lexicon.piece(frames[-1].guess[cell]), trail[-1], trail))
    return rows


def drawn(recordings: Sequence[Recording], gap: Sequence[int]) -> list[Row]:
    """The rows of a gap over several draws: how often it was filled so, or how likely that was at the end."""
    return [
        Row(word.text, word.share if word.probability is None else word.probability, (), word.spread)
        for word in tally(recordings, gap)
        if word.share or (word.probability or 0) > 0.005
    ]


def _odds(lexicon: Lexicon, frame: Frame, cell: int) -> dict[str, float]:
    """The candidates of a cell, by word: several tokens may be the same one."""
    odds: dict[str, float] = {}
    for token, share in zip(frame.top_ids[cell].tolist(), frame.top_probs[cell].tolist(), strict=True):
        if share > 0:
            word = lexicon.piece(token).strip() or lexicon.piece(token)
            odds[word] = odds.get(word, 0.0) + share
    return odds
