"""What is marked of two runs: words that the other text has not, wherever these stand."""

import numpy as np

from app.run.apart import different
from engine.values.frame import Lexicon
from samples import WORDS, frame, recording


def run(*canvases, lexicon=None, **changes):
    """A recording of one step a canvas, each of which stands."""
    result = recording(steps=0)
    result.lexicon = lexicon or result.lexicon
    for canvas, words in enumerate(canvases):
        ids = np.array([WORDS.index(word) for word in words], np.int32)
        result.append(frame(canvas, 0, cells=len(ids), **{"ids": ids, "guess": ids, "stop": "stable"} | changes))
    return result


def test_words_are_found_where_they_moved_to():
    one = run(["Once", " upon", " a", " time", " a", " fox"])
    other = run(["Once", " the", " upon", " a", " time", " a"])
    mine, theirs = different(one, 0, other, 0)
    assert (mine.cells, mine.words, mine.of) == ({5}, 1, 6) and (theirs.cells, theirs.words, theirs.of) == (
        {1},
        1,
        6,
    )
    same, _ = different(one, 0, one, 0)
    assert not same.cells and not same.words


def test_what_comes_after_the_end_is_no_word():
    one, other = run(["Once", "<end>", " fox"]), run(["Once", "<end>", " time"])
    assert all(not mark.cells and mark.of == 1 for mark in different(one, 0, other, 0))


def test_all_cells_of_a_word_are_marked_and_a_sign_is_a_word():
    pieces = {2: b" lan", 3: b"tern", 4: b"ding", 5: b".", 6: b" the"}
    lexicon = Lexicon(pieces, frozenset({1}))
    ids = np.array([6, 2, 3, 5], np.int32), np.array([6, 2, 4, 5], np.int32)
    one, other = (run([" fox"], lexicon=lexicon) for _ in ids)
    for texts in (one, other):
        texts.frames[0] = frame(cells=4, ids=ids[texts is other], guess=ids[texts is other], stop="stable")
    mine, theirs = different(one, 0, other, 0)
    assert mine.cells == theirs.cells == {1, 2} and (mine.words, mine.of) == (1, 3)


def test_models_are_compared_by_what_their_tokens_say():
    lexicon = Lexicon({20: b"Once", 21: b" fox"}, frozenset({1}))
    other = recording(steps=0)
    other.lexicon = lexicon
    ids = np.array([20, 21], np.int32)
    other.append(frame(cells=2, ids=ids, guess=ids, stop="stable"))
    assert not any(mark.cells for mark in different(run(["Once", " fox"]), 0, other, 0))


def test_noise_is_no_difference():
    held = np.array([True, True, False, False])
    one = run(["Once", " upon", " a", " time"], held=held, stop="")
    other = run(["Once", " fox", " fox", " fox"], held=held | [False, False, True, False], stop="")
    mine, theirs = different(one, 0, other, 0)
    assert mine.cells == theirs.cells == {1}


def test_canvases_before_are_compared_too():
    one, other = run(["Once", " upon"], [" a", " time"]), run(["Once", " the"], [" a", " fox"])
    mine, theirs = different(one, 1, other, 1)
    assert (mine.before, mine.cells) == ({1}, {1}) == (theirs.before, theirs.cells)
