"""The details of a cell: what is shown, and that nothing of it is claimed to be certain or true."""

from math import nan
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from widgets.controls import Number
from widgets.odds import percentage, visible
from widgets.theme import DARK, LIGHT
from widgets.token import Token
from widgets.unsure import Doubt


def cell(**changes):
    values = {"cell": 17, "text": " lantern", "state": "changed", "entropy": 0.4213, "surprise": nan}
    values["candidates"] = [(" lantern", 0.9), (" lamp", 0.1)]
    return SimpleNamespace(**values | changes)


@pytest.fixture
def token(qtbot):
    widget = Token()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    return widget


def shown(token):
    return [label.text() for label in token.findChildren(QLabel) if label.isVisible()]


def test_the_least_sure_cells_stand_in_and_take_the_same_room(token, qtbot):
    assert token.unsure.isVisible() and not token.lanes.isVisible()
    height = token.sizeHint().height()
    token.show_details(cell())
    assert token.lanes.isVisible() and token.sizeHint().height() == height
    token.show_details(None)
    assert token.unsure.isVisible()


def test_a_click_on_an_unsure_cell_asks_for_it(token, qtbot):
    chosen = []
    token.unsure.chosen.connect(chosen.append)
    token.show_doubts([Doubt(3, " fox", 2.0), Doubt(9, " bear", 1.0), Doubt(1, " a", 0.5)])
    for at in range(3):
        qtbot.mouseClick(token.unsure, Qt.MouseButton.LeftButton, pos=token.unsure._box(at).center().toPoint())
    assert chosen == [3, 9, 1] and "fox 2.00" in token.unsure.accessibleDescription()


def test_details_are_told(token):
    token.show_details(cell())
    text = " ".join(shown(token))
    assert "␣lantern" in text and "changed" in text and "0.421 nats" in text and "17" in text


def test_a_token_that_looks_like_markup_is_shown_as_it_is(token, qapp):
    token.show_details(cell(text="<b>", candidates=[("<i>", 1.0)]))
    assert "<b>" in shown(token)
    token.grab()


def test_a_long_token_is_elided_and_never_widens_the_card(token, qapp):
    width = token.minimumSizeHint().width()
    token.show_details(cell(text="x" * 500, candidates=[("y" * 500, 1.0)]))
    qapp.processEvents()
    assert token.minimumSizeHint().width() <= max(width, 280) and "…" in " ".join(shown(token))


def test_the_state_has_its_colour_in_both_themes(token):
    token.show_details(cell(state="withdrawn"))
    for theme in (DARK, LIGHT):
        token.set_theme(theme)
        assert theme.withdrawn in " ".join(shown(token))
    token.show_details(cell(state="open"))  # a state without a colour of its own
    assert LIGHT.muted in " ".join(shown(token))


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100.0 %"), (0.99996, ">99.9 %"), (0.5, "50.0 %"), (0.00001, "<0.1 %"), (0.0, "0.0 %")],
)
def test_rounding_never_claims_certainty(share, text):
    assert percentage(share) == text


@pytest.mark.parametrize(("text", "seen"), [(" a", "␣a"), ("\n", "↵"), ("\t", "⇥"), ("", "(nothing)")])
def test_white_space_is_visible(text, seen):
    assert visible(text) == seen


def test_how_many_candidates_are_shown_is_asked_for_where_they_are(token):
    heard = []
    token.candidates_wished.connect(heard.append)
    token.set_candidates(3)
    assert heard == []
    token.findChild(Number).setValue(8)
    assert heard == [8]
