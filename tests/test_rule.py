"""The rule of a step, drawn: it counts as the sampler does, and its line is a wish."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt

from app.run.rule import asked, begin, held, order, reasons, sight, unchanged
from engine.steps.samplers import SAMPLERS
from engine.values.edit import Edit
from engine.values.settings import Settings
from samples import frame, recording
from widgets.rule import Rule


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("seed", range(6))
def test_as_many_would_be_accepted_as_the_sampler_accepts(sampler, seed):
    rng = np.random.default_rng(seed)
    pinned = rng.random(40) < 0.2
    step = frame(step=seed, cells=40, seed=seed, pinned=pinned)
    knobs = Settings(sampler=sampler, entropy_bound=0.5 * (seed + 1), accept_above=0.3, steps=12)
    entropy = torch.tensor(step.entropy).masked_fill(torch.tensor(pinned), float("inf"))
    top = torch.tensor(step.top_probs).masked_fill(torch.tensor(pinned)[:, None], 0.0)
    held = SAMPLERS[sampler](entropy, top, knobs, seed) & ~torch.tensor(pinned)
    assert order(step, knobs, ~step.pinned, step.step)[1] == int(held.sum())


def test_a_higher_bound_accepts_at_least_as_many():
    step = frame(cells=40)
    counts = [order(step, Settings(entropy_bound=bound), ~step.pinned, 0)[1] for bound in (0.001, 0.1, 1, 10, 100)]
    assert counts == sorted(counts) and counts[0] >= 1 and counts[-1] == 40


def test_how_long_the_guess_has_stayed():
    run = recording(steps=1)
    run.frames.clear()
    guess = np.full(4, 5, np.int32)
    for step, now in enumerate((guess, guess + 1, guess + 1, guess + 1)):
        run.append(frame(step=step, cells=4, guess=now))
    assert [unchanged(run, index) for index in range(4)] == [0, 0, 1, 2]


def test_why_it_ended_and_what_holds_it_back():
    run = recording(steps=3)
    told = [reason.words for reason in reasons(run, 1)]
    assert any("Held back most by" in words for words in told)
    assert [reason.fulfilled for reason in reasons(run, 1)][:2] == [False, False]
    assert reasons(run, 2)[0].words == "Ended here: stable and confident."


def test_what_hands_hold_is_told_with_its_place():
    run = recording(steps=2)
    some = Edit(pins=((2, 5), (3, 6), (7, 4)))
    run.frames[0] = replace(run.frames[0], edits=(some,))
    first, last = (run.lexicon.text(ids) for ids in ([5, 6], [4]))
    assert held(run, 1) == [f"Pinned: “{first.strip()}” from cell 2 on, “{last.strip()}” from cell 7 on"]
    run.frames[0] = replace(run.frames[0], edits=(Edit(pins=tuple((cell, 5) for cell in range(0, 10, 2))),))
    assert held(run, 1) == ["Pinned: 5 cells in 5 places"]
    assert held(recording(steps=2), 1) == []


@pytest.fixture
def rule(qtbot):
    widget = Rule()
    qtbot.addWidget(widget)
    widget.resize(700, 200)
    widget.show()
    widget.show_sight(sight(recording(), 1, Settings(entropy_bound=1.0)))
    return widget


def test_the_line_is_dragged_and_moved_by_keys(rule, qtbot):
    moved = []
    rule.moved.connect(moved.append)
    at = QPoint(100, round(rule._y(1.0)))
    qtbot.mousePress(rule, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(rule, at - QPoint(0, 30))
    qtbot.mouseRelease(rule, Qt.MouseButton.LeftButton, pos=at)
    assert moved[0] == pytest.approx(1.0, rel=0.2) and moved[-1] > 2
    moved.clear()
    qtbot.keyClick(rule, Qt.Key.Key_Up)
    qtbot.keyClick(rule, Qt.Key.Key_Down)
    assert moved[0] > 1 > moved[1]


def test_it_is_told_to_those_who_do_not_see(rule):
    assert "accepted" in rule.accessibleDescription() and "Mean entropy" in rule.accessibleDescription()


def test_a_quota_has_no_line(rule, qtbot):
    moved = []
    rule.moved.connect(moved.append)
    rule.show_sight(sight(recording(), 1, Settings(sampler="linear quota")))
    qtbot.mousePress(rule, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.keyClick(rule, Qt.Key.Key_Up)
    assert not moved and not rule.grab().isNull()


def test_in_a_round_of_proofreading_only_what_melted_is_a_question():
    run = recording(steps=3)
    edit = Edit(0, 3, melt=(2, 5), pins=tuple((cell, 3) for cell in range(16) if cell not in (2, 5)))
    run.append(frame(step=3, edits=(edit,), round=1))
    run.append(frame(step=4, round=1))
    assert [begin(run, index) for index in range(5)] == [0, 0, 0, 3, 3]
    assert np.flatnonzero(asked(run, 4)).tolist() == [2, 5] and asked(run, 2).all()
    assert len(sight(run, 4, Settings()).values) == 2 and unchanged(run, 3) == 0
