"""Proofreading: what melts, what is kept, and what a run with it tells."""

import json

import numpy as np
import pytest
import torch

import tiny
from engine.__main__ import main
from engine.model import gemma
from engine.steps.branch import go_on
from engine.steps.denoise import denoise
from engine.steps.proof import NEAR, Proof
from engine.steps.surprise import quality
from engine.values.edit import Edit
from engine.values.frame import KEPT, marks
from engine.values.metrics import proofread
from engine.values.quality import Quality
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import LEXICON

torch.set_num_threads(1)
CELLS = 40
ODD = 9  # an id that surprises, in these tests


def judge(ids):
    """10 nats for every odd id."""
    return Quality(np.where(ids == ODD, 10.0, 0.1).astype(np.float32))


def text(*odd, end=CELLS - 4):
    ids = np.full(CELLS, 3, np.int32)
    ids[list(odd)], ids[end:] = ODD, 1
    return ids


def proof(rounds=2, fixed=(), of=judge):
    return Proof(rounds, np.isin(np.arange(CELLS), list(fixed)), LEXICON, of)


# One canvas.


def test_a_text_without_a_seam_is_left_alone():
    page = proof()
    page.look(text(), "stable", 0, 5)
    assert page.due is None and page.stop == "stable"


def test_odd_cells_melt_with_their_neighbours_and_hands_hold_the_others():
    page = proof(fixed=[11])
    page.look(text(10, 0, 35), "stable", 1, 5)
    near = {*range(10 - NEAR, 11 + NEAR), *range(NEAR + 1), *range(35 - NEAR, 36)} - {11}
    assert set(page.due.melt) == near and (page.due.canvas, page.due.step, page.since) == (1, 5, 5)
    assert dict(page.due.pins) == {cell: int(text(10, 0, 35)[cell]) for cell in set(range(CELLS)) - near}


def test_what_got_better_is_kept_and_what_got_worse_is_not():
    page = proof(rounds=1)
    page.look(text(5, 20), "stable", 0, 3)
    page.look(text(19, 20, 21), "stable", 0, 6)  # the first place is mended, the second is worse
    assert page.best.tolist() == text(20).tolist()
    assert page.back and page.due == Edit(0, 6, pins=tuple(enumerate(text(20).tolist()))), (
        "it is put back as a step"
    )


def test_nothing_is_put_back_where_the_canvas_holds_the_best():
    page = proof(rounds=1)
    page.look(text(5), "stable", 0, 3)
    page.look(text(), "steps", 0, 6)
    assert page.due is None and page.best.tolist() == text().tolist()


def test_rounds_are_bounded():
    page = proof(rounds=3)
    for step in range(4):
        page.look(text(5), "stable", 0, step)
    assert page.due is None and not page.back


def test_a_text_that_ends_elsewhere_is_not_taken():
    page = proof(rounds=1)
    page.look(text(5), "stable", 0, 3)
    page.look(text(end=2), "stable", 0, 6)
    assert page.back and page.best.tolist() == text(5).tolist()


def test_a_mixture_is_kept_only_if_the_whole_reads_better():
    def moody(ids):  # whatever is mended, the rest reads worse for it
        return Quality(np.where(ids == ODD, 10.0, 0.1 if (ids == ODD).sum() > 1 else 9.0).astype(np.float32))

    page = proof(rounds=1, of=moody)
    page.look(text(5, 20), "stable", 0, 3)
    page.look(text(20), "stable", 0, 6)
    assert page.best.tolist() == text(5, 20).tolist() and page.back


# Runs.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(tiny.checkpoint(tmp_path_factory.mktemp("models") / "tiny", sharpness=1.2, canvas=24))


@pytest.fixture(scope="module")
def model(folder):
    return gemma.load(folder, "cpu")


SETTINGS = Settings(steps=6, seed=3, proofread=2, canvases=2, confidence=0.0)


@pytest.fixture(scope="module")
def run(model):
    recording = Recording("a fox", SETTINGS, model.name, "cpu", model.lexicon, outcome="finished")
    for frame in denoise(model, model.encode("a fox"), lambda canvas, step: SETTINGS):
        recording.append(frame)
    return recording


