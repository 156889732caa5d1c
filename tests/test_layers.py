"""Who may import whom, read from the source: DESIGN's layer rules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FREE = {"frame", "settings", "handoff", "recording", "metrics"}  # of engine, for widgets: no torch in any
LIGHT = FREE | {"checkpoint", "machine", "models", "plan", "source", "gauge", "imports"}
LIGHT |= {"hub.download", "hub.published", "hub.repository"}
LIGHT |= {"remote.delivery", "remote.served", "remote.server", "remote.wire"}
LIGHT |= {"tokens", "terminal", "__main__"}  # no torch either, until it is wanted
LIGHT |= {"race", "track"}
LIGHT |= {f"commands.{name}" for name in ("bench", "flags", "load", "models", "race", "run", "server")}
QT = {"PySide6", "pyqtgraph", "qasync"}
TORCH = {"torch", "transformers", "tokenizers", "safetensors", "huggingface_hub"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:  # a relative import stays in its package
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def tops(path):
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", sources("engine"), ids=lambda p: str(p.relative_to(ROOT)))
def test_engine_knows_no_screen(path):
    assert not tops(path) & (QT | {"widgets", "app"})


@pytest.mark.parametrize("path", sources("widgets"), ids=lambda p: str(p.relative_to(ROOT)))
def test_widgets_know_values_only(path):
    assert not tops(path) & (TORCH | {"qasync", "asyncio", "app", "pathlib", "os", "io"})
    for name in imports(path):
        if name.startswith("engine"):
            assert name.split(".")[1] in FREE, f"{path.name} imports {name}"


@pytest.mark.parametrize("name", sorted(LIGHT))
def test_light_files_import_no_torch(name):
    probe = f"import sys, engine.{name}; sys.exit(bool({sorted(TORCH | QT)!r} & sys.modules.keys()))"
    probe = probe.replace("[", "{").replace("]", "}")
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("name", sorted(FREE))
def test_free_files_import_only_each_other(name):
    path = ROOT / "engine" / f"{name}.py"
    assert not tops(path) & (TORCH | QT)
    for other in imports(path):
        if other.startswith("engine."):
            assert other.split(".")[1] in FREE, f"{name} imports {other}"


def test_only_denoise_loops_over_steps():
    """A loop that calls the decoder anywhere else would be a second denoising loop (training has its own)."""
    allowed = {"denoise.py", "gemma.py", "bench.py"}
    for path in sources("engine") + sources("app"):
        if path.name in allowed or "training" in path.parts:
            continue
        for loop in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.For | ast.While)):
            calls = {n.func.attr for n in ast.walk(loop) if isinstance(n, ast.Call) and hasattr(n.func, "attr")}
            assert "decode" not in calls or path.name == "recording.py", f"{path} loops over decode()"


def test_top_level_is_what_the_design_names():
    allowed = {"pyproject.toml", "app", "widgets", "engine", "assets", "tests", "README.md", "LICENSE"}
    ignored = {"build", "dist"}
    found = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and not p.name.endswith(".egg-info")}
    assert found - ignored <= allowed
