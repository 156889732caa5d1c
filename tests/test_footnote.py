"""The legend of a canvas: where it has room of its own, and where it is asked for."""

import pytest
from PySide6.QtCore import QPointF, QSizeF

from widgets.footnote import Footnote
from widgets.paint import Inks
from widgets.theme import DARK

LARGE, SMALL = QSizeF(900, 400), QSizeF(560, 150)


def footnote(size, always=True, there=True):
    note = Footnote()
    note.always = always
    note.dress(Inks(DARK), size, there)
    return note


def test_it_has_room_of_its_own_only_where_there_is_enough(qapp):
    assert footnote(LARGE).room().height() < LARGE.height()
    assert footnote(LARGE, always=False).room().size() == LARGE
    assert footnote(SMALL).room().size() == SMALL
    assert footnote(LARGE, there=False).room().size() == LARGE


@pytest.mark.parametrize(("size", "always"), [(LARGE, False), (SMALL, True)])
def test_where_it_has_none_one_points_at_a_sign(qapp, size, always):
    note = footnote(size, always)
    corner = QPointF(size.width() - 10, size.height() - 10)
    assert note.point(corner) and not note.point(corner)
    assert note.point(QPointF(10, 10)) and not note.point(QPointF(-1, -1))


def test_where_it_is_shown_or_is_none_there_is_no_sign(qapp):
    corner = QPointF(LARGE.width() - 10, LARGE.height() - 10)
    assert not footnote(LARGE).point(corner)
    assert not footnote(LARGE, always=False, there=False).point(corner)
