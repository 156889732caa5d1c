"""Babel: a recording whose canvas is noise of every script, to measure how a large vocabulary is painted.

It says nothing about a model: ids, entropies and times are drawn at random.
"""

from __future__ import annotations

import sys
import unicodedata

import numpy as np

from engine.values.frame import Frame, Lexicon
from engine.values.recording import Recording
from engine.values.settings import Settings

PIECES = 262_144  # as many as DiffusionGemma's vocabulary has
LONGEST = 6  # characters of a piece
LATIN = 0.45  # share of the pieces
NEIGHBOURS = 40  # characters of one piece are near each other, as those of one script are
HELD = 48.0  # steps until all is held


def babel(steps: int, cells: int = 256) -> Recording:
    """A run of so many steps, in which ever more cells are held."""
    dice = np.random.default_rng(0)
    lexicon, settings = _lexicon(dice), Settings()
    text, order = dice.integers(2, PIECES, cells), dice.random(cells)
    recording = Recording("", settings, "every script", "none", lexicon, outcome="finished")
    for step in range(steps):
        held = order < step / HELD
        ids = np.where(held, text, dice.integers(2, PIECES, cells)).astype(np.int32)
        entropy = dice.exponential(1.5, cells).astype(np.float32)
        nothing = np.zeros((cells, 8), np.int32), np.zeros((cells, 8), np.float32)
        recording.append(
            Frame(0, step, 0.06 * step + 0.06, 0.05, 0.01, 0.5, ids, ids, held, entropy, *nothing, settings)
        )
    return recording


def _lexicon(dice: np.random.Generator) -> Lexicon:
    signs = [chr(code) for code in range(0x21, sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "LNSM"]
    pieces = {0: b"", 1: b"<end>"}
    starts = np.where(dice.random(PIECES) < LATIN, 30, dice.integers(0, len(signs) - NEIGHBOURS, PIECES))
    places = starts[:, None] + dice.integers(0, NEIGHBOURS, (PIECES, LONGEST))
    lengths, spaces = dice.integers(1, LONGEST + 1, PIECES).tolist(), (dice.random(PIECES) < 0.5).tolist()
    for token, row in enumerate(places[2:].tolist(), 2):
        word = "".join(signs[place] for place in row[: lengths[token]])
        pieces[token] = f"{' ' if spaces[token] else ''}{word}".encode()
    return Lexicon(pieces, frozenset({1}), frozenset({0, 1}))
