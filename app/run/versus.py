"""Versus: two runs on screen, A and B, held together by steps, by their clocks, or by the share that is done.

B may still be written: what the session runs while this is on screen takes its place. Knows no window.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.run.apart import Marks, different
from app.run.clock import Clock, Shares, Steps, Timeline
from app.run.family import done
from app.run.session import Session
from app.words import ending, kind, stepped
from engine.values.axis import Axis
from engine.values.metrics import Meter
from engine.values.quality import LABEL, in_words
from engine.values.recording import Recording
from engine.values.settings import counted, knobs
from widgets.canvas import Canvas
from widgets.headline import number
from widgets.sides import LOCKS, Side, Sides
from widgets.status import Status
from widgets.transport import SECONDS, SHARES, STEPS

LINES = {"step": (Steps, STEPS), "clock": (Timeline, SECONDS), "share": (Shares, SHARES)}
READING, SAME = "Reading the prompt\u2026", "the same prompt and knobs"


class Versus(QObject):
    """Owns the playhead and the widget that show two runs, from the wish to compare until it is left."""

    switched = Signal()  # two runs are shown, or were left
    moved = Signal()  # others, or other frames of them, are on screen

    def __init__(self, session: Session, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.player = Sides(), Clock(self)
        self.shown = self.coloured = False  # and whether words have the colour of their surprise
        self.runs: dict[str, Recording] = {}  # by letter; B is missing as long as it is waited for
        self._order, self._lock = "AB", "step"  # from left to right
        self._meters: dict[str, Meter] = {}
        self._adopted: dict[str, Recording] = {}
        self._pair: tuple = ()  # the frames whose differences are marked
        self._session, self._status = session, status
        self._wire()

    def _wire(self) -> None:
        player, view, transport = self.player, self.view, self.view.transport
        player.obey(transport)
        connections = [
            (transport.speed_chosen, player.set_speed),
            (view.lock_chosen, self.set_lock),
            (view.swap_wished, self.swap),
            (view.blink_wished, self.blink),
            (view.leave_wished, self.leave),
            (player.moved, self._show),
            (player.changed, self._show_playhead),
            (self._session.grew, self._grew),
            (self._session.ended, self._ended),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    # Wishes

    def compare(self, a: Recording, b: Recording) -> None:
        """Show two runs side by side, as they ended. One may be the run that goes on: then it is B."""
        if a is b or not a.frames or not (b.frames or self._grows(b)):
            return self._status.say("There are no two texts to compare yet.", "info")
        a, b = (b, a) if self._grows(a) else (a, b)
        self._open(a)
        self._take(b)
        return None

    def hold(self, a: Recording) -> None:
        """Keep a run as A: what runs next becomes B."""
        self._open(a)
        self._side("B").canvas.set_message(READING)
        self._show_frames([len(a.frames) - 1, -1])

    def swap(self) -> None:
        """Left becomes right."""
        if self.shown:
            self._order, self._adopted, self._pair = self._order[::-1], {}, ()
            self._tell()
            self._show(self.player.index)

    def blink(self) -> None:
        """Both in one place, one after the other, or side by side again."""
        if self.shown:
            self.view.set_blink(not self.view.blinking)

    def next_lock(self) -> None:
        """Hold both together by the next of the three."""
        if self.shown:
            names = list(LOCKS)[: 2 if self._grows(self.runs.get("B")) else 3]
            self.set_lock(names[(names.index(self._lock) + 1) % len(names)])

    def set_lock(self, name: str) -> None:
        """Hold both together by a key of LOCKS, at the place that is on screen."""
        self._lock = name
        self.view.set_lock(name)
        if not self.shown or "B" not in self.runs:
            return
        old, index = self.player.recording, self.player.index
        ended = index >= self.player.last
        self._line()
        most = max(range(2), key=lambda at: len(old.runs[at].frames))
        now = old.at(index)[most]
        line = self.player.recording
        places = (at for at in range(len(line.frames)) if line.at(at)[most] >= now)
        live = self.player.live
        self.player.seek(self.player.last if ended else next(places, 0))
        if live:
            self.player.go_live()

    def leave(self) -> None:
        """Back to the one canvas, as it was."""
        if self.shown:
            self.shown = False
            self.player.begin(None, None)  # a run that goes on goes on
            self.view.set_blink(False)
            self.switched.emit()
            if recording := self._session.recording:
                self._status.say(ending(recording) if recording.outcome else "Running.", kind(recording))

    @property
    def waits(self) -> bool:
        """Whether there is no B yet."""
        return self.shown and "B" not in self.runs

    @property
    def newest(self) -> Recording:
        """B, or A as long as there is no other."""
        return self.runs.get("B", self.runs["A"])

    def seen(self) -> list[tuple[Recording, int, Canvas]]:
        """The recordings on screen, which of their frames, and where."""
        at = self.player.recording.at(self.player.index) if "B" in self.runs else [len(self.runs["A"].frames) - 1]
        return [
            (self.runs[letter], index, self._side(letter).canvas) for letter, index in zip("AB", at, strict=False)
        ]

    def told(self) -> str:
        """Both as plain text: what is different, what was measured, what was written."""
        parts = [self.view.caption]
        for letter, run in self.runs.items():
            numbers = self._numbers(letter, len(run.frames) - 1) if run.frames else ""
            title = self._title(letter)
            parts.append("\n".join(filter(None, (f"{letter}: {title}", numbers, _quality(run), run.text()))))
        return "\n\n".join(parts)

    # What is shown

    def _open(self, a: Recording) -> None:
        self.runs, self._order, self._adopted, self._pair = {"A": a}, "AB", {}, ()
        self._meters = {"A": Meter(a)}
        if not self.shown:
            self.shown = True
            self.switched.emit()
        self._tell()

    def _take(self, b: Recording) -> None:
        """B is another one now; it may still be written."""
        self.runs["B"], self._meters["B"], self._pair = b, Meter(b), ()
        self._tell()
        gate = self._session.live if self._grows(b) else None
        if gate is not None and self._lock == "share":
            self._lock = "step"
            self.view.set_lock("step")
        self._line()
        self.player.begin(self.player.recording, gate)
        if gate is None:
            self.player.seek(self.player.last)

    def _line(self) -> None:
        """Another way of holding both together."""
        line, units = LINES[self._lock]
        b = self.runs["B"]
        self.view.transport.set_units(units)
        self.view.allow_share(not self._grows(b))
        self.player.set_speed(0.0)
        self.player.recording = line([self.runs["A"], b], b if self._grows(b) else None)

    def _grows(self, run: Recording | None) -> bool:
        session = self._session
        return run is not None and not run.outcome and run is session.recording and session.live is not None

    def begin(self) -> None:
        """There is another run, or recording: one that is written takes the place of B."""
        if self.shown and self._session.live is not None:
            self._side("B").canvas.set_message(READING)
            self._take(self._session.recording)

    def _grew(self) -> None:
        if self.shown and self._grows(self.runs.get("B")):
            self.player.recording.grow()
            self.player.grew()

    def _ended(self) -> None:
        """B is whole: now it is known where both end."""
        b = self.runs.get("B")
        if not self.shown or b is not self._session.recording or self._session.replaced:
            return
        speed = self.player.speed
        self._adopted = {}
        if not b.frames:
            self._side("B").canvas.set_message(ending(b))
        self._line()
        self.player.finish()
        self.player.set_speed(speed)
        self.view.transport.set_speed(speed)
        self._show(self.player.index)

    def _side(self, letter: str) -> Side:
        return self.view.sides[self._order.index(letter)]

    def _show(self, index: int) -> None:
        if self.shown and "B" in self.runs and self.player.recording is not None:
            self._show_frames(self.player.recording.at(index))
            self._show_playhead()

    def set_coloured(self, on: bool) -> None:
        """Whether words have the colour of their surprise: then it is told what that is."""
        self.coloured = on
        self.refresh()

    def refresh(self) -> None:
        """What is known of the texts has changed."""
        self._show(self.player.index)

    def _show_frames(self, at: list[int]) -> None:
        for letter, index in zip("AB", at, strict=True):
            run, side = self.runs.get(letter), self._side(letter)
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
        self.moved.emit()

    def _adopt(self, letter: str) -> None:
        """Tell a canvas whose frames it shows, in type that suits both."""
        run, canvas = self.runs[letter], self._side(letter).canvas
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
        marks = different(a, at[0], b, at[1]) if pair else (Marks(frozenset(), frozenset(), 0, 0),) * 2
        for letter, mark in zip("AB", marks, strict=True):
            self._side(letter).canvas.set_different(mark.cells, mark.before)
        note = _note(marks, bool(pair) and all(frame.stop for frame in pair))
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

    def _tell(self) -> None:
        """What is different in each, and what is not."""
        a, b = self.runs["A"], self.runs.get("B")
        for letter, other in (("A", b), ("B", a)):
            run = self.runs.get(letter)
            self._side(letter).set_words(letter, self._title(letter), "" if run is None else _about(run, other))
        same = b is None or " ".join(a.prompt.split()) == " ".join(b.prompt.split())
        seed = f"seed {a.settings.seed}" if b is None or a.settings.seed == b.settings.seed else ""
        words = [" ".join(a.prompt.split()) if same else "Two prompts", seed]
        self.view.set_caption("  \u00b7  ".join(filter(None, words)))

    def _show_playhead(self) -> None:
        player = self.player
        if self.shown and player.recording is not None:
            shown = max(player.index, 0), player.last + 1, player.playing, player.live
            self.view.transport.set_state(*shown, self._most())

    def _most(self) -> int:
        """Steps that there may be at most, of both; 0 where all are there, or nobody knows."""
        a, b = self.runs["A"], self.runs.get("B")
        if not self._grows(b) or self._lock != "step" or b.settings.proofread:
            return 0
        return max(len(a.frames), b.settings.steps * b.settings.canvases)


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
    named = (" ".join(run.prompt.split()), " ".join(other.prompt.split()))
    pairs = (named, (run.model, other.model), (run.device, other.device))
    return "  \u00b7  ".join(mine for mine, theirs in pairs if mine != theirs)


def _quality(run: Recording) -> str:
    """How surprising its text is, if somebody has asked."""
    quality = run.quality
    if quality is None or not quality.tokens:
        return ""
    return "   \u00b7   ".join(in_words(quality.mean, quality.share))


def _note(marks: tuple[Marks, Marks], stand: bool) -> str:
    if not stand:
        return "Dotted: cells in which both have settled on something else."
    if not any(mark.words for mark in marks):
        return "The texts are the same."
    told = " and ".join(f"{mark.words} of {counted(mark.of, 'word')}" for mark in marks)
    return f"Dotted: words that the other text has not, {told}."
