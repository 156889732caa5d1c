"""Edits: what hands do to a canvas while it is written, step by step and recorded."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

import tiny
from engine.model.gemma import Gemma
from engine.steps import readout
from engine.steps.branch import KEPT, Moments, go_on
from engine.steps.denoise import denoise
from engine.steps.hands import Hands
from engine.values.edit import CHOICES, Edit, pinned
from engine.values.frame import PINNED, StepError, marks
from engine.values.recording import Recording
from engine.values.settings import SAMPLERS, Settings

torch.set_num_threads(1)
CELLS, PROMPT = 16, [tiny.BOS, 30, 31, 32]
RESTLESS = Settings(steps=6, confidence=0.0, entropy_bound=2.0)
WORD = 40


@cache
def gemma() -> Gemma:
    return Gemma(
        tiny.model(canvas=CELLS, sharpness=0.6, ends=(), vocabulary=len(tiny.tokenizer())), tiny.tokenizer(), "tiny"
    )


def frames(*edits: Edit, settings: Settings = RESTLESS, **options):
    found = {}
    for edit in edits:
        found[edit.canvas, edit.step] = (*found.get((edit.canvas, edit.step), ()), edit)
    ask = options.pop("ask", lambda canvas, step: settings)
    edits_at = options.pop("edits", lambda canvas, step: found.get((canvas, step), ()))
    return list(denoise(gemma(), PROMPT, ask, edits=edits_at, **options))


def alike(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        for name in ("ids", "guess", "held", "pinned", "entropy", "top_ids"):
            assert np.array_equal(getattr(a, name), getattr(b, name)), (name, a.canvas, a.step)
        assert (a.stop, a.edits) == (b.stop, b.edits)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_pinned_cells_hold_their_id_in_every_step_and_are_not_accepted(sampler):
    run = frames(pinned({3: WORD, 9: 41}), settings=replace(RESTLESS, sampler=sampler))
    for frame in run:
        assert frame.ids[[3, 9]].tolist() == frame.guess[[3, 9]].tolist() == [WORD, 41]
        assert np.flatnonzero(frame.pinned).tolist() == [3, 9]
        assert not frame.held[[3, 9]].any() and frame.settled[[3, 9]].all() and frame.held.any()
        assert marks(None, frame)[3] == PINNED


def test_a_pin_holds_from_its_step_until_it_is_let_go():
    run = frames(pinned({3: WORD}, step=2), Edit(step=4, free=(3,)))
    assert [bool(frame.pinned[3]) for frame in run] == [False, False, True, True, False, False]
    assert run[2].ids[3] == run[3].ids[3] == WORD


def test_pins_end_with_their_canvas():
    run = frames(pinned({3: WORD}), settings=replace(RESTLESS, canvases=2))
    assert {frame.canvas for frame in run if frame.pinned.any()} == {0}


def test_a_pin_spends_no_entropy_budget():
    """As many free cells are accepted as the budget allows by itself, and the pinned ones come on top."""
    frame = frames(pinned(dict.fromkeys(range(8), WORD)))[0]
    entropy = np.sort(frame.entropy[8:])
    before = np.cumsum(entropy) - entropy
    assert frame.held.sum() == (before <= RESTLESS.entropy_bound).sum()


def test_a_pin_changes_what_comes_around_it():
    assert not np.array_equal(frames(pinned({0: WORD, 1: WORD}))[-1].guess[2:], frames()[-1].guess[2:])


def test_hands_that_hold_nothing_change_nothing():
    touched = frames(Edit(free=(0, 1)), pinned({2: WORD}, step=5), Edit(step=5, free=(2,)))
    for one, other in zip(touched, frames(), strict=True):
        for name in ("ids", "guess", "held", "entropy"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_what_is_melted_forgets_what_it_was():
    """After all cells are melted, it makes no difference what they were before."""
    every = tuple(range(CELLS))
    one = frames(pinned({3: WORD, 4: WORD}), Edit(step=2, melt=every))
    other = frames(pinned({7: 50}), Edit(step=2, melt=every))
    assert not np.array_equal(one[1].ids, other[1].ids)
    alike(one[2:], other[2:])


def test_what_is_put_is_where_the_canvas_begins_and_may_be_lost():
    canvas = list(range(40, 40 + CELLS))
    put = frames(Edit(put=tuple(enumerate(canvas))))
    given = frames(canvas=canvas)
    for one, other in zip(put, given, strict=True):
        assert np.array_equal(one.ids, other.ids)
    assert not put[0].pinned.any() and not np.array_equal(put[0].ids, canvas)


@pytest.mark.parametrize("few", [(WORD,), (WORD, 41, 42), tuple(range(30, 30 + CHOICES))])
def test_limited_cells_stay_in_their_set(few):
    for frame in frames(Edit(limits=((5, few),))):
        assert frame.guess[5] in few and (not frame.held[5] or frame.ids[5] in few)
        told = frame.top_probs[5].sum()  # of more choices than are told, some are missing
        assert set(frame.top_ids[5].tolist()) <= set(few) and told < 1.01
        assert told > 0.99 or len(few) > readout.TOP


def test_a_limited_readout_is_the_softmax_over_what_is_left():
    dice = torch.Generator().manual_seed(1)
    hidden, embedding = torch.randn(4, 8, generator=dice), torch.randn(50, 8, generator=dice)
    limits = torch.full((4, CHOICES), -1)
    limits[1, :3] = torch.tensor([7, 30, 2])
    draws = torch.rand(4, generator=dice)

    def read(limits=None):
        return readout.given(hidden, lambda rows: rows @ embedding.T, embedding, 2.0, 1 / 0.7, draws, limits)

    free, some = read(), read(limits)
    probs = ((hidden[1] @ embedding[[7, 30, 2]].T) / 0.7).softmax(-1)
    ranked, order = probs.sort(descending=True)
    assert torch.allclose(some.top_probs[1, :3], ranked) and not some.top_probs[1, 3:].any()
    assert some.top_ids[1, :3].tolist() == torch.tensor([7, 30, 2])[order].tolist()
    assert torch.isclose(some.entropy[1], -(probs * probs.log()).sum(), atol=1e-5)
    assert torch.allclose(some.soft[1], 2 * probs @ embedding[[7, 30, 2]], atol=1e-5)
    for name in ("guess", "sample", "entropy", "top_ids", "top_probs", "soft"):
        assert torch.equal(getattr(some, name)[[0, 2, 3]], getattr(free, name)[[0, 2, 3]])


def test_without_temperature_a_limited_cell_takes_its_likeliest_id():
    for frame in frames(Edit(limits=((5, (WORD, 41)),)), settings=replace(RESTLESS, t_max=0.0, t_min=0.0)):
        assert frame.entropy[5] == 0 and frame.ids[5] == frame.guess[5] == frame.top_ids[5, 0]


def test_a_canvas_of_pins_alone_is_over_as_soon_as_it_is_stable():
    run = frames(pinned(dict.fromkeys(range(CELLS), WORD)), settings=Settings(steps=6))
    assert run[-1].stop == "stable" and len(run) == 2 and set(run[-1].guess) == {WORD}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Edit(free=(-1,)), "whole numbers"),
        (lambda: Edit(pins=((1, True),)), "whole numbers"),
        (lambda: Edit(limits=((1, ()),)), "limited to 1 to"),
        (lambda: Edit(limits=((1, tuple(range(CHOICES + 1))),)), "limited to 1 to"),
        (lambda: frames(Edit(melt=(CELLS,))), "cell 16, but a canvas has 16"),
        (lambda: frames(pinned({0: 10_000_000})), "token 10000000"),
    ],
)
def test_an_edit_of_what_there_is_not_is_refused_in_a_sentence(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()


def recorded(run) -> Recording:
    model = gemma()
    return Recording("a", RESTLESS, model.name, "cpu", model.lexicon, run)


EDITS = (
    pinned({3: WORD}),
    Edit(step=2, melt=(4, 5), limits=((6, (WORD, 41)),)),
    Edit(step=2, put=((7, 44),)),
    Edit(step=4, free=(3,)),
)


def test_a_recording_keeps_its_edits_and_runs_again_to_the_same_ids(tmp_path):
    run = recorded(frames(*EDITS))
    run.save(tmp_path / "edits.unnoise")
    loaded = Recording.load(tmp_path / "edits.unnoise")
    assert [frame.edits for frame in loaded.frames] == [frame.edits for frame in run.frames]
    assert loaded.id == run.id and loaded.parent is None
    alike(run.frames, frames(ask=loaded.ask(), edits=loaded.hands()))
    alike(run.frames, loaded.frames)


def test_a_run_goes_on_from_any_of_its_moments():
    moments = {}
    settings = replace(RESTLESS, canvases=2, seed=3)
    whole = frames(
        *EDITS, settings=settings, keep=lambda moment: moments.update({(moment.canvas, moment.step): moment})
    )
    hands = recorded(whole).hands()
    assert set(moments) == {(canvas, step) for canvas in (0, 1) for step in range(1, 6)}
    for (canvas, step), moment in moments.items():
        rest = frames(settings=settings, edits=hands, start=moment)
        alike(whole[canvas * 6 + step :], rest)
        assert rest[0].seconds > moment.seconds


def test_a_branch_has_its_parents_frames_and_knows_where_it_left():
    run = recorded(frames())
    branch = run.branch(3)
    assert branch.frames == run.frames[:3] and branch.parent == (run.id, 3) and branch.id != run.id
    assert len(run.frames) == 6


def test_tensors_of_fixed_shape_stay_where_they_are():
    hands = Hands(CELLS, torch.device("cpu"))
    places = hands.pins.data_ptr(), hands.limits.data_ptr()
    hands.take([pinned({1: 2}), Edit(limits=((3, (4, 5)),))])
    hands.take([Edit(free=(1,))])
    assert (hands.pins.data_ptr(), hands.limits.data_ptr()) == places
    assert not hands.pinned.any() and np.flatnonzero(hands.limited).tolist() == [3]


def gone_on(branch, *edits, moments=None, model=None):
    def hands(canvas, step):
        return tuple(edit for edit in edits if (edit.canvas, edit.step) == (canvas, step))

    ask = lambda canvas, step: branch.settings  # noqa: E731
    branch.frames += go_on(model or gemma(), branch, PROMPT, ask, hands, moments)
    return branch


@pytest.fixture
def whole():
    """A run with the moments of it."""
    moments, run = Moments(), recorded([])
    return gone_on(run, *EDITS, moments=moments), moments


@pytest.mark.parametrize("index", [1, 3, 5])
def test_a_branch_goes_on_at_once_or_by_computing_its_steps_again(whole, index, monkeypatch):
    run, moments = whole
    new = pinned({8: 50}, step=index)
    again = gone_on(run.branch(index), new)
    monkeypatch.setattr(gemma(), "head", counted := Counted(gemma().head))
    quick = gone_on(run.branch(index), new, moments=moments)
    assert counted.calls == 6 - index
    alike(again.frames, quick.frames)
    assert quick.frames[:index] == run.frames[:index] and quick.frames[-1].guess[8] == 50
    assert run.frames[-1].guess[8] != 50


class Counted:
    def __init__(self, work):
        self.work, self.calls = work, 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.work(*arguments)


def test_a_branch_of_a_branch_goes_on_from_their_common_steps(whole, monkeypatch):
    run, moments = whole
    first = gone_on(run.branch(4), pinned({8: 50}, step=4), moments=moments)
    monkeypatch.setattr(gemma(), "head", counted := Counted(gemma().head))
    gone_on(first.branch(2), pinned({9: 51}, step=2), moments=moments)
    assert counted.calls == 4


def test_few_runs_are_kept(whole):
    run, moments = whole
    for _ in range(KEPT):
        moments.keep(recorded([]))
    assert moments.next(run.branch(3)) is None


def test_steps_that_come_out_differently_are_no_ground_to_go_on_from(whole):
    run, _ = whole
    other = Gemma(
        tiny.model(seed=5, canvas=CELLS, ends=(), vocabulary=len(tiny.tokenizer())), tiny.tokenizer(), "tiny"
    )
    with pytest.raises(StepError, match="model and the device"):
        gone_on(run.branch(3), model=other)
