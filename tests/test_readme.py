"""What the README says about knobs, keys and files is what the code says."""

import re
from pathlib import Path

from app.window.actions import ACTIONS
from engine.values.settings import default, knobs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def knob_rows():
    for name, knob in knobs().items():
        value = default(name)
        shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        values = ", ".join(knob.choices) or (
            "on, off" if knob.minimum is None else f"{knob.minimum:.10g} to {knob.maximum:.10g}"
        )
        live = " *" if knob.live else ""
        yield f"| {knob.label}{live} | `--{name.replace('_', '-')}` | {values} | {shown} | {knob.help} |"


def key_rows():
    for action in ACTIONS:
        keys = ", ".join(action.keys).replace("Return", "Enter")
        yield f"| {keys} | {action.label} |"


def test_every_knob_is_in_the_table_as_it_is():
    for row in knob_rows():
        assert row in README, row


def test_every_key_is_in_the_table():
    for row in key_rows():
        assert row in README, row


def test_the_tree_names_every_folder_of_the_product_and_no_other():
    tree = README[README.index("## The tree") : README.index("Who may import whom")]
    named = set(re.findall(r"^    ([\w./]+)/ ", tree, re.MULTILINE))
    folders = {
        str(path.parent.relative_to(ROOT))
        for folder in ("app", "engine", "widgets")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert named - {"assets", "tests", ".ci"} == folders


def test_every_file_that_the_text_names_is_there():
    for path in re.findall(r"`((?:engine|app|widgets|tests)/[\w./]+)`", README):
        assert (ROOT / path).exists(), path


def test_every_picture_is_there():
    for path in re.findall(r'(?:src="|\]\()(assets/[^")]+)', README):
        assert (ROOT / path).exists(), path
