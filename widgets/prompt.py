"""Prompt: the text the model starts from, Run and Stop, and examples to click. Knows no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets.controls import Yielding, describe
from widgets.pictures import Pictures
from widgets.script import leftward
from widgets.walk import Walk

LINES = 3  # the box grows up to this many
ROWS = 2  # of chips, one in a low window; those beyond are reached in a wider one
GAP = 6
WIDE, NARROW, LEAST = 148, 108, 640  # pixels of the button, whatever it says; and in a box below the least width
ABOUT = "What to write about. Enter runs, Shift+Enter starts a new line."


CHANGED = {False: "Run with changes", True: "Run changed"}


class Editor(Yielding, QPlainTextEdit):
    """A text box that grows with its text. Enter runs, Shift+Enter is a new line."""

    run_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()
        self.takes: Callable[[QMimeData], bool] = lambda data: False  # what is pasted, and is no text
        self._count = QLabel(self)
        self._count.setProperty("role", "hint")
        self._count.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._count.hide()
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # lines are broken
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(3)
        self.textChanged.connect(self._fit)

    def show_count(self, words: str, role: str) -> None:
        """Words in the lower right corner, beside the text; none: it has all the room."""
        self._count.setText(words)
        self._count.setVisible(bool(words))
        if role != self._count.property("role"):
            self._count.setProperty("role", role)
            self._count.style().unpolish(self._count)  # the sheet is matched again only then
            self._count.style().polish(self._count)
        self._fit()

    def keyPressEvent(self, event) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.run_wished.emit()
        elif not (event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._walks(event)):
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not self.takes(source):
            super().insertFromMimeData(source)

    def _walks(self, event) -> bool:
        """Whether an arrow leads out of the text, and so to an earlier one, or back."""
        up, cursor = event.key() == Qt.Key.Key_Up, self.textCursor()
        where = QTextCursor.MoveOperation.Up if up else QTextCursor.MoveOperation.Down
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or cursor.movePosition(where):
            return False
        text = (self.walk.older if up else self.walk.newer)(self.toPlainText())
        if text is not None:
            self.put(text)
        return True

    def put(self, text: str) -> None:
        """Another text, from which Ctrl+Z leads back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.document().setModified(False)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._fit()  # the style sheet has set the font by now

    def _fit(self) -> None:
        self._count.adjustSize()
        wide = self._count.width() + 10 if self._count.text() else 0
        if self.viewportMargins().right() != wide:
            self.setViewportMargins(0, 0, wide, 0)
        self._lean()
        rows = self._rows()
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if rows > LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * min(LINES, max(1, rows)) + 22)
        bar = self.verticalScrollBar().sizeHint().width() if rows > LINES else 0
        self._count.move(self.width() - wide - bar, self.height() - self._count.height() - 10)
        if rows > LINES:
            self.ensureCursorVisible()  # lines were broken anew since the text came
        else:
            self.verticalScrollBar().setValue(0)  # where a text that was pasted had it scrolled to

    def _lean(self) -> None:
        """A text that runs from right to left begins at the right."""
        option = self.document().defaultTextOption()
        side = Qt.AlignmentFlag.AlignRight if leftward(self.toPlainText()) else Qt.AlignmentFlag.AlignLeft
        if option.alignment() != side:
            option.setAlignment(side)
            self.document().setDefaultTextOption(option)

    def _rows(self) -> int:
        """Lines of the text, wrapped ones counted. Qt breaks them when it paints, or when their height is asked."""
        block, rows = self.document().begin(), 0
        while block.isValid():
            self.blockBoundingRect(block)
            rows += block.layout().lineCount()
            block = block.next()
        return rows


