"""The details of a cell: what is shown, and that nothing of it is claimed to be certain or true."""

from types import SimpleNamespace

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from widgets.theme import DARK, LIGHT, palette
from widgets.token import HINT, Bars, Token, percentage, visible


def cell(**changes):
    values = {"cell": 17, "text": " lantern", "state": "changed", "entropy": 0.4213}
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


def test_a_hint_stands_in_and_takes_the_same_room(token):
    assert shown(token) == [HINT]
    height = token.sizeHint().height()
    token.show_details(cell())
    assert HINT not in shown(token) and token.sizeHint().height() == height
    token.show_details(None)
    assert shown(token) == [HINT]


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


def test_bars_are_as_long_as_the_candidates_are_likely(qtbot, qapp):
    bars = Bars()
    qtbot.addWidget(bars)
    bars.setPalette(palette(DARK))
    bars.resize(400, 120)
    bars.show_rows([("a", 1.0), ("b", 0.5), ("c", 0.0)])
    image = bars.grab().toImage()
    accent, lengths = QColor(DARK.accent), []
    for row in range(3):
        y = row * Bars.ROW + Bars.ROW // 2
        lengths.append(sum(image.pixelColor(x, y) == accent for x in range(image.width())))
    assert lengths[0] > 150 and lengths[2] <= 1
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=4)


def test_more_candidates_than_five_make_room(qtbot):
    bars = Bars()
    qtbot.addWidget(bars)
    low = bars.sizeHint().height()
    bars.show_rows([("a", 0.1)] * 8)
    assert bars.sizeHint().height() > low


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100.0 %"), (0.99996, ">99.9 %"), (0.5, "50.0 %"), (0.00001, "<0.1 %"), (0.0, "0.0 %")],
)
def test_rounding_never_claims_certainty(share, text):
    assert percentage(share) == text


@pytest.mark.parametrize(("text", "seen"), [(" a", "␣a"), ("\n", "↵"), ("\t", "⇥"), ("", "(nothing)")])
def test_white_space_is_visible(text, seen):
    assert visible(text) == seen