def test_proofreading_follows_the_first_stop_and_every_round_begins_with_an_edit(model, run):
    plain = list(
        denoise(model, model.encode("a fox"), lambda canvas, step: Settings(steps=6, seed=3, confidence=0))
    )
    assert len(run.frames) > len(plain) == 6
    assert all(np.array_equal(a.ids, b.ids) for a, b in zip(plain, run.frames, strict=False))
    for index, frame in enumerate(run.frames):
        before = run.previous(index)
        assert bool(frame.edits) == (before is not None and bool(before.stop))
        assert not frame.edits or frame.edits[0].step == frame.step
    assert [frame.seconds for frame in run.frames] == sorted(frame.seconds for frame in run.frames)
    assert any(edit.melt for frame in run.frames for edit in frame.edits)


def test_what_a_round_keeps_is_held_and_not_pinned_by_hands(model, run, tmp_path):
    for index, frame in enumerate(run.frames):
        before = run.previous(index)
        follows = before is not None and bool(before.stop or before.round)
        assert not frame.pinned.any() and bool(frame.round) == follows
        if frame.edits and frame.edits[0].melt:
            melted = np.isin(np.arange(24), frame.edits[0].melt)
            assert frame.round == before.round + 1 and frame.held[~melted].all()
            assert set(marks(before, frame)[~melted]) <= {KEPT}
    run.save(tmp_path / "run.unnoise")
    kept = Recording.load(tmp_path / "run.unnoise")
    assert [frame.round for frame in kept.frames] == [frame.round for frame in run.frames]
    told = [frame.round for frame in run.frames]
    assert proofread(kept) == proofread(run) and 1 in told and 0 in told


def test_what_hands_pin_stays_theirs_while_it_is_proofread(model):
    pin = Edit(0, 0, pins=((4, 44),))
    edits = lambda canvas, step: (pin,) if step == 0 else ()  # noqa: E731
    frames = list(denoise(model, model.encode("a fox"), lambda canvas, step: SETTINGS, edits=edits))
    first = [frame for frame in frames if frame.canvas == 0]
    assert first[-1].round and all(np.flatnonzero(frame.pinned).tolist() == [4] for frame in first)


def test_a_round_has_a_schedule_of_its_own(run):
    begins = [index for index, frame in enumerate(run.frames) if frame.edits and frame.edits[0].melt]
    assert begins and all(run.frames[index].temperature == pytest.approx(SETTINGS.t_max) for index in begins)
    assert all(SETTINGS.t_min <= frame.temperature <= SETTINGS.t_max + 1e-6 for frame in run.frames)


def test_a_text_never_reads_worse_for_it(model, run):
    context = model.encode("a fox")
    for canvas in {frame.canvas for frame in run.frames}:
        stops = [frame for frame in run.frames if frame.canvas == canvas and frame.stop]
        first, last = (quality(model, model.lexicon, context, each.guess).mean for each in (stops[0], stops[-1]))
        assert last <= first + 1e-4
        context = [*context, *stops[-1].guess.tolist()]


def test_what_it_took_is_told(run):
    told = proofread(run)
    stops = sum(bool(frame.stop) for frame in run.frames)
    begun = [frame for frame in run.frames if any(edit.melt for edit in frame.edits)]
    assert told["rounds"] == len(begun) > 0 and stops >= len(begun) + len(run.last_frames())
    assert told["steps"] == len(run.frames) - 6 * len(run.last_frames()) and told["seconds"] > 0
    assert proofread(Recording("p", Settings(), "m", "cpu", LEXICON)) is None


def test_it_can_be_repeated_and_gone_on_from_anywhere(model, run, tmp_path):
    run.save(tmp_path / "run.unnoise")
    kept = Recording.load(tmp_path / "run.unnoise")
    for count in (0, 5, 6, 8, len(run.frames) - 1):
        rest = list(
            go_on(model, kept.branch(count), model.encode("a fox"), lambda canvas, step: SETTINGS, kept.hands())
        )
        wanted = run.frames[count:]
        assert len(rest) == len(wanted)
        assert all(np.array_equal(a.ids, b.ids) for a, b in zip(rest, wanted, strict=True))


def test_the_command_tells_it(capsys, folder):
    knobs = ["--steps", "3", "--proofread", "1", "--confidence", "0", "--json"]
    assert main(["run", "a fox", "--model", folder, *knobs]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["proofread"]["steps"] == told["steps"][0] - 3 > 0
