"""What a wish makes of the text on screen: edits, and the laws that they keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.run import hands
from app.run.hands import Force
from engine.values.edit import Edit
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.blanks import escaped, parse
from samples import LEXICON, WORDS, frame, recording

NOTHING = Force({}, {})
CELLS = 12


def ended(**changes):
    words = np.arange(2, 2 + CELLS, dtype=np.int32) % len(WORDS)
    return frame(cells=CELLS, ids=words, guess=words, stop="stable", **changes)


def cells():
    return st.sets(st.integers(0, CELLS - 1), min_size=1).map(sorted)


def test_what_holds_is_what_the_edits_of_the_canvas_left():
    recording = Recording("a", Settings(), "m", "cpu", LEXICON)
    script = [Edit(pins=((1, 5), (2, 6)), limits=((3, (7, 8)),)), Edit(free=(1,)), Edit(melt=(3,), pins=((4, 9),))]
    for step, edit in enumerate(script):
        recording.append(frame(step=step, cells=CELLS, edits=(edit,)))
    recording.append(frame(canvas=1, cells=CELLS))
    assert hands.in_force(recording, 0) == ({1: 5, 2: 6}, {3: (7, 8)})
    assert hands.in_force(recording, 2) == ({2: 6, 4: 9}, {})
    assert hands.in_force(recording, 3) == NOTHING


@given(cells(), st.floats(0, 1), st.integers(0, 99))
def test_a_share_is_drawn_by_the_seed_and_is_never_nothing(chosen, share, seed):
    drawn = hands.some(chosen, share, seed)
    assert drawn == hands.some(chosen, share, seed) and set(drawn) <= set(chosen)
    assert len(drawn) == max(1, round(share * len(chosen)))


@given(cells(), cells())
def test_another_beginning_holds_every_cell_that_does_not_melt(melted, pinned):
    here = ended()
    pins = dict.fromkeys(pinned, 3)
    edit = hands.anew(here, Force(pins, {}), hands.change({}, melted))
    told = [cell for cell, _ in edit.put + edit.pins] + list(edit.melt)
    assert sorted(told) == list(range(CELLS))  # each once
    assert dict(edit.pins) == {cell: 3 for cell in pinned if cell not in melted}
    assert all(id == here.guess[cell] for cell, id in edit.put)


def test_pins_that_wait_win_over_those_that_hold_and_none_lets_go():
    edit = hands.anew(ended(), Force({1: 3, 2: 3}, {}), hands.change({1: None, 5: 9}))
    assert dict(edit.pins) == {2: 3, 5: 9}


@given(cells())
def test_what_is_kept_alone_is_all_that_does_not_melt(kept):
    edit = hands.alone(ended(), Force({0: 4}, {}), dict.fromkeys(kept, 7), {})
    assert set(edit.melt) == set(range(CELLS)) - set(kept) - {0}
    assert dict(edit.pins) == dict.fromkeys(kept, 7)


@given(st.integers(0, CELLS - 1), st.integers(1, 4), st.lists(st.integers(2, 9), min_size=1, max_size=5))
def test_words_typed_into_a_finished_text_move_what_is_behind(first, many, typed):
    here = ended()
    chosen = list(range(first, min(first + many, CELLS)))
    typed = typed[: CELLS - first]
    edit = hands.anew(here, NOTHING, hands.spliced(here, NOTHING, chosen, typed, {}))
    held = dict(edit.put) | dict(edit.pins)
    was = here.guess.tolist()
    whole = [*was[:first], *typed, *was[chosen[-1] + 1 :]]
    whole = (whole + [was[-1]] * CELLS)[:CELLS]
    assert [held[cell] for cell in range(CELLS)] == whole
    assert dict(edit.pins) == dict(enumerate(typed, first)) and not edit.melt


def test_pins_behind_typed_words_move_along():
    edit = hands.spliced(ended(), Force({0: 5, 8: 6}, {}), [2], [7, 7, 7], {})
    assert dict(edit.pins) == {0: 5, 2: 7, 3: 7, 4: 7, 10: 6}
    assert set(edit.free) == {8}


def test_words_typed_while_it_forms_fill_cells_or_free_them():
    assert hands.written([3, 4, 5], [7], {}) == Edit(melt=(4, 5), pins=((3, 7),))
    assert hands.written([3], [7, 8], {}) == Edit(pins=((3, 7), (4, 8)))


@pytest.mark.parametrize("chosen", [[3], [3, 4, 5], [0]])
def test_a_gap_stands_where_words_were(chosen):
    here = ended()
    blanks = parse(hands.with_gap(LEXICON, here, chosen))
    assert [gap.cells for gap in blanks.gaps] == [len(chosen)]
    texts = "".join(part for part in blanks.parts if isinstance(part, str))
    rest = [int(id) for cell, id in enumerate(here.guess) if cell not in chosen]
    assert texts.replace(" ", "") == LEXICON.text(rest[: LEXICON.end(np.array(rest))]).replace(" ", "")


@given(st.text("a_[].|\\3 \n", max_size=20))
def test_no_text_that_is_escaped_has_a_gap(text):
    blanks = parse(escaped(text))
    assert blanks.parts == ((text,) if text else ()) and not blanks.goes_on


def test_what_proofreading_holds_is_not_held_by_hands():
    run = recording(steps=2, cells=4)
    run.frames[0] = frame(cells=4, edits=(Edit(pins=((1, 7),)),))
    due = Edit(step=2, melt=(2,), pins=((0, 3), (1, 7), (3, 3)))
    run.append(frame(step=2, cells=4, round=1, edits=(Edit(step=2, pins=((0, 9),)), due)))
    assert hands.in_force(run, 2).pins == {0: 9, 1: 7}
