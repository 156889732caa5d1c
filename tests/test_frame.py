"""Frames are read-only measurements; marks and lexicon follow their laws."""

import numpy as np
import pytest

from engine.values.frame import ACCEPTED, CHANGED, KEPT, OPEN, WITHDRAWN, Lexicon, marks
from samples import LEXICON, frame


def cells(held, ids, step=0, canvas=0):
    n = len(held)
    return frame(canvas, step, cells=n, held=np.array(held, bool), ids=np.array(ids, np.int32))


def test_arrays_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        frame().ids[0] = 3


def test_marks_tell_the_five_cases_apart():
    before = cells([1, 1, 1, 0, 0], [2, 3, 4, 5, 6])
    after = cells([1, 1, 0, 1, 0], [2, 9, 4, 5, 6], step=1)
    assert marks(before, after).tolist() == [KEPT, CHANGED, WITHDRAWN, ACCEPTED, OPEN]


def test_a_new_canvas_has_no_past():
    before, after = cells([1, 1], [2, 3]), cells([1, 0], [2, 3], canvas=1)
    assert marks(before, after).tolist() == marks(None, after).tolist() == [ACCEPTED, OPEN]


def test_shown_is_the_canvas_until_it_has_ended_and_the_guess_then():
    assert frame().shown is not frame().guess
    running, ended = frame(seed=1), frame(seed=1, stop="stable")
    assert np.array_equal(running.shown, running.ids) and np.array_equal(ended.shown, ended.guess)


def test_text_ends_at_the_first_end_token_and_leaves_control_tokens_out():
    ids = np.array([2, 3, 0, 4, 1, 7])
    assert LEXICON.end(ids) == 4
    assert LEXICON.text(ids) == LEXICON.text(list(ids)) == "Once upon a"
    assert LEXICON.end(np.array([2, 3])) == 2


def test_characters_split_over_tokens_join_again():
    snow = "\u2603".encode()
    split = Lexicon({0: snow[:1], 1: snow[1:]}, frozenset())
    assert split.text([0, 1]) == "\u2603"
    assert split.piece(0) == "\ufffd" and split.piece(99) == "?"


def test_the_text_ends_where_an_end_is_accepted_not_where_it_is_guessed():
    ids, guess = np.array([2, 1, 3, 1], np.int32), np.array([1, 3, 3, 3], np.int32)
    only_last = np.array([1, 0, 1, 1], bool)
    assert LEXICON.extent(frame(cells=4, ids=ids, guess=guess, held=only_last)) == 3
    assert LEXICON.extent(frame(cells=4, ids=ids, guess=guess, held=only_last, stop="stable")) == 0
    assert LEXICON.extent(frame(cells=4, ids=ids, guess=guess, held=np.zeros(4, bool))) == 4


def test_a_canvas_that_has_stopped_held_its_text():
    ids, guess = np.array([5, 6, 7, 8], np.int32), np.array([2, 3, 4, 5], np.int32)
    before = frame(cells=4, ids=ids, guess=guess, held=np.array([True, False, False, False]), stop="stable")
    held, now = np.array([True, True, True, False]), np.array([2, 3, 9, 9], np.int32)
    after = frame(step=1, cells=4, ids=now, held=held, round=1)
    assert marks(before, after).tolist() == [KEPT, KEPT, CHANGED, WITHDRAWN]
