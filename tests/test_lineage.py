"""The tree of branches, and the bar and box beside selected words: values in, wishes out."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from widgets.handbar import Handbar
from widgets.lineage import MOST, ROW, Lineage, Twig
from widgets.retype import Retype

TWIGS = [
    Twig(None, 0, 20, "first run"),
    Twig(0, 7, 15, "step 8"),
    Twig(1, 0, 10, "melted"),
    Twig(0, 3, 9, "step 4"),
]


@pytest.fixture
def tree(qtbot):
    widget = Lineage()
    qtbot.addWidget(widget)
    widget.resize(600, 100)
    widget.show()
    widget.show_twigs(TWIGS, 1, 8)
    return widget


def test_a_branch_shares_its_parents_steps_or_begins_where_that_ended(tree):
    assert tree.starts() == [0, 0, 15, 0]


def test_a_click_and_the_keys_choose_a_branch(tree, qtbot):
    chosen = []
    tree.chosen.connect(chosen.append)
    for row in range(4):
        qtbot.mouseClick(tree, Qt.MouseButton.LeftButton, pos=QPoint(200, 2 + row * ROW + ROW // 2))
    assert chosen == [0, 1, 2, 3]
    chosen.clear()
    qtbot.keyClick(tree, Qt.Key.Key_Up)
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert chosen == [0, 2] and "step 8" in tree.accessibleDescription()


def test_any_two_branches_are_compared_by_a_click_or_the_keys(tree, qtbot):
    compared, control = [], Qt.KeyboardModifier.ControlModifier
    tree.compared.connect(compared.append)
    for row in (3, 1):  # the second one is shown: it is not compared with itself
        qtbot.mouseClick(tree, Qt.MouseButton.LeftButton, control, QPoint(200, 2 + row * ROW + ROW // 2))
    assert compared == [3]
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    for _ in range(2):
        qtbot.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert "step 4" in tree.accessibleDescription()
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert compared == [3, 3]


def test_what_is_shown_is_in_sight_however_many_there_are(tree):
    many = [TWIGS[0], *[Twig(0, 3, 9, f"branch {at}") for at in range(20)]]
    for shown in (20, 0, 9):
        tree.show_twigs(many, shown, 1)
        assert tree.height() <= MOST * ROW + 4
        assert tree.row_at(tree._middle(shown)) == shown
    assert not tree.grab().isNull()


@pytest.fixture
def canvas(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(700, 300)
    widget.show()
    return widget


def test_the_bar_is_beside_the_words_and_inside(canvas):
    bar = Handbar(canvas)
    for box in (QRectF(5, 5, 60, 20), QRectF(600, 270, 80, 20), QRectF(0, 0, 700, 300)):
        bar.show_at(box, "3 cells")
        assert canvas.rect().contains(bar.geometry())
        assert box.height() > 200 or not box.intersects(QRectF(bar.geometry()))


def test_every_button_of_the_bar_is_a_wish(canvas, qtbot):
    bar, wishes = Handbar(canvas), []
    for name in ("pin", "melt", "keep", "type", "gap"):
        getattr(bar, f"{name}_wished").connect(lambda name=name: wishes.append(name))
    for button in bar.findChildren(QPushButton):
        button.click()
    assert sorted(wishes) == ["gap", "keep", "melt", "pin", "type"] and bar.strength == 1.0


@pytest.mark.parametrize(("modifier", "rest"), [("NoModifier", False), ("ShiftModifier", True)])
def test_enter_takes_what_was_typed(canvas, qtbot, modifier, rest):
    box, typed = Retype(canvas), []
    box.typed.connect(lambda *what: typed.append(what))
    box.open_at(QRectF(10, 10, 60, 20), "Cora")
    qtbot.keyClicks(box._line, "Nora")
    qtbot.keyClick(box._line, Qt.Key.Key_Return, getattr(Qt.KeyboardModifier, modifier))
    assert typed == [("Nora", rest)] and not box.isVisible()


def test_escape_leaves_everything_as_it_is(canvas, qtbot):
    box, typed = Retype(canvas), []
    box.typed.connect(lambda *what: typed.append(what))
    box.open_at(QRectF(10, 10, 60, 20), "Cora")
    qtbot.keyClick(box._line, Qt.Key.Key_Escape)
    assert not typed and not box.isVisible()
