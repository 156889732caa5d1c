"""Words that may stand anywhere within some cells: they are in the text, within those cells, in every run."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tiny
from engine.model.gemma import Gemma
from engine.steps.branch import go_on
from engine.steps.denoise import denoise
from engine.steps.seat import _all_have_room, liking, seat
from engine.values.edit import Edit, EditError, pinned
from engine.values.recording import Recording
from engine.values.settings import Settings

torch.set_num_threads(1)
CELLS, PROMPT, ENDS = 16, [tiny.BOS, 30, 31, 32], tuple(range(60, 90))  # many, so that it ends everywhere
RESTLESS = Settings(steps=4, confidence=0.0, entropy_bound=2.0)


@pytest.fixture(scope="module")
def model():
    whole = tiny.model(canvas=CELLS, sharpness=0.6, ends=ENDS, vocabulary=len(tiny.tokenizer()))
    return Gemma(whole, tiny.tokenizer(), "tiny")


def run(model, *edits, knobs=RESTLESS, **options):
    at = lambda canvas, step: [edit for edit in edits if (edit.canvas, edit.step) == (canvas, step)]  # noqa: E731
    return list(denoise(model, PROMPT, lambda canvas, step: knobs, edits=at, **options))


def places(text, word):
    return [at for at in range(len(text)) if tuple(text[at : at + len(word)]) == word]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("first", "last"), [(0, 15), (9, 12), (14, 15)])
@pytest.mark.parametrize("steps", [1, 4])
def test_words_are_in_the_text_within_their_cells(model, first, last, seed, steps):
    word = (40, 41)
    edit = Edit(near=((first, last, word),))
    frames = run(model, edit, knobs=Settings(steps=steps, seed=seed, confidence=0.0, canvases=1))
    text = frames[-1].guess[: model.lexicon.end(frames[-1].guess)].tolist()
    assert any(first <= at <= last - 1 for at in places(text, word))
    assert all(frame.pinned.sum() == 2 for frame in frames)  # from the first step on


def test_nothing_ends_a_text_before_what_is_pinned_and_all_may_behind_it(model):
    """Without hands this model ends its text at once."""
    free, held = run(model)[-1].guess, run(model, pinned({11: 40}))[-1].guess
    assert model.lexicon.end(free) < 11 < model.lexicon.end(held)
    ended = run(model, pinned({5: ENDS[0], 11: 40}))[-1].guess  # what is pinned behind a pinned end is no text
    assert model.lexicon.end(ended) <= 5
    assert np.isin(run(model, pinned({3: 40}))[-1].guess[4:], ENDS).any()


def test_a_word_goes_where_the_model_likes_it_best(model):
    """By one look at the canvas, as it is before the step."""
    word, cache = (40,), model.prefill(PROMPT)
    canvas = list(range(30, 30 + CELLS))
    hidden = model.decode(torch.tensor(canvas), cache, None)
    best = int(model.head(hidden).log_softmax(-1)[3:12, 40].argmax()) + 3
    [edit] = run(model, Edit(near=((3, 11, word),)), canvas=canvas)[0].edits
    assert edit.pins == ((best, 40),) and not edit.near


def test_the_look_is_counted(model, monkeypatch):
    seen = []
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda *a: seen.append(1) or decode(*a))
    frames = run(model, Edit(near=((3, 11, (40,)),)))
    assert len(seen) == len(frames) + 1
    assert frames[0].seconds >= frames[0].step_seconds > 0


def test_a_run_is_repeated_from_what_its_frames_tell(model):
    first = run(model, Edit(near=((3, 11, (40, 41)),)), Edit(step=2, near=((0, 15, (50,)),)))
    again = run(model, *(edit for frame in first for edit in frame.edits))
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.ids, other.ids) and one.edits == other.edits
        assert all(not edit.near for edit in one.edits)


def test_a_recording_goes_on_with_words_near_a_place(model):
    recording = Recording("a", RESTLESS, "tiny", "cpu", model.lexicon)
    recording.frames += run(model)[:2]
    edits = lambda canvas, step: (Edit(0, 2, near=((8, 15, (40,)),)),) if step == 2 else ()  # noqa: E731
    frames = list(go_on(model, recording, PROMPT, lambda canvas, step: RESTLESS, edits))
    assert [frame.step for frame in frames] == [2, 3]
    assert all(40 in frame.ids[8:16] for frame in frames)


def test_other_hands_keep_their_cells(model):
    edit = Edit(limits=((4, (50, 51)),), pins=((3, 45), (6, 46)), near=((3, 6, (40,)),))
    frame = run(model, edit)[-1]
    assert frame.guess[3] == 45 and frame.guess[4] in (50, 51) and frame.guess[5] == 40 and frame.guess[6] == 46


@pytest.mark.parametrize(
    "edit",
    [
        Edit(pins=((3, 45), (4, 45)), near=((3, 4, (40,)),)),
        Edit(near=((3, 4, (40,)), (3, 4, (41, 42)))),
        Edit(pins=((3, ENDS[0]),), near=((8, 12, (40,)),)),  # nothing is read behind an end
    ],
)
def test_words_without_room_are_refused_before_the_step(model, edit):
    with pytest.raises(EditError, match="no room"):
        run(model, edit)


def test_an_edit_says_what_cannot_be():
    with pytest.raises(EditError, match="3 tokens do not fit into the cells from 4 to 5"):
        Edit(near=((4, 5, (1, 2, 3)),))
    with pytest.raises(EditError, match="at once"):
        Edit(near=((0, 9, (1,)),) * 17)
    with pytest.raises(EditError, match="cell 20"):
        Edit(near=((0, 20, (1,)),)).fits(16, 100)


def words():
    spans = st.tuples(st.integers(0, 11), st.integers(1, 12), st.integers(1, 3))
    cut = spans.map(lambda s: (s[0], min(s[0] + s[1] - 1, 11), s[2]))
    return st.lists(cut.filter(lambda s: s[1] - s[0] + 1 >= s[2]), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(words(), st.sets(st.integers(0, 11), max_size=3), st.integers(0, 99))
def test_all_words_have_a_place_of_their_own_whatever_the_model_likes(spans, held, seed):
    near = [(first, last, tuple(range(10 * at, 10 * at + count))) for at, (first, last, count) in enumerate(spans)]
    taken = np.isin(np.arange(12), list(held))
    assume(_all_have_room(near, taken))
    hidden = torch.randn(12, 60, generator=torch.Generator().manual_seed(seed)) * 5
    found = seat(near, taken, hidden, lambda rows: rows.clone())
    assert len(found) == sum(len(word) for _, _, word in near) and not set(found) & held
    for first, last, word in near:
        at = next(cell for cell, id in found.items() if id == word[0])
        assert first <= at and at + len(word) - 1 <= last
        assert [found[at + i] for i in range(len(word))] == list(word)


def test_liking_is_the_log_probability():
    hidden = torch.randn(40, 9, generator=torch.Generator().manual_seed(1))
    found = liking(hidden, lambda rows: rows.clone(), [2, 7])
    assert np.allclose(found, hidden.log_softmax(-1)[:, [2, 7]], atol=1e-6)
