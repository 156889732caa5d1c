"""Duo: how two runs stand side by side, A and B, shown in Sides: those on screen, or those for a picture.

Knows no playhead and no session.
"""

from __future__ import annotations

from collections.abc import Callable

from app.run.apart import Marks, different
from app.run.family import done
from app.run.shades import colour
from app.words import stepped
from engine.values.axis import Axis
from engine.values.metrics import Meter
from engine.values.quality import LABEL, in_words
from engine.values.recording import Recording
from engine.values.settings import counted, knobs
from engine.values.words.letters import one_line
from widgets.headline import number
from widgets.sides import Side, Sides

SAME = "the same prompt and knobs"
NONE = (Marks(frozenset(), frozenset(), 0, 0),) * 2
WAY = "Dotted: cells in which both have settled on something else."  # as long as one of them goes on


class Duo:
    """Puts two runs into Sides. B is missing as long as it is waited for."""

    def __init__(self, view: Sides, grows: Callable[[Recording], bool] = lambda run: False) -> None:
        """`grows` says which run is still written."""
        self.view, self.runs, self.order = view, {}, "AB"  # the latter from left to right
        self.coloured = False  # whether words have the colour of their surprise
        self._grows = grows
        self._meters: dict[str, Meter] = {}
        self._adopted: dict[str, Recording] = {}
        self._pair: tuple = ()  # the frames whose differences are marked

    def begin(self, a: Recording) -> None:
        """Another A, and no B yet."""
        self.runs, self.order, self._adopted, self._pair = {"A": a}, "AB", {}, ()
        self._meters = {"A": Meter(a)}
        self.tell()

    def take(self, b: Recording) -> None:
        """B is another one now; it may still be written."""
        self.runs["B"], self._meters["B"], self._pair = b, Meter(b), ()
        self.tell()

    def swap(self) -> None:
        """Left becomes right."""
        self.order, self._adopted, self._pair = self.order[::-1], {}, ()
        self.tell()

    def renew(self) -> None:
        """One of them is over: the type may be another."""
        self._adopted = {}

    def side(self, letter: str) -> Side:
        return self.view.sides[self.order.index(letter)]

    def told(self) -> str:
        """Both as plain text: what is different, what was measured, what was written."""
        parts = [self.view.caption]
        for letter, run in self.runs.items():
            numbers = self._numbers(letter, len(run.frames) - 1) if run.frames else ""
            title = self._title(letter)
            parts.append("\n".join(filter(None, (f"{letter}: {title}", numbers, _quality(run), run.text()))))
        return "\n\n".join(parts)

    def show(self, at: list[int]) -> None:
        """The frames of both that stand at a moment; -1 before the first."""
        for letter, index in zip("AB", at, strict=True):
            run, side = self.runs.get(letter), self.side(letter)
            if run is None or index < 0:
                side.show_frame(None)
                side.set_numbers("")
                continue
            self._adopt(letter)
            side.show_frame(run.frames[index], run.previous(index), run.finished(index))
            side.set_numbers(self._numbers(letter, index), _quality(run), LABEL)
        known = any(_quality(run) for run in self.runs.values())
        about = any(_about(run, other) for run, other in self._both())
        for side in self.view.sides:
            side.show_lines(about, known)
        self._mark(at)

    def colour(self, at: list[int], on: bool) -> None:
        """Whether the words of the frames that stand at a moment have the colour of their surprise."""
        for letter, index in zip("AB", at, strict=True):
            colour(self.side(letter).canvas, self.runs[letter], index, on, brief=True)

    def _adopt(self, letter: str) -> None:
        """Tell a canvas whose frames it shows, in type that suits both."""
        run, canvas = self.runs[letter], self.side(letter).canvas
        if self._adopted.get(letter) is not run:
            self._adopted[letter] = run
            canvas.set_lexicon(run.lexicon)
            canvas.set_run(run.frames, over=not self._grows(run))
            both = [each for each in self.runs.values() if each.frames]
            canvas.set_lane(max(len(frame.ids) for each in both for frame in each.last_frames()))
            over = len(both) == 2 and not any(map(self._grows, both))
            canvas.set_readings([each.frames[-1] for each in both] if over else ())

    def _mark(self, at: list[int]) -> None:
        """The words, or cells, that the other has not."""
        a, b = self.runs["A"], self.runs.get("B")
        pair = () if b is None or min(at) < 0 else (a.frames[at[0]], b.frames[at[1]])
        if pair and (*pair, self.coloured) == self._pair:
            return
        self._pair = (*pair, self.coloured)
        marks, note = noted(a, at[0], b, at[1]) if pair else (NONE, WAY)
        for letter, mark in zip("AB", marks, strict=True):
            self.side(letter).canvas.set_different(mark.cells, mark.before)
        coloured = self.coloured and any(frame.stop for frame in pair)
        self.view.set_note(f"{note} Colours: {LABEL}." if coloured else note)

    def _numbers(self, letter: str, index: int) -> str:
        run, moment = self.runs[letter], self._meters[letter].at(index)
        rate = number(moment.rate)
        return f"{stepped(run, index)}   \u00b7   {moment.seconds:.2f} s   \u00b7   {rate} tok/s"

    def _both(self) -> list[tuple[Recording, Recording | None]]:
        a, b = self.runs["A"], self.runs.get("B")
        return [(a, b), *([(b, a)] if b is not None else [])]

    def _title(self, letter: str) -> str:
        """What is different in one of both."""
        run, other = (self.runs.get(each) for each in (letter, "AB".replace(letter, "")))
        if run is None:
            return "the next run"
        return SAME if other is None else own(run, other)

    def tell(self) -> None:
        """What is different in each, and what is not."""
        a, b = self.runs["A"], self.runs.get("B")
        for letter, other in (("A", b), ("B", a)):
            run = self.runs.get(letter)
            self.side(letter).set_words(letter, self._title(letter), "" if run is None else _about(run, other))
        same = b is None or one_line(a.prompt) == one_line(b.prompt)
        seed = f"seed {a.settings.seed}" if b is None or a.settings.seed == b.settings.seed else ""
        words = [one_line(a.prompt) if same else "Two prompts", seed]
        self.view.set_caption("  \u00b7  ".join(filter(None, words)))


