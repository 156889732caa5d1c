"""Who may import whom, read from the source: DESIGN's layer rules, by folder."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
QT = {"PySide6", "pyqtgraph", "qasync"}
TORCH = {"torch", "transformers", "tokenizers", "safetensors", "huggingface_hub"}
# What a folder of the engine may import of the others. Nothing imports what stands below it.
BELOW = {
    "values": set(),
    "steps": {"values"},
    "model": {"values", "steps"},
    "remote": {"values", "steps", "model"},
    "bench": {"values", "steps", "model"},
    "commands": {"values", "steps", "model", "remote", "bench"},
    "training": {"values", "steps", "model", "commands"},
    "__main__.py": {"commands"},  # and training by name, where torch is at hand
}
APP = {  # the same of the app; its loose files (words, tasks, look, ...) are for all
    "run": set(),
    "keep": {"run"},
    "window": {"run", "keep"},
}
# What is imported before a window shows or a command knows that it needs a model.
LIGHT = ("values", "remote", "commands")
LIGHT += tuple(f"model/{folder}" for folder in ("choice", "computer", "folder", "hub", "layouts", "text"))
LIGHT_FILES = ("__main__", "model.imports", "steps.race", "steps.branch")


def imports(path):
    """Every module that a file names in an import, wherever it stands: `import a.b`, `from a.b import c`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:  # a relative import stays in its package
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def tops(path):
    return {name.split(".")[0] for name in imports(path)}


def module(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def light():
    found = [module(path) for folder in LIGHT for path in sources(f"engine/{folder}")]
    return sorted({*found, *(f"engine.{name}" for name in LIGHT_FILES)})


@pytest.mark.parametrize("path", sources("engine"), ids=module)
def test_engine_knows_no_screen(path):
    assert not tops(path) & (QT | {"widgets", "app"})


@pytest.mark.parametrize("path", [p for p in sources("engine") if p.parent != ROOT / "engine"], ids=module)
def test_no_arrow_of_the_engine_runs_back_up(path):
    own = path.relative_to(ROOT / "engine").parts[0]
    for name in imports(path):
        if name.startswith("engine."):
            assert name.split(".")[1] in BELOW[own] | {own}, f"{module(path)} imports {name}"


def test_every_folder_of_the_engine_has_its_rule():
    assert {p.name for p in (ROOT / "engine").iterdir() if p.name not in {"__init__.py", "__pycache__"}} == {*BELOW}


@pytest.mark.parametrize("path", [p for folder in APP for p in sources(f"app/{folder}")], ids=module)
def test_no_arrow_of_the_app_runs_back_up(path):
    own = path.relative_to(ROOT / "app").parts[0]
    for name in imports(path):
        if name.startswith("app.") and (ROOT / "app" / name.split(".")[1]).is_dir():
            assert name.split(".")[1] in APP[own] | {own}, f"{module(path)} imports {name}"


@pytest.mark.parametrize("folder", ["app", "engine", "widgets"])
def test_no_two_files_import_each_other(folder):
    """Also where it is for type hints only: who reads one has to read the other."""
    known = {module(path): path for path in sources(folder)}
    arrows = {
        name: {found for found in (longest(known, other) for other in imports(path)) if found not in (None, name)}
        for name, path in known.items()
    }
    both = {(a, b) for a, others in arrows.items() for b in others if a in arrows[b]}
    assert not both


def longest(known, name):
    """The module of `known` that an import names: itself, or the one that it is something of."""
    return name if name in known else name.rpartition(".")[0] if name.rpartition(".")[0] in known else None


@pytest.mark.parametrize("path", sources("engine/values"), ids=module)
def test_values_need_no_torch(path):
    assert not tops(path) & (TORCH | QT)


@pytest.mark.parametrize("path", sources("widgets"), ids=module)
def test_widgets_know_values_only(path):
    assert not tops(path) & (TORCH | {"qasync", "asyncio", "app", "pathlib", "os", "io"})
    for name in imports(path):
        if name.startswith("engine"):
            assert name.split(".")[1] == "values", f"{module(path)} imports {name}"


def test_light_files_import_no_torch():
    probe = f"""
import sys
from importlib import import_module
for name in {light()!r}:
    import_module(name)
    heavy = {sorted(TORCH | QT)!r}
    found = [top for top in heavy if top in sys.modules]
    assert not found, (name, found)
"""
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_denoise_loops_over_steps():
    """A loop that calls the decoder anywhere else would be a second denoising loop (training has its own)."""
    for path in sources("engine") + sources("app"):
        if path.name in {"denoise.py", "gemma.py"} or "training" in path.parts:
            continue
        for loop in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.For | ast.While)):
            calls = {n.func.attr for n in ast.walk(loop) if isinstance(n, ast.Call) and hasattr(n.func, "attr")}
            assert "decode" not in calls or path.name == "recording.py", f"{path} loops over decode()"


def test_top_level_is_what_the_design_names():
    allowed = {"pyproject.toml", "app", "widgets", "engine", "assets", "tests", "README.md", "LICENSE"}
    ignored = {"build", "dist"}
    found = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and not p.name.endswith(".egg-info")}
    assert found - ignored <= allowed
