"""Both: one HTML file that plays two runs side by side, held together by step, clock or share. As `page` is made,
of both.html and both.js beside this module; it carries no recording.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from string import Template

from app.keep.formats.order import ExportError, Order, put
from app.keep.formats.page import CELLS, HERE, POLICY, Steps, controls, drawing, hashed, shown, style_of
from app.run.duo import noted, titles
from app.run.timeline import LINES, Timeline
from engine.values.quality import LABEL
from engine.values.recording import Recording
from engine.values.words.letters import one_line

LOCK = """\
<label>Together by <select id="lock">
<option value="step">step</option>
<option value="clock">clock</option>
<option value="share">share</option>
</select></label>
"""
SWAP = '<button id="swap" title="Left becomes right (X)">Swap</button>\n'


async def write_both(line: Timeline, path: Path, order: Order, swapped: bool = False) -> None:
    """Raises ExportError."""
    if sum(len(frame.ids) for run in line.runs for frame in run.frames) > CELLS:
        raise ExportError("The runs are too long for a page: write a film instead.")
    count = sum(len(run.frames) for run in line.runs) + 1
    await put(path, _parts(line, order, swapped), count, order)


def _parts(line: Timeline, order: Order, swapped: bool) -> Iterator[bytes]:
    """Nothing for each step that is read, then the page."""
    packed = []
    for run in line.runs:
        steps = Steps(run, order.surprise)
        for index in range(len(run.frames)):
            steps.add(index)
            yield b""
        packed.append(steps.told(order))
    yield _page(line, order, packed, swapped).encode()


def _page(line: Timeline, order: Order, packed: list[bytes], swapped: bool) -> str:
    a, b = line.runs
    marks, note = noted(a, len(a.frames) - 1, b, len(b.frames) - 1)
    note += f" Colours: {LABEL}." if order.surprise and (a.quality or b.quality) else ""
    lock = next(name for name, kind in LINES.items() if kind is type(line))
    told = {"marks": [sorted(mark.cells) for mark in marks], "note": note, "lock": lock, "swapped": swapped}
    parts = {"steps-a": packed[0], "steps-b": packed[1], "both": _deflated(told)}
    same = one_line(a.prompt) == one_line(b.prompt)
    heading = one_line(a.prompt) if same else "Two prompts"
    style, script = style_of(), drawing() + (HERE / "both.js").read_text("utf-8")
    named = list(zip("AB", titles(a, b), line.runs, strict=True))
    return Template((HERE / "both.html").read_text("utf-8")).substitute(
        policy=POLICY.format(hashed(script), hashed(style)),
        title=shown(f"{heading[:80]} \u2013 Unnoise"),
        heading=shown(heading),
        about=shown(f"Two runs of {a.model} side by side" if a.model == b.model else f"{a.model} and {b.model}"),
        sides="\n".join(_side(*each) for each in named),
        controls=controls(first="The beginning", last="The end", where="Where both are", lock=LOCK, swap=SWAP),
        texts="\n".join(f"<h2>{letter}</h2>{_text(run)}" for letter, _, run in named),
        steps="\n".join(_packed(name, data) for name, data in parts.items()),
        style=style,
        script=script,
    )


def _side(letter: str, title: str, run: Recording) -> str:
    return (
        f'<section id="side-{letter.lower()}" aria-label="{letter}"><h2>{letter}: {shown(title)}</h2>'
        f'<p class="measured quiet"></p><div class="stage" tabindex="0" role="group" aria-label="Canvas {letter}">'
        "</div></section>"
    )


def _text(run: Recording) -> str:
    return f'<div class="text" dir="auto">{shown(run.reply().shown)}</div>'


def _packed(name: str, data: bytes) -> str:
    return f'<script type="application/x-unnoise-steps" id="{name}">{b64encode(data).decode()}</script>'


def _deflated(told: dict) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(json.dumps(told, separators=(",", ":")).encode()) + packer.flush()
