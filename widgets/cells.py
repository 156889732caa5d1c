"""Cells: what each cell of a canvas shows: its text, its look, how unsure it is. Knows no Qt and no layout."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from engine.values.frame import KEPT, PINNED, Frame, Lexicon, marks
from engine.values.words import calls
from engine.values.words.letters import harmless
from engine.values.words.reply import called, thoughts

# How a cell looks: one of the marks of engine.values.frame, or one of these.
AFTER, END, CONTROL, PILL, HIDDEN = range(PINNED + 1, PINNED + 6)

LEVELS = 32  # shades of the entropy ramp
PILLS = 40  # signs of what stands for a tool call
UNSURE = 5.0  # nats from which on a cell has the ramp's last colour
NOTHING = np.empty(0, np.int32)
_LEAD = re.compile(r"\A\n*( (?! ))?")  # the space of a word by itself; more of them are an indentation
SIGNS = {"\n": "⏎", "\t": "⇥", " ": "␣", "\r": "⏎"}  # what stands for a token that is only white space


@dataclass(frozen=True)
class Cells:
    """C cells, ready to be laid out. `noise` cells hold a random token; the others are text to be read."""

    texts: Sequence[str]  # settled cells joined give the text; a noise cell's is one short word
    looks: Sequence[int]
    noise: Sequence[bool]
    levels: Sequence[int]  # shade of the entropy ramp, 0 (sure) to LEVELS - 1
    thought: Sequence[bool]  # part of what the model thought before it answered, or of a tool call
    # Where a thought or a tool call begins that can be folded, and its name: those of a text that stands.
    handles: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def alive(self) -> int:
        """How many cells come before nothing but padding; the end is one of them."""
        return next((at + 1 for at in reversed(range(len(self.looks))) if self.looks[at] != AFTER), 0)

    @cached_property
    def rest(self) -> str:
        """In words, what comes after those: the end, if it is known, and how many cells."""
        left = len(self) - self.alive
        words = ["end"] if self.alive and self.looks[self.alive - 1] == END else []
        return " · ".join([*words, *([f"{left} cell{'s' * (left != 1)} left"] if left else [])])

    def folded(self) -> Cells:
        """The same, of a text that stands, with each thought and each tool call as one cell, its handle: the others
        take no room."""
        looks = [HIDDEN if of else look for look, of in zip(self.looks, self.thought, strict=True)]
        texts = list(self.texts)
        for cell, name in self.handles.items():
            looks[cell], texts[cell] = PILL, name
        return replace(self, texts=texts, looks=looks)


def running(lexicon: Lexicon, frame: Frame, previous: Frame | None, past: np.ndarray = NOTHING) -> Cells:
    """The cells of a canvas as this step left it; of an ended canvas, the text that it committed.

    `past` are the ids of the canvases before: a thought may have begun there.
    """
    noise = ~frame.settled
    looks = np.full(len(noise), KEPT, np.uint8) if frame.stop else marks(previous, frame)
    control = ~noise & np.isin(frame.shown, list(lexicon.special))
    looks[control] = CONTROL
    thought = _aside(lexicon, np.concatenate([past, frame.known]))[len(past) :]
    opens = (*(lexicon.channel or ()), *(lexicon.call or ()))
    text = np.flatnonzero(~noise & (~control | np.isin(frame.shown, opens)))
    looks[control & (np.arange(len(looks)) > text.max(initial=-1))] = AFTER  # padding often comes before the end
    end = lexicon.extent(frame)
    looks[end + 1 :] = AFTER
    if end < len(looks):
        looks[end] = END
    thought[end:] = False
    texts = _texts(lexicon, frame.shown.tolist(), noise.tolist())
    shades = levels(frame.entropy).tolist() if frame.told else [0] * len(noise)
    handles = _handles(lexicon, frame.shown, thought) if frame.stop else {}
    return Cells(texts, looks.tolist(), noise.tolist(), shades, thought.tolist(), handles)


def settled(lexicon: Lexicon, ids: np.ndarray) -> Cells:
    """The cells of finished canvases, up to the end of their text."""
    ids = ids[: lexicon.end(ids)]
    off = [False] * len(ids)
    looks = np.where(np.isin(ids, list(lexicon.special)), CONTROL, KEPT)
    thought = _aside(lexicon, ids)
    handles = _handles(lexicon, ids, thought)
    texts = _texts(lexicon, ids.tolist(), off)
    return Cells(texts, looks.tolist(), off, [0] * len(ids), thought.tolist(), handles)


def _aside(lexicon: Lexicon, ids: np.ndarray) -> np.ndarray:
    """bool [C]: what is no answer: a thought, or a tool call."""
    return thoughts(lexicon, ids) | called(lexicon, ids)


def _handles(lexicon: Lexicon, ids: np.ndarray, aside: np.ndarray) -> dict[int, str]:
    """The cells that open a thought or a tool call, and what stands for it when it is folded."""
    found: dict[int, str] = {}
    if lexicon.channel is not None:
        found |= dict.fromkeys(np.flatnonzero(aside & (ids == lexicon.channel[0])).tolist(), "thought")
    if lexicon.call is not None:
        for begin in np.flatnonzero(called(lexicon, ids) & (ids == lexicon.call[0])).tolist():
            closes = np.flatnonzero(ids[begin:] == lexicon.call[1])
            end = begin + int(closes[0]) if closes.size else len(ids)
            name = calls.read(lexicon.spelled(ids[begin + 1 : end]).strip()).line()
            found[begin] = name if len(name) <= PILLS else name[: PILLS - 1] + "\u2026"
    return found


def levels(entropy: np.ndarray) -> np.ndarray:
    """int [C]: shades of the ramp. The root spreads out the low entropies, where acceptance is decided."""
    share = np.sqrt(np.clip(np.nan_to_num(entropy, nan=UNSURE), 0, UNSURE) / UNSURE)
    return np.rint(share * (LEVELS - 1)).astype(int)


def copied(lexicon: Lexicon, ids: np.ndarray, noise: np.ndarray, thought: np.ndarray) -> str:
    """The settled answer among `ids` [C]; of a selection that is all `thought`, the thought. A run of noise becomes
    one ellipsis."""
    stop = lexicon.end(np.where(noise, -1, ids))
    ids, noise, thought = ids[:stop], noise[:stop], thought[:stop]
    kept = thought.all() | ~thought
    ids, noise = ids[kept], noise[kept]
    text, start = "", 0
    for cut in [*(np.flatnonzero(np.diff(noise)) + 1).tolist(), len(ids)]:
        text += " …" if cut > start and noise[start] else lexicon.text(ids[start:cut])
        start = cut
    return _LEAD.sub("", text).rstrip()


@lru_cache(8192)
def short(piece: str) -> str:
    """A token as one word without white space at its ends, for a cell or a table."""
    shown = piece.strip() or "".join(SIGNS.get(sign, "") for sign in piece)
    return "".join(SIGNS.get(sign, sign) for sign in shown if sign in SIGNS or harmless(sign)) or "·"


def _texts(lexicon: Lexicon, ids: list[int], noise: list[bool]) -> list[str]:
    """Texts a cell. A character whose bytes lie in several settled cells goes to the last of them."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    texts: list[str] = []
    reading = False
    for token, open_ in zip(ids, noise, strict=True):
        piece = lexicon.pieces.get(token, b"?")
        if open_ or token in lexicon.special:
            if reading:
                _flush(decoder, texts)
            texts.append(_word(piece))
            reading = False
        else:
            texts.append(_readable(decoder.decode(piece)))
            reading = True
    _flush(decoder, texts)
    return texts


@lru_cache(8192)
def _word(piece: bytes) -> str:
    """A token as one word; a byte that is no character by itself by its number."""
    text = piece.decode("utf-8", "replace")
    return f"\\x{piece.hex()}" if text == "�" else short(text)


def _flush(decoder: codecs.IncrementalDecoder, texts: list[str]) -> None:
    if rest := decoder.decode(b"", final=True):
        texts[-1] += rest
    decoder.reset()


def _readable(text: str) -> str:
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")
