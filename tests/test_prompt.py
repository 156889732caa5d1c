"""The prompt runs by key, button and chip, only when it may and only with words in it."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton

from widgets.prompt import Prompt


@pytest.fixture
def prompt(qtbot):
    widget = Prompt()
    qtbot.addWidget(widget)
    widget.resize(600, 100)
    widget.show()
    return widget


@pytest.fixture
def heard(prompt):
    sent = []
    prompt.run_wished.connect(lambda text: sent.append(text))
    prompt.stop_wished.connect(lambda: sent.append(None))
    return sent


def editor(prompt):
    return prompt.findChild(QPlainTextEdit)


def button(prompt, text):
    (found,) = [b for b in prompt.findChildren(QPushButton) if b.text() == text]
    return found


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier])
def test_enter_runs(prompt, heard, qtbot, key, modifier):
    prompt.set_text(" a fox ")
    qtbot.keyClick(editor(prompt), key, modifier)
    assert heard == [prompt.text()] == [" a fox "]  # a canvas may go on behind the space


def test_shift_enter_starts_a_line_and_the_box_grows_to_three(prompt, heard, qtbot, qapp):
    heights = []
    for _ in range(5):
        qtbot.keyClicks(editor(prompt), "words")
        qtbot.keyClick(editor(prompt), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        heights.append(editor(prompt).height())
    assert heard == [] and prompt.text().count("\n") == 5
    assert heights[0] < heights[1] == heights[-1]


def test_nothing_is_run_without_words(prompt, heard, qtbot):
    prompt.set_text("  \n")
    qtbot.keyClick(editor(prompt), Qt.Key.Key_Return)
    assert not button(prompt, "Run").isEnabled()
    prompt.set_text("a fox")
    assert heard == ["  \n"]  # what to do is the window's to say
    heard.clear()
    button(prompt, "Run").click()
    assert heard == ["a fox"]


def test_run_turns_into_stop_and_back(prompt, heard):
    prompt.set_text("a fox")
    prompt.set_running(True)
    button(prompt, "Stop").click()
    assert heard == [None]
    prompt.set_running(False)
    button(prompt, "Run").click()
    assert heard == [None, "a fox"]


def test_a_run_can_be_stopped_though_the_box_is_empty(prompt, heard):
    prompt.set_running(True)
    button(prompt, "Stop").click()
    assert heard == [None]


def test_a_chip_fills_and_runs(prompt, heard):
    prompt.set_examples([("a poem", "Write a poem."), ("R&D", "Write a plan.")])
    button(prompt, "a poem").click()
    assert prompt.text() == "Write a poem." and heard == ["Write a poem."]
    button(prompt, "R&&D").click()
    assert heard[-1] == "Write a plan."


def test_chips_break_into_rows_and_stay_inside(prompt, qapp):
    prompt.set_examples([(f"example number {n}", "x") for n in range(6)])
    for width in (1200, 500, 260):
        prompt.resize(width, 120)
        qapp.processEvents()
        chips = [
            b
            for b in prompt.findChildren(QPushButton)
            if b.text() not in ("Run", "Follow up", "Race") and b.isVisible()
        ]
        assert chips and all(b.x() >= 0 and b.geometry().right() < b.parentWidget().width() for b in chips)
        boxes = [b.geometry() for b in chips]
        assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert len({b.y() for b in chips}) == 2


def test_new_examples_replace_the_old(prompt):
    prompt.set_examples([("old", "x")])
    prompt.set_examples([("new", "y")])
    assert [b.text() for b in prompt.findChildren(QPushButton)] == ["Run", "Follow up", "Race", "new"]


def test_focus_selects_the_prompt(prompt, qtbot):
    prompt.set_text("a fox")
    prompt.activateWindow()
    prompt.focus()
    assert editor(prompt).textCursor().selectedText() == "a fox"


def test_tab_leaves_the_box(prompt, qtbot):
    prompt.set_text("a")
    qtbot.keyClick(editor(prompt), Qt.Key.Key_Tab)
    assert prompt.text() == "a"


def test_a_text_that_is_pasted_is_seen_from_its_first_line(prompt, qapp, qtbot):
    """The box is as high as what is in it, also when that came at once."""
    box = editor(prompt)
    prompt.set_text("a fox")
    one = box.height()
    QGuiApplication.clipboard().setText("Tell me a story about an old bear who has lost the key to a garden. " * 2)
    box.selectAll()
    box.paste()
    qapp.processEvents()
    assert box.height() > one and box.verticalScrollBar().value() == 0
    bottom = box.cursorRect(box.textCursor()).bottom()
    assert bottom <= box.viewport().height()
    QGuiApplication.clipboard().setText("a fox")
    box.selectAll()
    box.paste()
    assert box.height() == one


def test_the_keys_that_step_are_left_to_the_window(prompt):
    control, plain = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        for modifier in (control, plain):
            event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier)
            event.ignore()
            QApplication.sendEvent(editor(prompt), event)
            assert event.isAccepted() is (modifier == plain)


@pytest.mark.parametrize(
    ("text", "right"), [("שלום to all", True), ("اكتب قصة", True), ("say שלום", False), ("", False)]
)
def test_a_text_that_runs_from_right_to_left_begins_at_the_right(prompt, qapp, text, right):
    prompt.set_text("words before")
    prompt.set_text(text)
    qapp.processEvents()
    box = editor(prompt)
    line = box.document().firstBlock().layout().lineAt(0).naturalTextRect()
    assert (line.left() > box.viewport().width() / 2) == right
    prompt.set_text("words after")
    assert box.document().firstBlock().layout().lineAt(0).naturalTextRect().left() < 20


def test_the_count_of_tokens_is_seen_beside_the_scroll_bar(prompt, qapp, qtbot):
    prompt.set_count(13510, 8192, fits=False)
    prompt.set_text("\n".join(f"line {at}" for at in range(500)))
    qapp.processEvents()
    box = editor(prompt)
    (count,) = [label for label in box.findChildren(QLabel) if "13,510" in label.text()]
    bar = box.verticalScrollBar()
    assert bar.isVisible()
    assert count.mapTo(box, count.rect().topRight()).x() < bar.mapTo(box, bar.rect().topLeft()).x()
    assert box.viewport().rect().contains(box.cursorRect().center())
