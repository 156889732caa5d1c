"""`unnoise models`: a table, plain text and one JSON line, of what models need here."""

import json

import pytest
import torch

import tiny
from app.__main__ import main
from engine.model.choice import models, source
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.hub import published

HERE = Machine("cuda", "the NVIDIA GeForce RTX 4090", 24_700_000_000, 25_800_000_000, 53_700_000_000, 10**11)


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr(machine, "look", lambda device="auto": HERE)
    monkeypatch.setattr(source.repository, "known", list)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return tiny.checkpoint(tmp_path_factory.mktemp("m") / ("a-folder-whose-name-is-rather-long-" * 3).strip("-"))


def test_the_table_fits_80_columns_and_names_every_model(capsys, folder):
    assert main(["models", str(folder)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert not err and max(map(len, lines)) <= 80
    text = " ".join(out.split())
    assert "seedling" in text and published.HUB in text and folder.name in "".join(out.split())
    assert "NVIDIA GeForce RTX 4090 (24.7 of 25.8 GB free), memory 53.7 GB free, disk 100.0 GB free." in text
    assert "Fits with int4 experts: 19.6 GB of the 24.7 GB free" in text
    assert "These sizes follow from the published configuration." in text and text.count("cannot be reached") == 2
    (row,) = [line for line in lines if line.startswith(published.HUB)]
    assert row.split() == [published.HUB, "51.7", "GB", "51.7", "GB", "52.4", "GB", "19.6", "GB"]
    assert f"{published.PACKED} 16.6 GB 16.6 GB - 19.6 GB Fits with int4 experts" in text
    assert "; recommended here" in text and f"{published.PACKED} is 16.6 GB to download" in text


def test_the_columns_stand_under_their_heads(capsys):
    main(["models"])
    lines = capsys.readouterr().out.splitlines()
    (head,) = [line for line in lines if line.startswith("model ")]
    rows = [line for line in lines if line.startswith(("seedling", published.HUB))]
    ends = [head.index(name) + len(name) for name in models.HEADS]
    for row in rows:
        assert len(row) == len(head)
        assert all(row[end - 1] != " " and row[end : end + 1] in ("", " ") for end in ends)


def test_json_is_one_line_with_every_number(capsys, folder):
    assert main(["models", str(folder), "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    result = json.loads(out)
    assert result["machine"]["free"] == HERE.free
    seedling, large, packed, own = result["models"]
    assert (seedling["name"], large["name"], own["name"]) == ("seedling", published.HUB, folder.name)
    assert large["weights"]["int4"] == packed["weights"]["int4"] == pytest.approx(17.7e9, rel=0.003)
    assert large["weights"]["full"] == pytest.approx(50.5e9, rel=0.003) and packed["weights"].keys() == {"int4"}
    assert (
        packed["name"] == published.PACKED and packed["download"] == packed["disk"]["int4"] < large["download"] / 3
    )
    assert large["precision"] == "int4" and large["note"] and not seedling["note"]
    assert seedling["source"] is None and seedling["download"] == 0 < large["download"]
    for model in result["models"]:
        assert model["verdict"] and all(model["memory"][p] > model["weights"][p] for p in model["weights"])


def test_what_is_named_twice_is_shown_once(capsys):
    main(["models", published.HUB, "--json"])
    assert len(json.loads(capsys.readouterr().out)["models"]) == 3


def test_a_model_in_the_cache_that_cannot_be_looked_at_spoils_nothing(capsys, monkeypatch):
    monkeypatch.setattr(source.repository, "known", lambda: ["someone/half"])
    assert main(["models"]) == 0
    assert "The hub cannot be reached and someone/half" in " ".join(capsys.readouterr().out.split())
    main(["models", "--json"])
    assert "error" in json.loads(capsys.readouterr().out)["models"][-1]


@pytest.mark.parametrize("name", ["/nowhere/at/all", "someone/unreachable"])
def test_a_name_that_means_nothing_is_one_line_and_exit_code_2(capsys, name):
    assert main(["models", name]) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and name in err


def test_a_terminal_gets_the_same_as_a_table(capsys, monkeypatch):
    from rich.console import Console

    made = []

    def console(**options):
        made.append(Console(**options, force_terminal=True, width=110, record=True))
        return made[-1]

    monkeypatch.setattr("rich.console.Console", console)
    monkeypatch.setenv("NO_COLOR", "1")
    models.run([], as_json=False)
    text = " ".join(made[0].export_text().split())
    assert published.HUB in text and "52.4 GB" in text and "19.6 GB" in text and "int4 experts" in text


def test_a_narrow_terminal_gets_plain_text_that_fits(capsys, monkeypatch):
    from rich.console import Console

    make = Console
    monkeypatch.setattr("rich.console.Console", lambda **options: make(**options, force_terminal=True, width=80))
    models.run([], as_json=False)
    lines = capsys.readouterr().out.replace("\r", "\n").splitlines()
    assert any(line.startswith(published.HUB) and line.endswith("19.6 GB") for line in lines)


@pytest.mark.parametrize("width", [40, 60, 110])
def test_a_name_is_no_style_and_a_sentence_fits(capsys, monkeypatch, width):
    from rich.console import Console

    make = Console
    monkeypatch.setattr("rich.console.Console", lambda **options: make(**options, force_terminal=True, width=width))
    monkeypatch.setattr(models.source, "known", lambda: ["[red]fox"])
    monkeypatch.setattr(
        models, "_offered", lambda name, here: (name, None, "It is too large for this computer. " * 3)
    )
    models.run([], as_json=False)
    out = capsys.readouterr().out
    assert "[red]fox" in out
    assert width >= models.ROOMY or all(len(line) <= width for line in out.splitlines() if "large" in line)


def test_nothing_is_loaded(monkeypatch, capsys):
    import engine.model.gemma

    monkeypatch.setattr(engine.model.gemma, "load", lambda *_, **__: pytest.fail("a model was loaded"))
    main(["models"])
    assert capsys.readouterr().out
