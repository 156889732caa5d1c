"""From a machine with a graphics card to a folder of results: no part stops another, none goes beyond its time, and
every command of it runs, at toy size, before a card is at hand.
"""

import json
import os
import sys
import tarfile
from contextlib import suppress
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from io import BytesIO
from pathlib import Path

import psutil
import pytest

import tiny
from engine import __main__ as commands
from engine.bench import attention, device, experts, race
from engine.values.settings import Decoding

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@pytest.fixture(scope="module")
def card():
    """The script as a module, which leaves nothing behind."""
    loader = SourceFileLoader("card", str(ROOT / ".ci" / "card"))
    module = module_from_spec(spec_from_loader("card", loader))
    sys.modules["card"], kept = module, sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    sys.dont_write_bytecode = kept
    return module


def python(card, name, code, share=1.0):
    command = [sys.executable, "-c", code]
    return card.Part(name, share, command, command)


@pytest.fixture
def rehearsed(card, monkeypatch, tmp_path):
    """Runs parts, and returns their results and all that they wrote."""

    def run(*parts, seconds=20):
        monkeypatch.setattr(card, "PARTS", list(parts))
        card.main([str(tmp_path / "out"), "--rehearse", "--seconds", str(seconds), "--wheels", str(tmp_path)])
        lines = (tmp_path / "out/results.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines], (tmp_path / "out/log.txt").read_text()

    return run


def test_a_part_that_fails_stops_no_other_and_what_all_wrote_is_kept(card, rehearsed):
    bad = python(card, "bad", "import sys; print('oh', file=sys.stderr); sys.exit(3)")
    good = python(card, "good", "print('a line'); print('{\"speed\": 7}')")
    results, log = rehearsed(bad, good)
    assert [(line["part"], line["rc"]) for line in results] == [("bad", 3), ("good", 0)]
    assert results[1]["result"] == {"speed": 7} and "oh" in log and "a line" in log


def alive(number):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    return False


def test_a_part_that_takes_too_long_is_asked_to_end_and_then_ended_with_all_that_it_started(
    card, rehearsed, monkeypatch, tmp_path
):
    monkeypatch.setattr(card, "GRACE", 0.5)
    marks = tmp_path / "started"
    deaf = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('begun', flush=True)"
    deaf += f"\nopen({str(marks)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {deaf!r}])"
    results, log = rehearsed(
        python(card, "deaf", deaf, 0.2),
        python(card, "parent", parent, 0.2),
        python(card, "next", "print(1)"),
        seconds=10,
    )
    started = [int(number) for number in marks.read_text().split()]
    assert len(started) == 2 and not any(map(alive, started))
    assert [line["rc"] for line in results][::2] == [-9, 0] and results[0]["timed_out"]
    assert sum(line["seconds"] for line in results) < 10 and "begun" in log


def test_a_part_for_which_no_time_is_left_is_said_to_be_left_out(card, rehearsed):
    early, late = python(card, "early", "print(1)"), python(card, "late", "print(2)", 0.1)
    results, log = rehearsed(early, late, python(card, "last", "print(3)"), seconds=20)
    assert [line["rc"] for line in results] == [0, None, 0] and results[1]["left_out"] and "=== late" not in log


def test_a_checkpoint_comes_in_pieces(card, monkeypatch, tmp_path):
    monkeypatch.setattr(card, "PIECE", 4000)
    options = card.read([str(tmp_path / "out"), "--rehearse", "--wheels", str(tmp_path)])
    options.out.mkdir()
    (tmp_path / "seedling").mkdir()
    (tmp_path / "seedling/model.safetensors").write_bytes(os.urandom(15_000))
    card.Session(options, tmp_path).pack()
    pieces = sorted(options.out.glob("seedling.tar.*"))
    assert len(pieces) > 3 and all(piece.stat().st_size <= 4000 for piece in pieces)
    with tarfile.open(fileobj=BytesIO(b"".join(piece.read_bytes() for piece in pieces))) as tar:
        assert tar.getmember("seedling/model.safetensors").size == 15_000


def test_without_a_card_it_says_what_it_would_do(card, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(card, "card", lambda: False)
    assert card.main([str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert all(f"  {part.name}, at most" in said for part in card.PARTS) and not (tmp_path / "out").exists()


def test_most_of_the_time_that_is_left_is_for_training(card):
    *others, last = card.PARTS
    assert last.name == "train" and last.share == 1.0
    assert all(part.share <= card.KEPT for part in others)


def test_every_command_runs_at_toy_size(card, monkeypatch, capsys, tmp_path):
    layer = experts.Layer(cells=4, hidden=64, experts=3, top=2, width=64)
    monkeypatch.setattr(experts, "layers", lambda place: {"toy": layer})
    monkeypatch.setattr(experts, "STEPS", 1)
    monkeypatch.setattr(attention, "_kinds", lambda context: {"toy": (4, 2, 8, context)})
    monkeypatch.setattr(device, "SIZES", {"cpu": (1 << 20, 64)})
    monkeypatch.setattr(race, "Decoding", partial(Decoding, tokens=8))
    small = str(tiny.checkpoint(tmp_path / "tiny", hidden_size=64, moe_intermediate_size=32))
    for part in card.PARTS:
        if part.toy[1:3] == ["-m", "engine"] and part.name != "train":
            assert commands.main([small if word == "embedded" else word for word in part.toy[3:]]) == 0
            assert json.loads(capsys.readouterr().out)["bench"] in part.toy


@pytest.mark.parametrize("name", ["experts", "tilings", "attention", "full", "int4", "race", "race-int4", "train"])
def test_every_command_is_understood(card, name, monkeypatch):
    """As it is on a card, up to where its work begins."""
    from engine.training import train

    [part] = [part for part in card.PARTS if part.name == name]
    seen = []
    for place in ("readout", "experts", "attention", "model", "race"):
        monkeypatch.setattr(f"engine.commands.bench._{place}", lambda options: seen.append(options) or 0)
    monkeypatch.setattr(train, "run", lambda options: seen.append(options) or 0)
    assert commands.main([word.format(work="w", source="s") for word in part.command[3:]]) == 0 and len(seen) == 1
