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

from engine.commands import terminal
from engine.steps import race
from engine.steps.race import WORDS, Lane

HERTZ = 10  # few enough that drawing takes little from the lane that runs


def watch(lanes: Sequence[Lane], running: Iterable[Lane], console: Console) -> None:
    """Both lanes while they run, one after the other."""
    with Live(get_renderable=lambda: view(lanes), console=console, refresh_per_second=HERTZ, transient=True):
        for _ in running:
            pass


def replay(lanes: Sequence[Lane], console: Console) -> None:
    """Both lanes at once, each by its own clock. Ctrl+C ends it early. Leaves the end and the verdict standing."""
    found = [race.result(lane) for lane in lanes]
    start, end = monotonic(), max(lane.seconds for lane in lanes)
    try:
        with Live(console=console, refresh_per_second=2 * HERTZ, transient=True) as live:
            while (now := monotonic() - start) < end:
                live.update(view(lanes, found, now))
                sleep(0.5 / HERTZ)
    except KeyboardInterrupt:
        pass
    console.print(view(lanes, found), Text(race.verdict(lanes), style="bold"))


def plain(lanes: Sequence[Lane]) -> str:
    """A race that is over, without a terminal: the texts, what was measured of them, and the verdict."""
    told = []
    for lane in lanes:
        numbers = _numbers(lane, len(lane.recording.frames) - 1, race.result(lane), float("inf"))
        numbers = numbers.replace("\n", "   ")
        told.append(f"{lane.name}: {numbers}\n{terminal.printable(lane.recording.text(), newlines=True)}\n")
    return "\n".join([*told, race.verdict(lanes)])


def view(
    lanes: Sequence[Lane], found: Sequence[dict[str, Any]] | None = None, now: float = float("inf")
) -> RenderableType:
    """The lanes side by side at `now` seconds on their clocks. `found` is what was measured, once it is over."""
    table = Table.grid(expand=True, padding=(0, 1))
    for _ in lanes:
        table.add_column(ratio=1)
    table.add_row(*(_panel(lane, found[at] if found else None, now) for at, lane in enumerate(lanes)))
    return table


def _panel(lane: Lane, found: dict[str, Any] | None, now: float) -> Panel:
    index, over = lane.at(now), bool(found) and now >= lane.seconds
    body = _text(lane, index) if index >= 0 else Text("reading the prompt" if found else "", "bright_black")
    title = f"{lane.name}, finished" if over else lane.name
    return Panel(Group(body, Text(), Text(_numbers(lane, index, found, now), "bright_black")), title=title)


def _text(lane: Lane, index: int) -> Text:
    """The text as it stood at frame `index`."""
    recording = lane.recording
    before = "".join(recording.lexicon.text(ids) for ids in recording.finished(index))
    body = Text(terminal.printable(before, newlines=True))
    return body.append_text(terminal.cells(recording.previous(index), recording.frames[index], recording))


def _numbers(lane: Lane, index: int, found: dict[str, Any] | None, now: float) -> str:
    """Two lines of what is measured by then; what nobody can know yet is left out."""
    passes, rate = lane.passes(index), found and found["text_tok_s"] if now >= lane.seconds else None
    upper = ["" if passes is None else f"{passes} passes", f"{min(now, lane.seconds):.2f} s"]
    upper += [f"{rate:,.0f} tok/s"] if rate else []
    times = {"any": found["some_words_seconds"], "first": found["first_words_seconds"]} if found else {}
    lower = [
        f"{name} {WORDS} words {when:.2f} s" for name, when in times.items() if when is not None and when <= now
    ]
    return "   ".join(filter(None, upper)) + "\n" + "   ".join(lower)