def titles(a: Recording, b: Recording) -> tuple[str, str]:
    """What each of two runs has otherwise than the other."""
    return own(a, b), own(b, a)


def noted(a: Recording, at: int, b: Recording, there: int) -> tuple[tuple[Marks, Marks], str]:
    """What is marked of either run in two of their frames, and what that is, in words."""
    marks = different(a, at, b, there)
    if not (a.frames[at].stop and b.frames[there].stop):
        return marks, WAY
    if not any(mark.words for mark in marks):
        return marks, "The texts are the same."
    told = " and ".join(f"{mark.words} of {counted(mark.of, 'word')}" for mark in marks)
    return marks, f"Dotted: words that the other text has not, {told}."


def own(run: Recording, other: Recording) -> str:
    """What a run has otherwise than another, in a few words."""
    if run.parent and run.parent[0] == other.id:
        return done(run, other)
    if other.parent and other.parent[0] == run.id:
        return "the run before"
    differ = [
        (name, knob)
        for name, knob in knobs().items()
        if not knob.screen and getattr(run.settings, name) != getattr(other.settings, name)
    ]
    parts = [f"{knob.label} {Axis(name, (getattr(run.settings, name),)).shown[0]}" for name, knob in differ]
    parts += ["knobs moved on the way"] if run.edits() else []
    return " \u00b7 ".join(parts) or SAME


def _about(run: Recording, other: Recording | None) -> str:
    """Prompt, model and device of a run, where those of the other are not the same."""
    if other is None:
        return ""
    named = (one_line(run.prompt), one_line(other.prompt))
    pairs = (named, (run.model, other.model), (run.device, other.device))
    return "  \u00b7  ".join(mine for mine, theirs in pairs if mine != theirs)


def _quality(run: Recording) -> str:
    """How surprising its text is, if somebody has asked."""
    quality = run.quality
    if quality is None or not quality.tokens:
        return ""
    return "   \u00b7   ".join(in_words(quality.mean, quality.share))
