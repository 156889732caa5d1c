"""Branches: the family of the run on screen as a tree below it, and its parent beside it. Knows no model."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.run.family import Family, Member, different, done
from app.run.session import Session
from app.run.stage import Stage
from engine.values.recording import Recording
from widgets.canvas import Canvas
from widgets.controls import describe
from widgets.lineage import Lineage, Twig
from widgets.status import Status
from widgets.theme import Theme


class Branches(QObject):
    """Owns the tree, and the canvas on which the parent is compared."""

    def __init__(self, session: Session, stage: Stage, family: Family, status: Status) -> None:
        super().__init__(stage)
        self._session, self._stage, self._family, self._status = session, stage, family, status
        self.tree, self.other = Lineage(), Canvas()
        self._before, self._now, self._compare = QLabel(), QLabel(), QPushButton("Compare")
        self._members: list[Member] = []
        self._words: dict[str, str] = {}
        self._whose: Recording | None = None  # whose frames the other canvas shows
        self.panel, self.pair = self._make_panel(), self._make_pair()
        self._compare.toggled.connect(self._show)
        self.tree.chosen.connect(lambda row: self.go(self._members[row].recording))
        self._stage.player.moved.connect(self._show)
        self._stage.player.changed.connect(self._show)
        self._show()

    # Wishes

    def toggle(self) -> None:
        """Show the parent beside the run on screen, with what is different marked; or not any more."""
        if self._compare.isEnabled():
            self._compare.toggle()
        else:
            self._status.say("This run has no parent: pin, melt or go on from a step to make a branch.", "info")

    def to_parent(self) -> None:
        """Take the last change of the text back: show the run that this one branched off."""
        parent = self._family.parent(self._stage.recording)
        if parent is None:
            self._status.say("This run branched off no other.", "info")
        else:
            self.go(parent)

    def go(self, recording: Recording) -> None:
        """Show a run of the family, at the step that is on screen, or at its end."""
        player = self._stage.player
        if recording is self._stage.recording:
            return
        index = player.last if player.index >= player.last else player.index
        ended = player.index >= player.last
        self._session.show(recording)
        player.seek(player.last if ended else index)

    def begin(self) -> None:
        """There is another recording on screen."""
        self._family.add(self._session.recording)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self.other.set_theme(theme)

    # What is shown

    def _show(self, *_: object) -> None:
        recording, index = self._stage.recording, self._stage.player.index
        self._members = [] if recording is None else self._family.of(recording)
        shown = next((at for at, member in enumerate(self._members) if member.recording is recording), -1)
        self.tree.show_twigs([self._twig(member) for member in self._members], shown, max(0, index) + 1)
        self.panel.setVisible(len(self._members) > 1 and not self.panel.window().isFullScreen())
        parent = self._family.parent(recording)
        self._compare.setEnabled(parent is not None)
        self._show_parent(recording, parent, index)

    def _twig(self, member: Member) -> Twig:
        """What the tree shows of a run."""
        recording = member.recording
        words = self._words.get(recording.id)
        if words is None:
            words = done(recording, None if member.parent is None else self._members[member.parent].recording)
            if len(recording.frames) > member.common:  # until then it is not known
                self._words[recording.id] = words
        return Twig(member.parent, member.common, len(recording.frames), words)

    def _show_parent(self, recording: Recording | None, parent: Recording | None, index: int) -> None:
        """The parent beside the run, at the same step, or at its end."""
        on = self._compare.isChecked() and parent is not None and 0 <= index < len(recording.frames)
        for widget in (self._beside, self._now):
            widget.setVisible(on)
        if not on:
            return self._stage.canvas.set_different(())
        frame, common = recording.frames[index], recording.parent[1]
        at = len(parent.frames) - 1 if frame.stop or not common else min(index, len(parent.frames) - 1)
        beside = parent.frames[at]
        if parent is not self._whose:
            self._whose = parent
            self.other.set_lexicon(parent.lexicon)
            self.other.set_run(parent.frames, over=True)
        self.other.show_frame(beside, parent.previous(at), parent.finished(at))
        mine, theirs = different(frame, beside)
        self._stage.canvas.set_different(mine)
        self.other.set_different(theirs)
        self._now.setText(f"Now: {self._words.get(recording.id, '')}")
        self._before.setText(f"Before: {self._words.get(parent.id, '')}")
        return None

    def _make_panel(self) -> QWidget:
        panel = QWidget()
        self._compare.setCheckable(True)
        self._compare.setFixedHeight(28)
        self._compare.setProperty("role", "pill")
        describe(self._compare, "Compare with the parent", "Show the run before beside this one (Ctrl+B).")
        line = QHBoxLayout(panel)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.tree, 1)
        line.addWidget(self._compare)
        return panel

    def _make_pair(self) -> QWidget:
        """The canvas and the other one, each with a line that says which it is."""
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        self._beside, here = (
            _titled(*both) for both in ((self._before, self.other), (self._now, self._stage.canvas))
        )
        line.addWidget(self._beside, 1)
        line.addWidget(here, 1)
        self.other.setAccessibleName("Canvas of the run before")
        return pair


def _titled(label: QLabel, canvas: Canvas) -> QWidget:
    """A canvas below a line that says which it is."""
    box = QWidget()
    label.setProperty("role", "hint")
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label)
    column.addWidget(canvas, 1)
    return box
