"""Proofreading in the window: its steps are told apart from the others, and what came of them."""

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from app.run.rounds import outcome, proofreading, told
from app.run.stage import Stage
from app.words import ending, stepped, taken
from engine.values.edit import Edit
from engine.values.settings import Settings
from samples import frame, recording

KNOBS = Settings(proofread=2)
CELLS = 6


def text(*changed):
    ids = np.full(CELLS, 3, np.int32)
    ids[list(changed)] = 7
    return ids


def step(number, ids, stop="", **changes):
    return frame(0, number, cells=CELLS, ids=ids, guess=ids, stop=stop, settings=KNOBS, **changes)


def due(number, melt, ids):
    return Edit(0, number, melt=melt, pins=tuple((c, int(ids[c])) for c in range(CELLS) if c not in melt))


def proofread(second, then):
    """Two steps, a round that ends in `second`, and one that begins with `then`."""
    run = recording(steps=0)
    run.settings = KNOBS
    run.append(step(0, text()))
    run.append(step(1, text(), "stable"))
    run.append(step(2, text(), round=1, edits=(due(2, (1, 4), text()),)))
    run.append(step(3, second, "stable", round=1))
    run.append(step(4, then, "stable", round=2, edits=(due(4, (5,), then),)))
    return run


def test_steps_and_those_of_proofreading_are_counted_apart():
    run = proofread(text(1, 4), text(1, 4))
    assert proofreading(run) == [2, 3, 4] and taken(run) == "2 + 3 proofreading steps"
    assert "2 + 3 proofreading steps" in ending(run)
    assert [stepped(run, at) for at in (0, 2, 4)] == ["step 1 of 2", "proofreading, round 1", taken(run)]
    assert taken(recording(steps=5)) == "5 steps"


def test_a_round_is_told_with_what_came_of_it():
    fates = {text(1, 4).tobytes(): "kept", text(1).tobytes(): "kept in part", text().tobytes(): "undone"}
    for then, fate in fates.items():
        run = proofread(text(1, 4), np.frombuffer(then, np.int32).copy())
        assert told(run, 1) == "" and told(run, 2) == "proofreading, round 1 of at most 2"
        assert told(run, 3) == f"proofreading, round 1: {fate}"
    assert told(proofread(text(), text()), 3).endswith("nothing changed")


def test_what_is_put_back_is_no_round_of_its_own():
    run = proofread(text(1), text())
    run.frames[4] = step(4, text(), "stable", round=1, edits=(due(4, (), text()),))
    assert "put back" in told(run, 4) and outcome(run) == "proofread: all undone"


def test_all_of_it_is_told_in_the_end():
    assert outcome(proofread(text(1, 4), text(1, 4))) == "proofread: 2 tokens changed"
    run = proofread(text(), text())
    del run.frames[2:]
    assert outcome(run) == "proofread: nothing odd was found" and outcome(recording()) == ""


def test_the_stage_tells_rounds_and_shows_no_pins(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    stage = Stage(parent)
    for widget in (stage.canvas, stage.transport, stage.headline, stage.charts, stage.token):
        qtbot.addWidget(widget)
    run = proofread(text(1, 4), text(1, 4))
    stage.begin(run, None)
    stage.player.seek(3)
    assert "proofreading, round 1: kept" in stage.headline._facts.state
    assert "4 / 2 + 3" in [label.text() for label in stage.transport.findChildren(QLabel)]
    stage.player.seek(0)
    assert stage.headline._facts.state == "step 1 of at most 48, then proofreading"
    stage.player.seek(4)
    assert "2 + 3 proofreading steps" in stage.headline._facts.state
    stage.end()
