"""Help: every key in its group, and how to read the picture. What it says of keys comes from the actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.window.actions import ACTIONS
from widgets.theme import Theme

# Keys that are no actions of the window: they belong to what has the focus.
MORE = (
    ("Enter", "In the prompt: run; Shift+Enter is a new line"),
    ("Space", "Outside the prompt: play or pause"),
    ("Arrows, Esc", "On the canvas: point at a cell, let go; with Shift: select"),
    ("Arrows, Enter", "In the token panel: go to a step, choose a word, keep it"),
    ("Up, Down", "On the drawn rule: move its line; on the branches: show another one"),
    ("Shift+Up, Shift+Down, Enter", "On the branches: mark another one, compare it with the one that is shown"),
    ("Shift+Enter", "On an earlier run: compare it with the one on screen, as Ctrl+click does"),
    ("Arrows, Space, T, Esc", "In the presenter: step, play, type a prompt, leave"),
)
PICTURE = (
    (
        "The canvas",
        "All cells start as random tokens. Every step the model looks at all of them at once, and accepts those "
        "that it is sure enough of. Dim letters are what the cell really holds, not yet accepted.",
    ),
    (
        "Colour",
        "How undecided the model is about a cell: quiet ones have one choice, glowing ones many. "
        "A sure token is not a true one.",
    ),
    (
        "Marks",
        "Underlined: accepted in this step. Boxed: changed its mind. Dashed: was accepted, and is open again. "
        "A line above: pinned by you. Dark cells at the end: after the end of the text.",
    ),
    (
        "Your hands",
        "Drag over words, or click one: pin it, melt it to noise, keep only it, type over it. While a run goes on, "
        "that holds from the next step; anywhere else it begins a branch, from the step on screen.",
    ),
    (
        "Knobs",
        "Fewer steps are faster and rougher. A higher temperature is more varied. A dot means: it also moves a run "
        "that goes on. An arrow sets a knob back. Point at any of them to read what it does.",
    ),
)


def show_help(window: QWidget, theme: Theme) -> QDialog:
    """Open the help over a window, no higher than it."""
    box = QDialog(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Keys and help")
    columns = QHBoxLayout()
    columns.setSpacing(32)
    columns.addWidget(_label(_picture(theme), 280), 2, Qt.AlignmentFlag.AlignTop)
    columns.addWidget(_label(_keys(theme), 360), 3, Qt.AlignmentFlag.AlignTop)
    inside = QWidget()
    inside.setLayout(columns)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    close = QPushButton("Close")
    close.setDefault(True)
    close.clicked.connect(box.accept)
    column = QVBoxLayout(box)
    column.setContentsMargins(20, 16, 20, 16)
    column.addWidget(area)
    column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
    box.resize(min(860, window.width() - 40), min(680, window.height() - 40))
    box.open()
    return box


def shown(key: str) -> str:
    """A key as it is called here: a Mac has other names."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


def _label(text: str, least: int) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setMinimumWidth(least)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _picture(theme: Theme) -> str:
    parts = (f"<p><b>{title}</b><br><span style='color:{theme.muted}'>{text}</span></p>" for title, text in PICTURE)
    return f"<h3>How to read the picture</h3>{''.join(parts)}"


def _keys(theme: Theme) -> str:
    """A table for every menu, and one for what has the focus."""
    tables = []
    for menu in dict.fromkeys(action.menu for action in ACTIONS):
        rows = [(", ".join(map(shown, a.keys)), a.label) for a in ACTIONS if a.menu == menu]
        tables.append(_table(menu, rows, theme))
    return "".join([*tables, _table("Where the focus is", MORE, theme)])


def _table(title: str, rows, theme: Theme) -> str:
    style = "padding: 2px 24px 2px 0"
    label_style = f"{style}; color: {theme.muted}"
    cells = "".join(
        f"<tr><td width='290' style='{label_style}'>{label}</td><td style='{style}'><b>{key}</b></td></tr>"
        for key, label in rows
    )
    return f"<h3>{title}</h3><table>{cells}</table>"
