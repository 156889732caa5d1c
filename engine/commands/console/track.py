"""The race in a terminal: both lanes side by side, while they run and in replay. Knows no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic, sleep
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from engine.commands.console import terminal
from engine.steps import race
from engine.steps.race import Lane

FRAME = 5  # lines of a lane around its text
HERTZ = 10  # few enough that drawing takes little from the lane that runs


def watch(lanes: Sequence[Lane], running: Iterable[Lane], console: Console) -> None:
    """Both lanes while they run, one after the other."""
    with Live(
        get_renderable=lambda: view(lanes, tail=True), console=console, refresh_per_second=HERTZ, transient=True
    ):
        for _ in running:
            pass


def replay(lanes: Sequence[Lane], console: Console) -> None:
    """Both lanes at once, each by its own clock. Ctrl+C ends it early. Leaves the end and the verdict standing."""
    found = [race.result(lane) for lane in lanes]
    start, end = monotonic(), max(lane.seconds for lane in lanes)
    try:
        with Live(console=console, refresh_per_second=2 * HERTZ, transient=True) as live:
            while (now := monotonic() - start) < end:
                live.update(view(lanes, found, now, tail=True))
                sleep(0.5 / HERTZ)
    except KeyboardInterrupt:
        pass
    console.print(view(lanes, found), Text(race.verdict(lanes), style="bold"))


def view(
    lanes: Sequence[Lane],
    found: Sequence[dict[str, Any]] | None = None,
    now: float = float("inf"),
    tail: bool = False,
) -> RenderableType:
    """The lanes side by side at `now` seconds on their clocks. `found` is what was measured, once it is over.

    With `tail` only the ends of texts that are taller than the terminal.
    """
    table = Table.grid(expand=True, padding=(0, 1))
    for _ in lanes:
        table.add_column(ratio=1)
    table.add_row(*(_panel(lane, found[at] if found else None, now, tail) for at, lane in enumerate(lanes)))
    return table


def _panel(lane: Lane, found: dict[str, Any] | None, now: float, tail: bool) -> Panel:
    index, over = lane.at(now), bool(found) and now >= lane.seconds
    body = (
        terminal.canvases(lane.recording, index)
        if index >= 0
        else Text("reading the prompt" if found else "", "bright_black")
    )
    body = terminal.Tail(body, FRAME) if tail else body
    title = f"{lane.name}, finished" if over else lane.name
    return Panel(Group(body, Text(), Text(race.numbers(lane, index, found, now), "bright_black")), title=title)
