"""`unnoise models`: what every model would need and what this computer has, as a table or one JSON line."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from engine.model.choice import source
from engine.model.choice.plan import CONTEXT, PRECISIONS, Plan, judge, size
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.folder.checkpoint import LoadError
from engine.values.words.letters import one_line

WIDTH = 80  # columns of plain text
ROOMY = 100  # ... of a terminal in which a table has room for the verdicts beside the numbers
STYLES = {"full": "green", "int4": "yellow", None: "red"}
HEADS = ("download", "disk", "memory", "with int4")
FOOT = f"Memory: the weights and, estimated, what {CONTEXT:,} tokens and a canvas need."
Row = tuple[str, Plan | None, str]  # name, what is known of it, and the verdict, or why nothing is


def run(names: Sequence[str], as_json: bool) -> None:
    """Print what is known of the models that there are, and of those that are named. Raises LoadError for these."""
    from rich.console import Console

    console = Console(highlight=False)
    with console.status("Looking at models") if console.is_terminal and not as_json else nullcontext():
        here = machine.look()
        known = source.known()
        rows = [_offered(name, here) for name in known]
        rows += [_row(source.survey(name), here) for name in names if name not in known]
    if as_json:
        print(json.dumps({"machine": vars(here), "models": [_dict(row, here) for row in rows]}))
    elif console.is_terminal and console.width >= ROOMY:
        _show(console, rows, here)
    else:
        print("\n".join(plain(rows, here, min(WIDTH, console.width) if console.is_terminal else WIDTH)))


def _offered(name: str | None, here: Machine) -> Row:
    try:
        return _row(source.survey(name), here)
    except LoadError as error:
        return name or "seedling", None, str(error)


def _row(plan: Plan, here: Machine) -> Row:
    return one_line(plan.name), plan, f"{judge(plan, here).sentence} {plan.note}".strip()


def _cells(plan: Plan | None, here: Machine) -> list[str]:
    if plan is None:
        return ["?"] * len(HEADS)
    there = plan.precisions(here)
    memory = [size(plan.memory(name, here.kind)) if name in there else "-" for name in PRECISIONS]
    return [size(plan.missing) if plan.missing else "-", size(plan.files), *memory]


def plain(rows: Sequence[Row], here: Machine, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns, if it has room. A name too long for its column has a line of its own."""
    wide = [max(10, len(head) + 2) for head in HEADS]
    room = width - sum(wide)
    lines = [
        *textwrap.wrap(f"This computer: {describe(here)}.", width),
        "",
        "model".ljust(room) + _right(HEADS, wide),
    ]
    for name, plan, verdict in rows:
        if len(name) >= room:
            lines += textwrap.wrap(name, width, break_long_words=True)
            name = ""
        lines.append(name.ljust(room) + _right(_cells(plan, here), wide))
        indent = {"initial_indent": "  ", "subsequent_indent": "  "}
        lines += textwrap.wrap(verdict, width, break_on_hyphens=False, **indent)
    return [*lines, "", *textwrap.wrap(FOOT, width)]


def _right(cells: Sequence[str], wide: Sequence[int]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, wide, strict=True))


def _show(console: Any, rows: Sequence[Row], here: Machine) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 1, 0), header_style="bold")
    table.add_column("model", overflow="fold")
    for head in HEADS:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("on this computer", min_width=28)
    for name, plan, verdict in rows:
        style = STYLES[judge(plan, here).precision if plan else None]
        table.add_row(Text(name), *_cells(plan, here), Text(verdict, style))
    console.print(f"This computer: {describe(here)}.", markup=False)
    console.print()
    console.print(table)
    console.print(FOOT, style="bright_black")


def describe(here: Machine) -> str:
    """What this computer has, in a line."""

    def free(count: int | None, total: int | None = None) -> str:
        if count is None:
            return "unknown"
        amount, unit = size(count).split()
        whole, kind = size(total).split() if total else ("", unit)
        return f"{amount}{f' {unit}' if kind != unit else ''}{f' of {whole}' if whole else ''} {kind} free"

    if here.kind == "cpu":
        card = "no graphics card" if here.unused is None else "a graphics card that is not used"
        return f"{card}, memory {free(here.free, here.total)}, disk {free(here.disk)}"
    card = f"{here.name.removeprefix('the ')} ({free(here.free, here.total)})"
    return f"{card}, memory {free(here.ram)}, disk {free(here.disk)}"


def _dict(row: Row, here: Machine) -> dict[str, Any]:
    name, plan, sentence = row
    if plan is None:
        return {"name": name, "error": sentence}
    verdict = judge(plan, here)
    return {
        "name": name,
        "source": plan.source,
        "origin": plan.origin,
        "note": plan.note,
        "download": plan.missing,
        "disk": {precision: plan.disk(precision, here.kind) for precision in plan.precisions(here)},
        "weights": {precision: plan.bytes(precision, here.kind) for precision in plan.precisions(here)},
        "memory": {precision: plan.memory(precision, here.kind) for precision in plan.precisions(here)},
        "precision": verdict.precision,
        "verdict": verdict.sentence,
    }