class Chips(QWidget):
    """Examples in rows that break as the width allows."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._chips: list[QPushButton] = []
        self._rows = ROWS
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def set_examples(self, examples: list[tuple[str, str]]) -> None:
        for chip in self._chips:
            chip.setParent(None)
            chip.deleteLater()
        self._chips = [self._chip(*example) for example in examples]
        self._flow()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._flow()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._flow()

    def _chip(self, label: str, prompt: str) -> QPushButton:
        chip = QPushButton(label.replace("&", "&&"), self)
        chip.setProperty("role", "chip")
        describe(chip, f"Example: {label}", prompt)
        chip.clicked.connect(lambda: self.chosen.emit(prompt))
        return chip

    def _flow(self) -> None:
        x, row = 0, 0
        for chip in self._chips:
            width = min(chip.sizeHint().width(), self.width())
            if x and x + width > self.width():
                x, row = 0, row + 1
            chip.setGeometry(x, row * (26 + GAP), width, 26)
            chip.setVisible(row < self._rows)
            x += width + GAP
        self.setFixedHeight(max(0, min(row + 1, self._rows) * (26 + GAP) - GAP) if self._chips else 0)

    def set_rows(self, rows: int) -> None:
        if rows != self._rows:
            self._rows = rows
            self._flow()


class Prompt(QWidget):
    """The prompt box with its button and examples."""

    run_wished = Signal(str)
    follow_wished = Signal()
    race_wished = Signal()
    stop_wished = Signal()
    anew = Signal()  # what is run next has nothing to do with what is on screen
    edited = Signal()  # it says something else
    stretched = Signal()  # it is of another height

    def __init__(self) -> None:
        super().__init__()
        self._running = self._changed = False
        self._editor, self._chips, self._button = Editor(), Chips(), QPushButton()
        self.pictures = Pictures()
        describe(self._editor, "Prompt", ABOUT)
        self._editor.setToolTip("")  # a tooltip over the text one is reading is in the way
        self._editor.setPlaceholderText("Ask for a story, a poem, a letter…")
        self._button.setFixedSize(WIDE, 40)
        self._race = QPushButton("Race")
        self._race.setFixedSize(64, 40)
        describe(self._race, "Race", "The same weights write twice: by diffusion, and token by token.")
        self._race.clicked.connect(self.race_wished)
        self._follow = QPushButton("Follow up")
        self._follow.setFixedSize(84, 40)
        self._follow.clicked.connect(self.follow_wished)
        self._follows, self._follow_reason = False, ""
        self._place()
        self.setFocusProxy(self._editor)
        self._editor.run_wished.connect(self._run)
        self._editor.textChanged.connect(self._show_button)
        self._editor.textChanged.connect(self.edited)
        self._button.clicked.connect(self._press)
        self._chips.chosen.connect(self._example)
        self._show_button()

    def text(self) -> str:
        return self._editor.toPlainText()

    def set_text(self, text: str) -> None:
        if text != self.text():
            if self._editor.document().isModified():  # by hand
                self._editor.walk.leave(self.text())
            self._editor.put(text)

    def set_taker(self, takes: Callable[[QMimeData], bool]) -> None:
        """Who is asked first to take what is pasted: all but text is for them."""
        self._editor.takes = takes

    def set_past(self, texts: Sequence[str]) -> None:
        """Earlier prompts, the newest first: Up and Down walk through them."""
        self._editor.walk.set_past(texts)

    def set_count(self, tokens: int | None, context: int = 0, fits: bool = True) -> None:
        """How many tokens the prompt has, of how many that the model reads; None: nobody knows."""
        words = "" if tokens is None else f"{tokens:,} / {context:,}"
        self._editor.show_count(words, "hint" if fits else "over")
        told = f" {tokens:,} tokens; the model reads {context:,}, its own text included." if words else ""
        self._editor.setAccessibleDescription(f"{ABOUT}{told}")

    def set_examples(self, examples: list[tuple[str, str]]) -> None:
        """Chips as (label, prompt): a click fills the box and runs."""
        self._chips.set_examples(examples)

    def set_rows(self, rows: int) -> None:
        """Of examples: fewer where the window is low; none, and what is beside them has no room either."""
        self._chips.set_rows(rows)
        for at in range(self._below.count()):
            self._below.itemAt(at).widget().setVisible(rows > 0)
        self.pictures.set_low(rows < ROWS)

    def add(self, button: QWidget, panel: QWidget | None = None) -> None:
        """More to ask for: a button beside the examples, and what it unfolds below them, if anything."""
        self._below.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        if panel is not None:
            self._column.addWidget(panel)

    def set_running(self, running: bool) -> None:
        """Run or Stop on the button."""
        self._running = running
        self._show_button()

    @property
    def _narrow(self) -> bool:
        return self.width() < LEAST

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._button.setFixedWidth(NARROW if self._narrow else WIDE)
        self._show_button()
        if event.size().height() != event.oldSize().height():
            self.stretched.emit()

    def set_changed(self, changed: bool) -> None:
        """Whether a run would be with other knobs than the one on screen."""
        self._changed = changed
        self._show_button()

    def set_follow(self, able: bool, reason: str) -> None:
        """Whether there is an answer to go on from; if not, the tooltip says why."""
        self._follows, self._follow_reason = able, reason
        self._show_button()

    def focus(self) -> None:
        self._editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._editor.selectAll()

    def _place(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._editor, 1)
        line.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._follow, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._race, 0, Qt.AlignmentFlag.AlignTop)
        self._below = QHBoxLayout()
        self._below.setSpacing(8)
        self._below.addWidget(self._chips, 1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.pictures)
        column.addLayout(self._below)

    def _press(self) -> None:
        if self._running:
            self.stop_wished.emit()
        else:
            self._run()

    def _run(self) -> None:
        self.run_wished.emit(self.text())  # with the space at its end: the canvas goes on behind it

    def _example(self, prompt: str) -> None:
        self.set_text(prompt)
        self.anew.emit()
        self._run()

    def _show_button(self) -> None:
        self._button.setText("Stop" if self._running else CHANGED[self._narrow] if self._changed else "Run")
        self._race.setEnabled(not self._running)
        able = bool(self.text().strip())
        self._follow.setEnabled(self._follows and able)
        follow = "Go on from the answer on screen: this prompt is the next turn of a conversation (Alt+Enter)."
        describe(self._follow, "Follow up", follow if self._follows else self._follow_reason or follow)
        self._button.setEnabled(self._running or able)
        run = "Write from this prompt (Ctrl+Enter)."
        describe(self._button, self._button.text(), "Stop after this step (Esc)." if self._running else run)
        role = "stop" if self._running else "accent"
        if role != self._button.property("role"):
            self._button.setProperty("role", role)
            self._button.style().unpolish(self._button)  # the sheet is matched again only then
            self._button.style().polish(self._button)
