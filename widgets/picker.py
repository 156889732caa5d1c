"""Picker: the dialog in which a model is chosen, with what each would need before anything of it is loaded.

Knows no model: choices come in by `set_choice`, wishes go out by signal. It blocks nothing.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.choice import ASKING, READY, Card, Choice, Option
from widgets.controls import describe

WIDTH = 620
CARDS = 4  # as many are seen at once
GAP = 8  # pixels between two of them
AGAIN = "Look at every byte of this model, fetch from the hub what is damaged or newer there, and load it."


class Picker(QDialog):
    """Cards of models above, what the chosen one needs below."""

    load_wished = Signal(str, str)  # the key of a choice, and a precision
    again_wished = Signal(str)  # the key of a choice whose files are to be looked at, and fetched where damaged
    folder_wished = Signal()
    removed = Signal(str)  # the key of a choice that is to be offered no more
    named = Signal(str)  # what was typed: a hub id, a folder or an address

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose a model")
        self._cards: dict[str, Card] = {}
        self._options: list[Option] = []
        self._make()
        self._place()
        self.setFixedWidth(WIDTH)

    # Values

    def set_machine(self, sentence: str) -> None:
        self._machine.setText(sentence)

    def set_choice(self, choice: Choice) -> None:
        """Shows a model, a new one at the end. What is chosen stays chosen; the first is, if nothing was."""
        card = self._cards.get(choice.key)
        if card is None:
            card = self._cards[choice.key] = Card(choice)
            card.toggled.connect(lambda on: on and self._show_details())
            self._list.insertWidget(self._list.count() - 1, card)
            self._fit()
        card.show_choice(choice)
        if self.chosen() is None:
            card.setChecked(True)
            card.setFocus()
        elif card.isChecked():
            self._show_details()

    def knows(self, key: str) -> bool:
        """Whether there is such a choice."""
        return key in self._cards

    def choose(self, key: str) -> None:
        card = self._cards[key]
        card.setChecked(True)
        card.setFocus()
        QTimer.singleShot(0, self, self._reveal)

    def remove_choice(self, key: str) -> None:
        """Takes a model off the list; if it was chosen, the one before it is now."""
        keys = list(self._cards)
        card = self._cards.pop(key)
        if card.isChecked():
            self.choose(keys[keys.index(key) - 1])
        card.setParent(None)
        card.deleteLater()
        self._fit()

    def _fit(self) -> None:
        self._scroll.setFixedHeight(min(CARDS, len(self._cards)) * (Card.HEIGHT + GAP) - GAP)
        self.adjustSize()

    def _reveal(self) -> None:
        """Scroll to what is chosen, once all cards have their places."""
        chosen = next((card for card in self._cards.values() if card.isChecked()), None)
        if chosen is not None:
            self._list.activate()
            self._scroll.ensureWidgetVisible(chosen, 0, GAP)

    def chosen(self) -> Choice | None:
        return next((card.choice for card in self._cards.values() if card.isChecked()), None)

    def precision(self) -> str:
        """The one that is chosen for the chosen model; "" if it has none yet."""
        return next((option.need.precision for option in self._options if option.isChecked()), "")

    # What is on screen

    def _make(self) -> None:
        self._machine = self._label("hint", "Looking at this computer\u2026")
        self._facts, self._sentence, self._note = self._label("hint"), self._label(""), self._label("hint")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("Asking for sizes")
        self._name = QLineEdit(placeholderText="owner/name on the hub, a folder, or http://server:8000")
        describe(
            self._name,
            "Model",
            "The id of a model on the hub, a folder, or the address of a vLLM server. Enter looks at it.",
        )
        self._name.setFixedHeight(30)
        self._look = self._button("Look", "See what this model would need; nothing is downloaded.", self._say_name)
        self._folder = self._button(
            "A folder\u2026", "Choose a folder that holds a model.", self.folder_wished.emit
        )
        self._close = self._button("Cancel", "Keep the model that is loaded.", self.reject)
        self._load = self._button("Load", "Load this model in the precision that is chosen.", self._wish)
        self._again = self._button("Fetch again", AGAIN, self._wish_again)
        self._remove = self._button(
            "Remove", "Take it off this list. Its files stay where they are.", self._wish_off
        )
        self._remove.setProperty("role", "quiet")
        self._again.setProperty("role", "quiet")
        self._close.setProperty("role", "quiet")
        self._load.setProperty("role", "accent")
        self._load.setMinimumWidth(96)
        self._name.returnPressed.connect(self._say_name)

    def _label(self, role: str, text: str = "") -> QLabel:
        label = QLabel(text, wordWrap=True)
        label.setProperty("role", role)
        return label

    def _button(self, text: str, help: str, does) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.setFixedHeight(30)
        describe(button, text, help)
        button.clicked.connect(does)
        return button

    def _place(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addWidget(self._machine)
        column.addWidget(self._models())
        column.addLayout(_line(self._name, self._look, self._folder))
        column.addWidget(self._details())
        column.addLayout(_line(QWidget(), self._remove, self._again, self._close, self._load))

    def _models(self) -> QScrollArea:
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(GAP)
        self._list.addStretch(1)
        self._scroll.setWidget(inside)
        return self._scroll

    def _details(self) -> QFrame:
        panel = QFrame()
        panel.setProperty("role", "card")
        column = QVBoxLayout(panel)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        self._precisions = QWidget()
        self._rows = QVBoxLayout(self._precisions)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        for widget in (self._facts, self._busy, self._precisions, self._sentence, self._note):
            column.addWidget(widget)
        column.addStretch(1)
        panel.setFixedHeight(216)  # room for the longest: the buttons below stay where they are
        return panel

    def _show_details(self) -> None:
        choice = self.chosen()
        for option in self._options:
            option.setParent(None)
            option.deleteLater()
        self._options = [Option(need) for need in choice.needs]
        for option in self._options:
            self._rows.addWidget(option)
            option.toggled.connect(self._show_verb)
        best = choice.advised or (choice.needs[-1].precision if choice.needs else "")  # the least, if none fits
        for option in self._options:
            option.setChecked(option.need.precision == best)
        self._facts.setText(choice.short if choice.state == ASKING else choice.facts)
        self._sentence.setText(choice.sentence)
        self._note.setText(choice.note)
        self._busy.setVisible(choice.state == ASKING)
        self._precisions.setVisible(bool(choice.needs))
        for label in (self._facts, self._sentence, self._note):
            label.setVisible(bool(label.text()))
        self._show_verb()

    def _show_verb(self) -> None:
        choice = self.chosen()
        need = next((option.need for option in self._options if option.isChecked()), None)
        fits = need is not None and (need.share is None or need.share <= 1)
        self._load.setText(choice.verb if fits or need is None or not need.possible else f"{choice.verb} anyway")
        self._load.setEnabled(choice.state == READY and need is not None and need.possible)
        self._load.setDefault(self._load.isEnabled())
        self._again.setVisible(choice.again)
        self._remove.setVisible(choice.named)

    # Wishes

    def keyPressEvent(self, event) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enter and self._name.hasFocus()):  # there Enter looks at what was typed, and loads nothing
            super().keyPressEvent(event)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        for card in self._cards.values():
            if card.isChecked():
                card.setFocus()
        QTimer.singleShot(0, self, self._reveal)

    def _wish(self) -> None:
        self.load_wished.emit(self.chosen().key, self.precision())
        self.accept()

    def _wish_again(self) -> None:
        self.again_wished.emit(self.chosen().key)
        self.accept()

    def _wish_off(self) -> None:
        self.removed.emit(self.chosen().key)

    def _say_name(self) -> None:
        if self._name.text().strip():
            self.named.emit(self._name.text().strip())
            self._name.clear()


def _line(first: QWidget, *others: QWidget) -> QHBoxLayout:
    """A line of which the first takes what room there is."""
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(first, 1)
    for other in others:
        line.addWidget(other)
    return line
