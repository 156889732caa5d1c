"""Hands: what people do to the words on the canvas: pin, melt, keep, type over, and go on from there.

On a run that goes on it applies from the next step. On anything else it begins a branch, but for pins: those wait,
with a mark, for what sets it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from app.run import hands
from app.run.family import Family
from app.run.hands import Force, Pins
from app.run.session import Session
from app.run.stage import Stage
from app.tasks import Tasks
from app.words import short
from engine.values.edit import Edit
from engine.values.frame import Frame
from engine.values.settings import counted, knobs
from widgets.handbar import Handbar
from widgets.knobs import Knobs
from widgets.odds import percentage, visible
from widgets.retype import Retype
from widgets.status import Status

SELECT = "Select words on the canvas first: drag over them, or click one."


class Hands(QObject):
    """Stands between the canvas and the session."""

    gap_wished = Signal(str)  # the text on screen, with a gap where words are selected

    def __init__(
        self, session: Session, stage: Stage, family: Family, panel: Knobs, status: Status, tasks: Tasks
    ) -> None:
        super().__init__(stage)
        self._session, self._stage, self._family, self._panel = session, stage, family, panel
        self._status, self._tasks = status, tasks
        self._canvas, self._player = stage.canvas, stage.player
        self._waiting: dict[int, int | None] = {}  # pins that no frame has yet; None: to be let go
        self._about = ""  # the id of the recording whose pins wait
        self._told: list[int] = []  # the cells that the bar is about
        self._news = ""  # what begins the run that begins next
        self.bar, self.box = Handbar(self._canvas), Retype(self._canvas)
        self._wire()

    def _wire(self) -> None:
        connections = [
            (self._canvas.selected, self.show),
            (self._canvas.menu_wished, self._fill),
            (self.bar.pin_wished, self.pin),
            (self.bar.melt_wished, self.melt),
            (self.bar.keep_wished, self.keep),
            (self.bar.type_wished, self.type_over),
            (self.bar.gap_wished, self.make_gap),
            (self._stage.token.lanes.kept, self.keep_candidate),
            (self._stage.pair.kept, self.keep_candidate),
            (self.box.typed, lambda text, rest: self._tasks.start(self._type(text, rest))),
            (self.box.closed, self.show),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    # Wishes

    def pin(self) -> None:
        """Pin the selected words, or let them go if all are pinned."""
        frame, cells = self._chosen()
        if frame is None or not cells:
            return
        held = self._held()
        if all(cell in held for cell in cells):
            self._wait(dict.fromkeys(cells))
            self._say(f"Let go: {self._quoted(cells)}.", True)
        else:
            self._wait({cell: self._token(frame, cell) for cell in cells})
            self._say(f"Pinned: {self._quoted(cells)}.", True)

    def clear(self) -> None:
        """Let go of all pins."""
        held = self._held() if self._frame() is not None else {}
        if not held:
            return self._status.say("Nothing is pinned.", "info")
        self._wait(dict.fromkeys(held))
        return self._say("All pins are cleared.", True)

    def melt(self) -> None:
        """Make noise of the selected words, or of some of them."""
        frame, cells = self._chosen()
        if frame is not None and cells:
            melted = hands.some(cells, self.bar.strength, self._panel.settings().seed)
            self._apply(hands.change(self._waiting, melted), f"Melted: {counted(len(melted), 'cell')}.")

    def keep(self) -> None:
        """Keep the selected words only: all else forms anew."""
        frame, cells = self._chosen()
        if frame is not None and cells:
            pins = {cell: self._token(frame, cell) for cell in cells}
            edit = hands.alone(frame, self._force(), pins, self._waiting)
            self._apply(edit, f"Kept: {self._quoted(cells)}.")

    def type_over(self) -> None:
        """Open the box in which other words are typed."""
        frame, cells = self._chosen()
        if frame is not None and cells:
            self.bar.hide()
            self.box.open_at(self._canvas.rect_of_all(cells), self._text(cells).strip())

    def keep_candidate(self, cell: int, id: int) -> None:
        """A cell is to hold another token that was considered for it."""
        if self._frame() is not None:
            word = self._stage.recording.lexicon.piece(id)
            self._apply(hands.change(self._waiting, (), {cell: id}), f"“{short(word)}” is pinned.")

    def make_gap(self) -> None:
        """Ask what could stand where words are selected, between all the rest."""
        frame, cells = self._chosen()
        if frame is not None and cells:
            self._leave()
            self.gap_wished.emit(hands.with_gap(self._stage.recording.lexicon, frame, cells))

    def go_on(self) -> None:
        """Go on from the step on screen, with the knobs and the pins as they are now."""
        if self._frame() is not None:
            self._apply(hands.change(self._waiting), "Going on from here.")

    async def _type(self, text: str, rest: bool) -> None:
        """Put words in the place of the selected ones; `rest`: all others form anew."""
        frame, cells = self._chosen()
        if frame is None or not cells:
            return None
        ids = await self._session.reader.spell(self._spaced(cells, text))
        if frame is not self._shown():
            frame = self._shown()  # it goes on; the cells are the same
        room = len(frame.ids) - cells[0]
        if len(ids) > room:
            return self._status.say(f"{len(ids)} tokens do not fit into {counted(room, 'cell')}.", "error")
        said = f"“{short(text)}” is pinned"
        if rest:
            edit = hands.alone(frame, self._force(), dict(enumerate(ids, cells[0])), self._waiting)
            said += ": all else forms anew."
        elif frame.stop:
            edit = hands.spliced(frame, self._force(), cells, ids, self._waiting)
            said += f", {_sizes(ids, cells)}: what stands behind moved along." if len(ids) != len(cells) else "."
        else:
            edit = hands.written(cells, ids, self._waiting)
            said += _spread(ids, cells)
        return self._apply(edit, said)

    # What it comes to

    def _apply(self, edit: Edit, said: str) -> None:
        """Do it: in the run that goes on, or as a branch."""
        session, recording, index = self._session, self._stage.recording, self._player.index
        if self._grows():
            session.touch(edit)
            self._waiting = {}
            self._leave()
            return self._status.say(f"{said} From the next step on.", "info")
        if session.model is None or session.model.name != recording.model:
            words = f"Only {recording.model} can go on with this recording: load it first."
            return self._status.say(words, "error")
        frame, settings = recording.frames[index], self._panel.settings()
        force, self._waiting = self._force(), {}
        if not frame.stop:
            live = {name: getattr(settings, name) for name, knob in knobs().items() if knob.live}
            work = session.branch(recording, index + 1, replace(recording.settings, **live), (edit,))
        elif frame.canvas == 0:
            seed = settings.seed + self._family.generation(recording) + 1  # the same words would become the same
            settings = replace(settings, seed=seed % 2**31)
            work = session.run(recording.question, settings, (hands.anew(frame, force, edit),), recording)
        else:
            first = next(at for at, other in enumerate(recording.frames) if other.canvas == frame.canvas)
            work = session.branch(recording, first, recording.settings, (hands.anew(frame, force, edit),))
        self._news = said
        self._leave()  # the words are to be read now
        self._tasks.start(work)
        return None

    def _leave(self) -> None:
        """Nothing is selected any more; the canvas has the focus that the bar had."""
        self._canvas.setFocus()
        self._canvas.let_go()

    def tell(self) -> None:
        """A run has begun: say what it began with."""
        if self._news and self._session.recording.parent:
            self._status.say(self._news, "info")
        self._news = ""

    def _wait(self, pins: dict[int, int | None]) -> None:
        """Pins that the next step is to have."""
        self._canvas.setFocus()
        self._waiting |= pins
        if self._grows():
            self._session.touch(hands.change(pins))
        self.show()

    def _say(self, said: str, pins: bool) -> None:
        where = "From the next step on." if self._grows() else "Melt other words, or go on from here."
        self._status.say(f"{said} {where}" if pins else said, "info")

    # What there is

    def _shown(self) -> Frame | None:
        """The frame on screen."""
        recording, index = self._stage.recording, self._player.index
        return recording.frames[index] if recording is not None and 0 <= index < len(recording.frames) else None

    def _frame(self) -> Frame | None:
        """The frame on screen, if hands can change it; if not, it is said why."""
        frame = self._shown()
        if frame is None or not self._canvas.isVisible():
            self._status.say("There is no text to change: run a prompt first.", "info")
        elif not frame.told:
            self._status.say("A server tells no steps, so its text cannot be changed.", "error")
        elif not self._told_of(frame):
            self._status.say("A text that was written token by token cannot be changed.", "error")
        else:
            return frame
        return None

    @property
    def can_change(self) -> bool:
        """Whether there is a frame on screen that hands can change."""
        frame = self._shown()
        return frame is not None and self._canvas.isVisible() and self._told_of(frame)

    @property
    def can_go_on(self) -> bool:
        """Whether the model that made it is there, too."""
        model = getattr(self._session.model, "name", "")
        return self.can_change and (self._grows() or model == self._stage.recording.model)

    @property
    def selects(self) -> bool:
        """Whether words are selected that hands can change."""
        return self.can_change and bool(self._canvas.selection)

    @property
    def pins(self) -> bool:
        """Whether there are pins to be let go."""
        return self.can_change and bool(self._held())

    def _chosen(self) -> tuple[Frame | None, list[int]]:
        """That, with the cells that are selected; if there are none, it is said."""
        frame, cells = self._frame(), self._canvas.selection
        if frame is not None and not cells:
            self._status.say(SELECT, "info")
        return frame, cells

    def _grows(self) -> bool:
        """Whether the run goes on from the frame on screen."""
        player = self._player
        return self._session.live is not None and (player.live or player.index == player.last)

    def _force(self) -> Force:
        return hands.in_force(self._stage.recording, self._player.index)

    def _held(self) -> Pins:
        """All that is pinned, or will be."""
        pins = self._force().pins | self._waiting
        return {cell: id for cell, id in pins.items() if id is not None}

    def _token(self, frame: Frame, cell: int) -> int:
        """What a pin holds: the word in a cell, or of a noisy one the model's best guess."""
        held = self._waiting.get(cell)
        return int(frame.shown[cell] if frame.settled[cell] else frame.guess[cell]) if held is None else held

    def _text(self, cells: Sequence[int]) -> str:
        frame, lexicon = self._shown(), self._stage.recording.lexicon
        return "".join(lexicon.piece(self._token(frame, cell)) for cell in cells)

    def _quoted(self, cells: Sequence[int]) -> str:
        return f"“{short(self._text(cells))}”"

    def _spaced(self, cells: Sequence[int], text: str) -> str:
        """What was typed, with the space that the words before it had."""
        return f" {text.strip()}" if self._text(cells[:1])[:1] == " " else text.strip()

    # What is shown

    def show(self) -> None:
        """The bar beside what is selected, and the marks of the pins."""
        recording, frame = self._stage.recording, self._shown()
        if recording is None or frame is None or not self._told_of(frame):
            self._waiting = {} if recording is None else self._waiting
            self._canvas.set_pinned(())
            return self.bar.hide()
        if recording.id != self._about:
            self._about, self._waiting = recording.id, {}
        force = hands.in_force(recording, len(recording.frames) - 1).pins
        self._waiting = {cell: id for cell, id in self._waiting.items() if force.get(cell) != id}
        held = self._held()
        self._canvas.set_pinned(held)
        cells = self._canvas.selection if self._canvas.isVisible() else []
        if not cells or self._canvas.selecting or self.box.isVisible():
            self._told = []
            return self.bar.hide()
        self.bar.set_pinned(all(cell in held for cell in cells))
        if not (self._player.playing and self.bar.isVisible() and cells == self._told):  # it must not run away
            self.bar.show_at(self._canvas.rect_of_all(cells), counted(len(cells), "cell"))
        self._told = cells
        return None

    def _told_of(self, frame: Frame) -> bool:
        return frame.told and len(frame.ids) == len(self._stage.recording.frames[0].ids)

    def _fill(self, menu: QMenu) -> None:
        """What can be done, in the menu that a right click opens: nothing to what the run before left on show."""
        if self._shown() is None:
            return
        menu.addSeparator()
        pinned = bool(self._canvas.selection) and all(cell in self._held() for cell in self._canvas.selection)
        for words, key, wish in (
            ("Let go" if pinned else "Pin", "P", self.pin),
            (f"Melt {self.bar.strength:.0%}", "M", self.melt),
            ("Keep only this", "K", self.keep),
            ("Type over…", "R", self.type_over),
            ("Make a gap", "U", self.make_gap),
        ):
            action = menu.addAction(words, wish)
            action.setEnabled(bool(self._canvas.selection))
            action.setText(f"{words}\t{key}")
        if len(self._canvas.selection) == 1:
            self._fill_candidates(menu, self._canvas.selection[0])
        menu.addSeparator()
        menu.addAction("Clear all pins\tShift+P", self.clear).setEnabled(bool(self._held()))
        menu.addAction("Go on from here\tCtrl+J", self.go_on)

    def _fill_candidates(self, menu: QMenu, cell: int) -> None:
        """The words that were considered for a cell: a click keeps one of them."""
        menu.addSeparator()
        found = self._canvas.details(cell)
        ids = self._shown().top_ids[cell].tolist()
        for id, (text, share) in zip(ids, found.candidates, strict=False):
            keep = lambda *_, id=id: self.keep_candidate(cell, id)  # noqa: E731
            menu.addAction(f"Keep “{visible(text)}” here\t{percentage(share)}", keep)


def _sizes(ids: Sequence[int], cells: Sequence[int]) -> str:
    return f"{counted(len(ids), 'token')} over {counted(len(cells), 'cell')}"


def _spread(ids: Sequence[int], cells: Sequence[int]) -> str:
    """How typed words fill the cells that they were typed over."""
    more = len(ids) - len(cells)
    if not more:
        return "."
    return f", {_sizes(ids, cells)}: {f'{more} more were taken' if more > 0 else f'{-more} became noise'}."
