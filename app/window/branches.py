"""Branches: the family of the run on screen as a tree below it. Knows no model."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.run.family import Family, Member, done
from app.run.session import Session
from app.run.stage import Stage
from engine.values.recording import Recording
from widgets.controls import describe
from widgets.lineage import Lineage, Twig
from widgets.status import Status


class Branches(QObject):
    """Owns the tree."""

    compared = Signal(object, object)  # two recordings of the family are to be seen side by side

    def __init__(self, session: Session, stage: Stage, family: Family, status: Status) -> None:
        super().__init__(stage)
        self._session, self._stage, self._family, self._status = session, stage, family, status
        self.tree, self._compare = Lineage(), QPushButton("Compare")
        self._members: list[Member] = []
        self._words: dict[str, str] = {}
        self.panel = self._make_panel()
        self._compare.clicked.connect(self.compare)
        self.tree.chosen.connect(lambda row: self.go(self._members[row].recording))
        self.tree.compared.connect(lambda row: self.compared.emit(self._members[row].recording, stage.recording))
        self._stage.player.moved.connect(self._show)
        self._stage.player.changed.connect(self._show)
        self._show()

    # Wishes

    @property
    def branched(self) -> bool:
        """Whether the run on screen branched off another that is here."""
        return self._family.parent(self._stage.recording) is not None

    def compare(self) -> None:
        """Show the parent beside the run on screen, with what is different marked."""
        parent = self._family.parent(self._stage.recording)
        if parent is None:
            self._status.say("This run has no parent: pin, melt or go on from a step to make a branch.", "info")
        else:
            self.compared.emit(parent, self._stage.recording)

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
        index = min(player.last, player.index)
        ended = player.index >= player.last
        self._session.show(recording)
        player.seek(player.last if ended else index)

    def begin(self) -> None:
        """There is another recording on screen."""
        self._family.add(self._session.recording)
        self._show()

    # What is shown

    def _show(self, *_: object) -> None:
        recording, index = self._stage.recording, self._stage.player.index
        self._members = [] if recording is None else self._family.of(recording)
        shown = next((at for at, member in enumerate(self._members) if member.recording is recording), -1)
        self.tree.show_twigs([self._twig(member) for member in self._members], shown, max(0, index) + 1)
        self.panel.setVisible(len(self._members) > 1 and not self.panel.window().isFullScreen())
        self._compare.setEnabled(self.branched)

    def _twig(self, member: Member) -> Twig:
        """What the tree shows of a run."""
        recording = member.recording
        words = self._words.get(recording.id)
        if words is None:
            words = done(recording, None if member.parent is None else self._members[member.parent].recording)
            if len(recording.frames) > member.common:  # until then it is not known
                self._words[recording.id] = words
        return Twig(member.parent, member.common, len(recording.frames), words)

    def _make_panel(self) -> QWidget:
        panel = QWidget()
        self._compare.setFixedHeight(28)
        self._compare.setProperty("role", "pill")
        describe(
            self._compare,
            "Compare with the parent",
            "Show the run before beside this one (Ctrl+B).",
        )
        line = QHBoxLayout(panel)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.tree, 1)
        line.addWidget(self._compare)
        return panel
