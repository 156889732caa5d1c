"""The commands: their output, their exit codes, and one line for whatever is wrong."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch

import person
import tiny
from app.__main__ import main
from engine.values.recording import Recording
from engine.values.settings import Settings, knobs
from samples import recording

ROOT = Path(__file__).parent.parent
refused = partial(person.refused, main=main)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny checkpoint that writes two short canvases in no time."""
    torch.set_num_threads(1)
    return str(tiny.checkpoint(tmp_path_factory.mktemp("model")))


def test_run_prints_the_text_when_piped(capsys, folder):
    assert main(["run", "a fox", "--model", folder, "--steps", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() and not err


def test_run_ends_in_one_json_line_with_every_field(capsys, folder):
    assert (
        main(["run", "a fox", "--model", folder, "--steps", "3", "--canvases", "2", "--seed", "5", "--json"]) == 0
    )
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result.keys() == {
        "text", "thought", "ends_in_thought", "tool_calls", "prompt", "before", "pictures", "seed", "model",
        "device", "canvases", "steps", "stop", "text_tokens", "seconds", "proofread", "quality",
        "text_tok_s", "canvas_tok_s", "in_step_tok_s", "settings",
    }  # fmt: skip
    assert result["seed"] == 5 and result["prompt"] == "a fox" and result["settings"]["steps"] == 3
    assert len(result["steps"]) == len(result["stop"]) == result["canvases"]
    assert all(steps <= 3 for steps in result["steps"]) and set(result["stop"]) <= {"steps", "stable"}


def test_the_same_seed_gives_the_same_text(capsys, folder):
    texts = set()
    for seed in ("1", "1", "2"):
        main(["run", "a fox", "--model", folder, "--steps", "4", "--seed", seed, "--json"])
        texts.add(json.loads(capsys.readouterr().out)["text"])
    assert len(texts) == 2


def test_run_records_what_can_be_replayed_without_torch(capsys, folder, tmp_path):
    path = tmp_path / "run.unnoise"
    assert main(["run", "a fox", "--model", folder, "--steps", "3", "--record", str(path)]) == 0
    loaded = Recording.load(path)
    assert len(loaded.frames) == 3 and loaded.prompt == "a fox" and loaded.outcome == "finished"
    assert capsys.readouterr().out.strip() == loaded.text().strip()
    picture = tmp_path / "run.png"
    assert main(["run", "a fox", "--model", folder, "--steps", "3", "--record", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG") and Recording.load(picture).text() == loaded.text()


@pytest.mark.parametrize("name", [name for name, knob in knobs().items() if knob.minimum is not None])
def test_every_numeric_knob_has_a_flag_that_refuses_nonsense(capsys, name):
    flag = "--" + name.replace("_", "-")
    assert knobs()[name].label in refused(capsys, "run", "p", flag, "-1" if knobs()[name].minimum >= 0 else "1e9")
    assert flag in refused(capsys, "run", "p", flag, "many")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["run", "p", "--model", "/nowhere/at/all"], "/nowhere/at/all"),
        (["run", "p", "--record", "/nowhere/at/all.unnoise"], "folder"),
        (["run", "p", "--sampler", "best"], "sampler must be one of"),
        (["run", "p", "--device", "abacus"], "device must be one of"),
        (["run"], "prompt"),
        (["fly"], "there is no command fly"),
        (["rum", "p"], "did you mean run"),
        (["run", " \n"], "prompt says nothing"),
        (["run", "a", "fox"], "put a text of several words in quotes"),
        (["run", "p", "--what"], "--what"),
        (["run", "p", "--temperature", "1"], "unnoise run: there is no --temperature: did you mean --t-max"),
        (["run", "p", "--steps"], "--steps needs a value"),
        (["run", "p", "--steps", "ten"], "--steps must be a whole number from 1 to 128 (got ten)"),
        (["run", "p", "--steps", "9" * 5000], "9…)"),
        (["run", "p", "--model", "\x1b[2J\n"], "There is no folder [2J:"),
        (["run", "p", "--record", "."], "is no file that can be written"),
        (["run", "p", "--record", "/dev/stdout"], "is no file that can be written"),
        (["run", "p", "--record", ""], "--record needs a value"),
        (["run", "p", "--record", "x" * 300 + ".unnoise"], "cannot be written"),
        (["--replay", ""], "--replay needs a value"),
        (["bench", "ui", "--fast"], "--fast"),
        (["bench", "ux"], "WHAT must be one of readout"),
        (["--replay", "/nowhere.unnoise"], "/nowhere.unnoise"),
        (["--screenshot", "x.png", "--size", "huge", "--replay", "SAMPLE"], "--size"),
        (["--screenshot", "x.png", "--step", "99", "--replay", "SAMPLE"], "--step"),
        (["--animation", "x.mov", "--replay", "SAMPLE"], ".gif"),
        (["--scale", "nan"], "--scale must be above 0, up to 8 (got nan)"),
        (["--scale", "0"], "--scale must be above 0"),
        (["--screenshot", "x.png", "--replay", "SAMPLE", "--size", "8000x8000", "--scale", "2"], "million pixels"),
        (["export", "SAMPLE", "x.png", "--size", "8000x8000", "--scale", "2"], "million pixels"),
        (["export", "SAMPLE", "x.png", "--scale", "-1"], "--scale must be above 0"),
        (["bench"], "WHAT"),
        (["train"], "--out"),
        (["train", "--out", "x", "--preset", "huge"], "huge"),
        (["evaluate", "/nowhere"], "/nowhere"),
        (["evaluate", "--count", "many"], "many"),
        (["evaluate", "--workers", "0"], "at least 1"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, tmp_path, monkeypatch, arguments, part):
    monkeypatch.chdir(tmp_path)
    recording(steps=3, cells=256).save(tmp_path / "SAMPLE")
    if "--screenshot" in arguments or "--animation" in arguments:
        result = subprocess.run(
            [sys.executable, "-m", "app", *arguments], capture_output=True, text=True, cwd=tmp_path, env=_env()
        )
        assert result.returncode == 2 and result.stderr.count("\n") == 1 and part in result.stderr
    else:
        assert part in refused(capsys, *arguments)


def _env(**more):
    import os

    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return clean | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def unnoise(*arguments, **more):
    """The program in a process of its own, as a person starts it."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "app", *arguments], capture_output=True, text=True, env=_env(**more)
    )


def test_pictures_are_made_off_screen_and_without_torch(tmp_path):
    from PIL import Image

    recording(steps=3, cells=256).save(tmp_path / "run.unnoise")
    probe = (
        "import sys; from app.__main__ import main; code = main(sys.argv[1:]); assert 'torch' not in sys.modules; "
    )
    result = subprocess.run(
        [sys.executable, "-c", probe + "sys.exit(code)", "--replay", str(tmp_path / "run.unnoise"),
         "--screenshot", str(tmp_path / "w.png"), "--animation", str(tmp_path / "a.gif"), "--size", "1000x640"],
        capture_output=True, text=True, env=_env(),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    with Image.open(tmp_path / "w.png") as picture:
        assert picture.size == (1000, 640) and len(picture.convert("RGB").getcolors(1 << 20)) > 50
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames > 3  # the steps, and what moves between them


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about X11 displays")
def test_without_a_display_the_terminal_does_the_main_job_and_says_why(folder):
    result = unnoise("--model", folder, "--steps", "2", "--prompt", "a fox", DISPLAY=":987")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert "display" in result.stderr.splitlines()[0] and "terminal" in result.stderr.splitlines()[0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about X11 displays")
@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":987"}])
def test_a_replay_without_a_display_prints_its_text(tmp_path, display):
    run = recording(steps=3)
    run.save(tmp_path / "run.unnoise")
    result = unnoise("--replay", str(tmp_path / "run.unnoise"), **display)
    assert result.returncode == 0 and result.stdout.strip() == run.text().strip()


def test_help_names_every_knob_and_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    for name in Settings().to_dict():
        assert "--" + name.replace("_", "-") in text
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(word in text for word in ("run", "bench", "train", "--replay", "--screenshot"))


def test_a_prompt_that_does_not_fit_is_one_line_before_anything_runs(capsys, folder):
    for command in ("run", "race"):
        err = refused(capsys, command, "a " * 500, "--model", folder)
        assert "The prompt has 1," in err and "this model reads 512" in err


def test_a_text_that_ends_in_its_thought_says_so_and_is_no_answer(capsys, folder, monkeypatch):
    from engine.steps import denoise
    from samples import CHANNELS, THINKING, frame

    ids = THINKING[:5]
    thought = frame(cells=5, ids=ids, guess=ids, stop="steps")
    monkeypatch.setattr(denoise, "denoise", lambda *arguments, **how: iter([thought]))
    monkeypatch.setattr("engine.model.prompts.tokens.lexicon", lambda *arguments: CHANNELS)
    assert main(["run", "a fox", "--model", folder, "--thinking"]) == 0
    out, err = capsys.readouterr()
    assert not out.strip() and "ends inside its thought" in err and err.count("\n") == 1
    assert main(["run", "a fox", "--model", folder, "--thinking", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["text"], result["thought"], result["ends_in_thought"]) == ("", "user Hello", True)
    assert result["settings"]["canvases"] == 4  # room to think


def test_a_text_that_cannot_be_recorded_is_told_all_the_same(capsys, folder, tmp_path, monkeypatch):
    def full(run, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Recording, "write", full)
    assert main(["run", "a fox", "--model", folder, "--steps", "3", "--record", str(tmp_path / "a.unnoise")]) == 1
    out, err = capsys.readouterr()
    assert out.strip() and err.count("\n") == 1 and "No space left" in err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("asked", ["65536", "500"])
def test_a_lane_token_by_token_is_no_longer_than_its_model_reads(capsys, folder, asked):
    assert "--ar-tokens must be at most 4" in refused(
        capsys, "race", "a fox", "--model", folder, "--steps", "2", "--ar-tokens", asked
    )


def test_what_nobody_expected_is_one_line_and_exit_code_1(capsys, monkeypatch):
    from engine.commands import models

    monkeypatch.setattr(models, "LoadError", (), raising=True)
    monkeypatch.setattr("engine.model.choice.models.run", lambda *_: {}["\x1b[2J\n"])
    assert main(["models"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "KeyError" in err and "test_main.py line" in err and "\x1b" not in err
