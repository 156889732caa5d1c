"""Sweep: axes as people write them, grids that fill, what is still as good, the command and its picture."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from PIL import Image

from engine.__main__ import main
from engine.commands import heat
from engine.steps.denoise import denoise
from engine.steps.sweep import sweep
from engine.values.axis import Axis
from engine.values.cliff import LEAST, MARGIN, bound, cliffs
from engine.values.grid import Grid
from engine.values.quality import Quality
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import SAMPLERS, Settings
from samples import LEXICON, frame

torch.set_num_threads(1)


# Axes.


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("steps=4-48[6]", (4, 13, 22, 30, 39, 48)),
        ("steps=4,8,16", (4, 8, 16)),
        ("steps=1-4", (1, 2, 3, 4)),
        ("steps=1-9(+2),12", (1, 3, 5, 7, 9, 12)),
        ("steps=5-3", (5, 4, 3)),
        ("steps=1-2[5]", (1, 2)),  # no value twice
        ("t-max=0.2-1.0[5]", (0.2, 0.4, 0.6, 0.8, 1.0)),
        ("t_max=0-1 (+0.5)", (0.0, 0.5, 1.0)),
        ("seed=7, 9", (7, 9)),
        ("sampler=entropy-bound,linear quota", ("entropy bound", "linear quota")),
        ("chat=on,off", (True, False)),
    ],
)
def test_an_axis_is_read_as_people_write_it(text, values):
    axis = Axis.parse(text)
    assert axis.values == values and [type(value) for value in axis.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps=4-48[6]", "6 values: 4, 13, 22, 30, 39, 48"),
        ("steps=8", "1 value: 8"),
        ("chat=on,off", "2 values: on, off"),
        (
            "t_max=0-1[64]",
            "64 values: 0, 0.015873, 0.031746, 0.047619, 0.063492, 0.079365, 0.095238, 0.111111, …, 1",
        ),
        ("seed=1-10", "10 values: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
    ],
)
def test_an_axis_tells_how_many_values_it_has_and_which(text, told):
    assert Axis.parse(text).told == told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("steps", "must look like"),
        ("steps=", "must look like"),
        ("device=cpu,cuda", "must look like"),
        ("speed=1-2", "must look like"),
        ("steps=0-4", "steps must be"),
        ("steps=4-999999", "64 values"),
        ("steps=few", "steps must be"),
        ("sampler=best", "sampler must be"),
        ("seed=1-1000", "64 values"),
        ("chat=maybe", "chat format must be"),
        ("steps=4,,8", "Write values"),
        ("steps=4-48[1000000]", "64 values"),
        ("t_max=1-2(+0.00000001)", "64 values"),
        ("steps=4-48[0]", "no values"),
        ("steps=1-9(+0)", "no values"),
        ("steps=0.5-0.7", "steps must be"),
        ("t_max=" + "9" * 400 + "-1", "temperature max must be"),
        ("setps=4", "did you mean steps"),
    ],
)
def test_what_is_no_axis_is_said_in_a_sentence(text, part):
    with pytest.raises(ValueError, match=part) as raised:
        Axis.parse(text)
    assert str(raised.value).endswith(".")


# Grids.


def run(ids, settings, seconds=1.0):
    ids = np.array(ids, np.int32)
    last = frame(cells=len(ids), ids=ids, guess=ids, stop="stable", seconds=seconds, settings=settings)
    return Recording("p", settings, "m", "cpu", LEXICON, [last], "finished")


def filled(nats, x="steps=4,8,48", y=None, texts=None):
    """A grid of given surprise: [draw][row][column]."""
    nats = np.array(nats, float)
    grid = Grid(Question("p"), Settings(), Axis.parse(x), y and Axis.parse(y), len(nats))
    for place in grid.places():
        column, row, draw = place
        ids = texts[column] if texts else [2, 3, 4]
        grid.recordings[place] = run(ids, grid.at(place))
        grid.finish(place, Quality(np.full(len(ids), nats[draw, row, column], np.float32)))
    return grid


def fill(model, grid):
    for news in sweep(model, grid):
        grid.append(news)


def test_a_place_has_the_knobs_of_its_axes_and_the_noise_of_its_draw():
    grid = Grid(Question("p"), Settings(seed=5), Axis.parse("steps=4,8"), Axis.parse("t_max=0.2,0.6"), 2)
    assert grid.size == (2, 2) and len(grid.places()) == 8
    assert grid.at((1, 0, 0)) == Settings(seed=5, steps=8, t_max=0.2)
    assert grid.at((0, 1, 1)) == Settings(seed=6, steps=4, t_max=0.6)
    assert grid.places()[:4] == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], "a whole grid before the next draw"


@pytest.mark.parametrize(
    ("x", "y", "draws"),
    [
        ("steps=1,2", "steps=3,4", 1),
        ("seed=1,2", None, 2),
        ("steps=1", None, 0),
        ("steps=1-64", "t_max=0-1[64]", 2),
    ],
)
def test_a_grid_that_cannot_be_is_refused(x, y, draws):
    with pytest.raises(ValueError, match=r"\.$"):
        Grid(Question("p"), Settings(), Axis.parse(x), y and Axis.parse(y), draws)


@pytest.mark.parametrize(
    ("x", "y", "careful"),
    [
        ("steps=8,48,4", None, (1, 0)),
        ("t_max=0.9,0.8", "entropy_bound=1,0.1", (1, 1)),
        ("sampler=confidence,linear-quota", "stability=1,5", (0, 1)),
    ],
)
def test_the_most_careful_cell_is_at_the_careful_ends(x, y, careful):
    assert Grid(Question("p"), Settings(), Axis.parse(x), y and Axis.parse(y)).careful == careful


def test_a_cell_is_a_mean_over_its_draws_and_a_table_has_holes():
    grid = filled([[[3, 2, 1]], [[5, 2, 1]]])
    assert grid.cell(0, 0).nats == 4 and grid.table("nats").tolist() == [[4, 2, 1]]
    grid = replace(grid, qualities={place: each for place, each in grid.qualities.items() if place[0] != 1})
    assert grid.cell(1, 0) is None and np.isnan(grid.table("nats")).tolist() == [[False, True, False]]


def test_a_prompt_is_read_once_for_all_places_that_read_it_alike():
    grid = Grid(Question("p"), Settings(), Axis.parse("steps=1-64"), Axis.parse("canvases=1,2"))
    assert len(grid.to_do()) == 128 and [grid.at(place).canvases for place in grid.readings()] == [2, 1]
    ways = {grid.reading(place): grid.at(place).canvases for place in grid.places()}
    assert sorted(ways.values()) == [1, 2]


def test_how_long_it_takes_is_told_from_what_is_finished_and_the_run_that_goes_on():
    grid = filled([[[1.0, 1.0, 1.0]]])
    assert grid.left() == 0.0
    grid = Grid(Question("p"), Settings(), Axis.parse("steps=10,20"))
    assert grid.left() is None
    grid.recordings[0, 0, 0] = replace(run([2, 3], grid.at((0, 0, 0)), 1.0), outcome="")
    assert grid.left() == pytest.approx(29.0), "one step a second, of 30"
    grid.finish((0, 0, 0), Quality(np.ones(2, np.float32)))
    assert grid.left() == pytest.approx(2.0), "a tenth of the steps, as the first took"


def test_agreement_is_the_share_of_tokens_in_common_in_order():
    grid = filled([[[1, 1, 1]]], texts=[[2, 3, 4, 5], [9, 2, 3, 4], [2, 3, 4, 5]])
    assert grid.table("agreement").tolist() == [[1.0, 0.75, 1.0]]
    assert grid.cell(1, 0).agreement == 0.75
    rest = {place: each for place, each in grid.qualities.items() if place[0] != 2}
    grid = replace(grid, qualities=rest, agreed={})
    assert np.isnan(grid.table("agreement")).all(), "the most careful one is not there"


def test_the_least_surprising_text_is_found_and_an_empty_one_is_none():
    grid = filled([[[3, 1, 2]]], texts=[[2, 3], [2], [4, 5]])
    assert grid.least() == (2, 0, 0)
    assert Grid(Question("p"), Settings(), Axis.parse("steps=1")).least() is None


# What is still as good.


def test_the_bound_is_students():
    mean, upper = bound([0.1, 0.2, 0.3, 0.4])
    assert mean == pytest.approx(0.25) and upper == pytest.approx(0.25 + 2.353 * 0.1290994 / 2, abs=1e-5)
    assert bound([0.1]) == (0.1, float("inf"))


def test_the_cliff_is_the_fewest_steps_from_which_on_all_are_as_good():
    rows = [[[4 + d, 1.1 + d, 1.0 + d, 0.9 + d]] for d in (0, 0.3, 0.1, 0.2)]
    [cliff] = cliffs(filled(rows, "steps=4,8,16,48"))
    assert (cliff.steps, cliff.most) == (8, 48) and [row.steps for row in cliff.evidence] == [16, 8, 4]
    assert cliff.evidence[1].worse == pytest.approx(0.2) and cliff.evidence[1].upper <= MARGIN
    assert "8 steps are as good as 48" in cliff.sentence() and "4 seeds" in cliff.sentence()
    rows = [[[1.0, 4.0, 1.0, 0.9]]] * 4
    assert cliffs(filled(rows, "steps=4,8,16,48"))[0].steps == 16, "it does not jump over what is worse"


def test_too_few_or_too_different_seeds_show_nothing():
    assert cliffs(filled([[[1, 1, 1]]] * (LEAST - 1)))[0].steps is None
    wild = [[[1, 1 + d, 1]] for d in (-2, 2, -1.5, 1.5)]
    [cliff] = cliffs(filled(wild))
    assert cliff.steps is None and cliff.sentence().startswith("Nothing below 48")
    [alone] = cliffs(filled([[[1, 1, 1]]]))
    assert "at least 3 draws" in alone.sentence()
    assert [row["upper"] for row in alone.told()["evidence"]] == [None, None], "JSON has no infinity"


def test_there_is_a_cliff_for_every_value_of_the_other_knob_whichever_way_round():
    nats = np.array([[[4, 1, 1], [1, 1, 1]]] * 3)
    across = cliffs(filled(nats, y="t_max=0.2,0.6"))
    assert [(cliff.beside, cliff.steps) for cliff in across] == [({"t_max": 0.2}, 8), ({"t_max": 0.6}, 4)]
    down = cliffs(filled(nats.transpose(0, 2, 1), "t_max=0.2,0.6", "steps=4,8,48"))
    assert [cliff.told() for cliff in down] == [cliff.told() for cliff in across]
    assert cliffs(filled([[[1, 1]]], "t_max=0.2,0.6")) == []


# Runs.


def test_a_cell_is_the_run_that_its_knobs_make(model):
    grid = Grid(Question("a fox"), Settings(seed=3, canvases=2, confidence=0.0), Axis.parse("steps=1,3"), draws=2)
    fill(model, grid)
    assert set(grid.places()) == set(grid.qualities) and not grid.to_do()
    for place, recording in grid.recordings.items():
        settings = grid.at(place)
        alone = list(
            denoise(model, model.prompt(Question("a fox"), settings), lambda canvas, step, now=settings: now)
        )
        assert recording.outcome == "finished" and len(alone) == len(recording.frames)
        assert all(np.array_equal(a.ids, b.ids) for a, b in zip(alone, recording.frames, strict=True))


def test_a_prompt_is_read_once(model, monkeypatch):
    read, reads = model.read, []
    monkeypatch.setattr(model, "read", lambda ids, cache=None: reads.append(list(ids)) or read(ids, cache))
    list(sweep(model, Grid(Question("a fox"), Settings(confidence=0.0), Axis.parse("steps=1,2"), draws=2)))
    assert reads.count(model.prompt(Question("a fox"), Settings())) == 1


def test_a_sweep_that_is_cancelled_keeps_what_is_finished(model):
    grid, seen = Grid(Question("a fox"), Settings(confidence=0.0), Axis.parse("steps=2,4,6")), []
    for news in sweep(model, grid, lambda: len(seen) < 6):
        grid.append(news)
        seen.append(news)
    grid.cut()
    assert list(grid.qualities) == [(0, 0, 0)]
    assert [run.outcome for run in grid.recordings.values()] == ["finished", "stopped"]
    assert grid.left() > 0


def test_nothing_is_left_of_a_sweep_that_is_over(model):
    grid = Grid(Question("a fox"), Settings(confidence=0.0), Axis.parse("steps=2,4"))
    assert grid.left() is None
    left = [grid.append(news) or grid.left() for news in sweep(model, grid)]
    assert left[0] is None and left[-1] == 0.0 and all(seconds >= 0 for seconds in left[1:])


def test_a_sweep_goes_on_where_it_was_cut_off(model):
    grid = Grid(Question("a fox"), Settings(confidence=0.0), Axis.parse("steps=2,4"))
    fill(model, grid)
    first = grid.recordings[0, 0, 0]
    del grid.qualities[1, 0, 0], grid.taken[1, 0, 0]
    fill(model, grid)
    assert grid.recordings[0, 0, 0] is first and not grid.to_do()


def test_a_thin_run_tells_the_same_and_keeps_one_step_a_canvas(model):
    grid = Grid(Question("a fox"), Settings(seed=3, canvases=2, confidence=0.0), Axis.parse("steps=2,3"))
    fill(model, grid)
    told, cells, whole = list(grid.told()), grid.cell(1, 0), grid.recordings[1, 0, 0]
    assert grid.whole((1, 0, 0))
    for place in grid.places():
        grid.thin(place)
    thin = grid.recordings[1, 0, 0]
    assert list(grid.told()) == told and grid.cell(1, 0) == cells and not grid.whole((1, 0, 0))
    assert (thin.id, thin.text(), len(thin.frames)) == (whole.id, whole.text(), len(thin.last_frames()))
    assert thin.frames[-1].top_ids.shape[1] == 1 and thin.frames[-1].top_ids.base is None


def test_a_copy_is_not_added_to():
    grid = filled([[[3, 2, 1]]])
    copy = grid.copy()
    del grid.qualities[0, 0, 0], grid.recordings[0, 0, 0], grid.taken[0, 0, 0]
    assert copy.cell(0, 0).nats == 3 and grid.cell(0, 0) is None


# The command.


def test_the_command_ends_in_one_json_line_and_draws_a_picture(capsys, folder, tmp_path):
    file = tmp_path / "grid.png"
    axes = ["--x", "steps=2-4[2]", "--y", "sampler=" + ",".join(SAMPLERS[:2]), "--draws", "3"]
    assert main(["sweep", "a fox", "--model", folder, *axes, "--json", "--picture", str(file)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["axes"] == {"steps": [2, 4], "sampler": list(SAMPLERS[:2])} and len(told["runs"]) == 12
    assert all(0 <= run["agreement"] <= 1 and run["nats"] > 0 and run["steps"] <= 4 for run in told["runs"])
    assert {(run["at"]["steps"], run["at"]["sampler"]) for run in told["runs"]} == set(
        product((2, 4), SAMPLERS[:2])
    )
    assert len(told["cliffs"]) == 2 and "no truth" in told["what"]
    with Image.open(file) as picture:
        assert picture.width > 1000 and len(picture.getcolors(1_000_000)) > 50


def test_the_best_of_some_noises_is_shown_and_the_others_are_kept(capsys, folder, tmp_path):
    file, knobs = tmp_path / "fox.unnoise", ["--steps", "3", "--seed", "5", "--best", "3", "--json"]
    assert main(["run", "a fox", "--model", folder, *knobs, "--record", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)
    best = min(told["best_of"], key=lambda run: run["nats"])
    assert [run["seed"] for run in told["best_of"]] == [5, 6, 7]
    assert (told["seed"], told["text"], told["quality"]["nats"]) == (best["seed"], best["text"], best["nats"])
    others = {f"fox-{seed}.unnoise" for seed in {5, 6, 7} - {best["seed"]}}
    assert {path.name for path in tmp_path.glob("*.unnoise")} == {"fox.unnoise", *others}
    assert Recording.load(file).settings.seed == best["seed"]


def test_without_json_it_is_a_table(capsys, folder):
    assert main(["sweep", "a fox", "--model", folder, "--x", "steps=2,3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("steps 2: 2 steps, ") and "100% as the most careful" in lines[1]
    assert "at least 3 draws" in lines[2] and "no truth" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["p", "--x", "speed=3"], "must look like"),
        (["p", "--x", "steps=0-3"], "steps must be"),
        (["p", "--x", "steps=1,2", "--y", "steps=3"], "different knobs"),
        (["p", "--picture", "grid.svg"], ".png or .webp"),
        (["p", "--picture", "/nowhere/grid.png"], "/nowhere"),
        (["p", "--draws", "0"], "at least 1"),
        (["p " * 600, "--x", "steps=1,2"], "shorten the prompt"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, folder, arguments, part):
    try:
        code = main(["sweep", "--model", folder, *arguments])
    except SystemExit as ended:
        code = ended.code
    told = capsys.readouterr()
    assert code == 2 and part in told.err and told.err.count("\n") == 1 and not told.out


def test_a_picture_of_a_grid_that_is_not_finished_leaves_cells_blank(tmp_path):
    whole, part = filled([[[3, 2, 1]]]), filled([[[3, 2, 1]]])
    del part.qualities[0, 0, 0]
    for name, grid in (("whole", whole), ("part", part)):
        grid.recordings = {place: replace(run, prompt="p") for place, run in grid.recordings.items()}
        heat.draw(grid, tmp_path / f"{name}.png")
    shades = []
    for name in ("whole", "part"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            at = (heat.LEFT + 6) * heat.UNIT, (heat.TOP + heat.CELL[1] - 6) * heat.UNIT
            shades.append(picture.getpixel(at))
    assert shades[1] == heat.FAINT != shades[0]
