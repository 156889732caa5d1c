"""Page: one HTML file that plays the run by itself: no network, no other file, nothing that is not in it.

page.html, controls.html, page.css, shared.js, draw.js and page.js beside this module are what it is made of;
colours come from the window's two themes. A policy in its head allows that one script and that one style and
nothing else, by their hashes; what a model or a person wrote is escaped, or packed as base64, so that it is text
whatever it says.
Without a script, or in a browser that is too old, the text as it ended is there to be read.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from app.keep.formats.order import ExportError, Order, packed, put
from app.keep.names import proposed
from app.run.shades import shades
from app.run.shades import told as measured
from app.words import ending
from engine.values.files.carrier import GENERATOR, in_page
from engine.values.frame import ACCEPTED, CHANGED, PINNED, Frame
from engine.values.metrics import Meter
from engine.values.quality import SEAM
from engine.values.recording import SUFFIX, Recording
from engine.values.settings import counted, knobs
from engine.values.turns import USER
from engine.values.words.letters import harmless, one_line
from widgets.cells import LEVELS, Cells, running, short
from widgets.overlay import grounds, heat
from widgets.paint import Inks
from widgets.sizes import Sizes
from widgets.theme import DARK, LIGHT, Theme

CELLS = 2_000_000  # of all steps, in a page: more is too long for one
DETAILED = 500_000  # of them with what the model considered in each
CANDIDATES = 5  # that are told of a cell
DIGITS = "0123456789abcdefghijklmnopqrstuv"  # the shades of the ramp
HERE = Path(__file__).parent
THOUGHT = '<details class="thought" open><summary>Thought</summary><div class="text" dir="auto">{}</div></details>'
KEEP = '<a id="save">Save the recording</a> to open it in Unnoise, or open this page there.'
COLOURS = "<li>At the end colour tells how odd a word is, a frame a seam: {}</li>"
SEEN = "; img-src data:"  # of a page that has pictures: those that are in it
POLICY = "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'"


async def write(recording: Recording, path: Path, order: Order) -> None:
    """Raises ExportError."""
    if sum(len(frame.ids) for frame in recording.frames) > CELLS:
        raise ExportError("The run is too long for a page: save the recording instead.")
    carried = await packed(recording, order)
    await put(path, _parts(recording, order, carried), len(recording.frames) + 1, order)


def _parts(recording: Recording, order: Order, carried: bytes) -> Iterator[bytes]:
    """Nothing for each step that is read, then the page."""
    steps = Steps(recording, order.surprise)
    for index in range(len(recording.frames)):
        steps.add(index)
        yield b""
    yield _page(recording, order, steps.told(order), carried).encode()


class Steps:
    """What the page plays: of every frame what its cells show, and what was measured. Grows frame by frame."""

    def __init__(self, recording: Recording, coloured: bool = False) -> None:
        """`coloured`: the words of a canvas that has ended have the colour of how surprising they are."""
        self._recording, self._meter = recording, Meter(recording)
        self._sizes = Sizes(recording.lexicon, recording.frames, over=True)
        self._texts: dict[str, int] = {}
        self._words: dict[int, int] = {}
        self._frames: list[dict[str, Any]] = []
        self._shades, self._coloured = recording.quality is not None, coloured
        self._detailed = sum(len(frame.ids) for frame in recording.frames) <= DETAILED

    def add(self, index: int) -> None:
        recording = self._recording
        frame, moment = recording.frames[index], self._meter.at(index)
        past = np.concatenate([np.empty(0, np.int32), *recording.finished(index)])
        cells = running(recording.lexicon, frame, recording.previous(index), past)
        flags = zip(cells.noise, cells.thought, strict=True)
        told = {
            "canvas": frame.canvas,
            "stop": bool(frame.stop),
            "state": _state(recording, index),
            "share": round((index + 1) / max(_most(recording), len(recording.frames)), 4),
            "seconds": round(frame.seconds, 4),
            "written": moment.written,
            "rate": _known(moment.rate, 2),
            "entropy": _known(float(frame.entropy.mean()), 4),
            "took": _known(frame.step_seconds * 1e3, 1),
            "alive": cells.alive,
            "rest": cells.rest,
            "board": self._sizes.board(index),
            "texts": [self._text(text) for text in cells.texts],
            "looks": "".join(chr(97 + look) for look in cells.looks),
            "levels": "".join(DIGITS[level] for level in cells.levels),
            "flags": "".join(str(noise + 2 * thought) for noise, thought in flags),
        }
        told |= self._considered(frame) if self._detailed and frame.told else {}
        self._frames.append(told | (self._read(index, cells) if self._shades else {}))

    def told(self, order: Order) -> bytes:
        """All of it, packed."""
        name = "run" if order.bare else proposed(self._recording)
        told = {"name": name + SUFFIX, "speed": order.speed, "view": order.view, "seam": 100 * SEAM}
        told |= {"texts": list(self._texts), "frames": self._frames}
        packer = zlib.compressobj(9, wbits=-15)
        return packer.compress(json.dumps(told, separators=(",", ":"), allow_nan=False).encode()) + packer.flush()

    def _considered(self, frame: Frame) -> dict[str, Any]:
        """What was likely in each cell, in thousandths, and how unsure the model was, in hundredths of a nat."""
        top, odds = frame.top_ids[:, :CANDIDATES], frame.top_probs[:, :CANDIDATES]
        return {
            "nats": np.rint(100 * np.nan_to_num(frame.entropy)).astype(int).tolist(),
            "top": [self._word(token) for token in top.ravel().tolist()],
            "odds": np.rint(1000 * np.nan_to_num(odds)).astype(int).ravel().tolist(),
        }

    def _read(self, index: int, cells: Cells) -> dict[str, Any]:
        """How surprising the text is, read from left to right, in hundredths of a nat; null where nobody did. Where
        that is to be seen, the shade of each word, and in place of entropy that of each cell of a board."""
        known = shades(self._recording, index)
        if known is None:
            return {}
        told = {"read": [_known(100 * float(nats), 0) for nats in known[0]]}
        if not self._coloured:
            return told
        odd = [" "] * len(cells.texts)
        for start, end, shade in grounds(cells.texts[: cells.alive], known[0]):
            odd[start:end] = DIGITS[shade] * (end - start)
        return told | {"odd": "".join(odd), "levels": "".join(DIGITS[shade] for shade in heat(known[0]))}

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _word(self, token: int) -> int:
        if token not in self._words:
            self._words[token] = self._text(short(self._recording.lexicon.piece(token)))
        return self._words[token]


def _most(recording: Recording) -> int:
    return recording.settings.steps * recording.settings.canvases


def _state(recording: Recording, index: int) -> str:
    """How the run stood, in a few words."""
    frame, canvases = recording.frames[index], recording.settings.canvases
    if index == len(recording.frames) - 1:
        return ending(recording)
    parts = [f"step {frame.step + 1} of at most {frame.settings.steps}"]
    parts += [f"canvas {frame.canvas + 1} of {canvases}"] if canvases > 1 else []
    return " \u00b7 ".join(parts)


def _known(value: float, digits: int) -> float | None:
    return round(value, digits) if isfinite(value) else None


def _page(recording: Recording, order: Order, steps: bytes, carried: bytes) -> str:
    reply = recording.reply()
    style, script = style_of(), script_of()
    heading = "A text from noise" if order.bare else one_line(recording.prompt)
    parts = {
        "policy": POLICY.format(hashed(script), hashed(style)) + (SEEN if pictured(recording, order) else ""),
        "generator": GENERATOR if carried else "",
        "title": shown(f"{heading[:80]} \u2013 Unnoise"),
        "heading": shown(heading),
        "about": shown(_about(recording, order)),
        "thought": THOUGHT.format(shown(reply.thought)) if reply.thought else "",
        "pictures": "" if order.bare else _pictures(recording),
        "text": shown("\n\n".join(filter(None, [reply.answer, *(call.line() for call in reply.calls)]))),
        "controls": controls(first="First step", last="Last step", where="Step"),
        "facts": "".join(f"<tr><th>{shown(k)}</th><td>{shown(v)}</td></tr>" for k, v in _facts(recording, order)),
        "colours": COLOURS.format(shown(measured(recording))) if order.surprise and recording.quality else "",
        "style": style,
        "script": script,
        "steps": b64encode(steps).decode(),
        "carried": in_page(carried) if carried else "",
        "keep": KEEP if carried else "",
    }
    return Template((HERE / "page.html").read_text("utf-8")).substitute(parts)


def pictured(recording: Recording, order: Order) -> bool:
    """Whether small copies of the prompt's pictures go along: somebody has agreed, and they are there."""
    kept = recording.thumbnails and any(picture.small is not None for picture in recording.pictures)
    return kept and not order.bare


def _pictures(recording: Recording) -> str:
    """The small copies as images that are in the page."""
    if not recording.thumbnails:
        return ""
    from engine.values.files import image

    kept = [picture for picture in recording.pictures if picture.small is not None]
    data = [b64encode(image.little(picture.small)).decode() for picture in kept]
    told = "A picture of the prompt"
    images = "".join(f'<img alt="{told}" src="data:image/jpeg;base64,{each}">' for each in data)
    return f'<p class="pictures">{images}</p>' if images else ""


def _about(recording: Recording, order: Order) -> str:
    told = counted(len(recording.frames), "step")
    if order.bare:
        return told
    settings = recording.settings
    heat = f"temperature {settings.t_max:g} \u2192 {settings.t_min:g}"
    return f"{told} \u00b7 {heat} \u00b7 seed {settings.seed} \u00b7 {recording.model} on {recording.device}"


def _facts(recording: Recording, order: Order) -> Iterator[tuple[str, str]]:
    """What it is a run of."""
    if not order.bare:
        yield from _asked(recording)
        yield "model", f"{recording.model} on {recording.device}"
        for name, knob in knobs().items():
            value = getattr(recording.settings, name)
            yield knob.label, ("off", "on")[value] if isinstance(value, bool) else str(value)
    yield "ended", ending(recording)


def _asked(recording: Recording) -> Iterator[tuple[str, str]]:
    """All that the model was told, in order."""
    if recording.before.system:
        yield "system", recording.before.system
    for turn in recording.before.turns:
        yield ("prompt" if turn.role == USER else "answer"), turn.text
    yield "prompt", recording.prompt


def shown(text: str) -> str:
    """Text that is text in a page, whatever it says."""
    return escape("".join(sign for sign in text if sign in "\n\t" or harmless(sign)))


def hashed(text: str) -> str:
    """By which a policy knows a script or a style."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def controls(*, first: str, last: str, where: str, lock: str = "", swap: str = "") -> str:
    """What a page is played with: what its ends and its slider are called, and what one page alone has."""
    names = {"first": first, "last": last, "where": where, "lock": lock, "swap": swap}
    return Template((HERE / "controls.html").read_text("utf-8")).substitute(names)


def style_of() -> str:
    """The style sheet, with the colours of both themes."""
    dark = f"@media (prefers-color-scheme: dark) {{\n{_colours(DARK)}\n}}"
    return f"{_colours(LIGHT)}\n{dark}\n{(HERE / 'page.css').read_text('utf-8')}"


def script_of() -> str:
    return drawing() + (HERE / "page.js").read_text("utf-8")


def drawing() -> str:
    """The script that draws a step, and what every page with a player does."""
    return "".join((HERE / name).read_text("utf-8") for name in ("shared.js", "draw.js"))


def _colours(theme: Theme) -> str:
    """A theme as the canvas uses it: its own colours, and for each shade of the ramp those of cells on it."""
    inks, middle = Inks.of(theme), LEVELS // 2
    named = ("window", "panel", "raised", "line", "text", "muted", "accent", "on_accent", "shade")
    named += ("accepted", "changed", "withdrawn")
    values = {name: getattr(theme, name) for name in named}
    values |= {f"wash{look}": inks.washes[look].name() for look in (ACCEPTED, CHANGED, PINNED)}
    values |= {"tint": inks.tints[middle].name(), "noise": inks.noise_on_tint[middle].name()}
    rules = [f":root {{ {' '.join(f'--{name}: {value};' for name, value in values.items())} }}"]
    for level in range(LEVELS):
        ground, ink, quiet = inks.ramp[level].name(), inks.on_ramp[level].name(), inks.noise_on_ramp[level].name()
        rules.append(f".l{level} {{ background: {ground}; color: {ink} }}")
        rules.append(f".l{level}.n {{ color: {quiet} }}")
        rules.append(f".l{level}.t {{ color: {inks.thought_on_ramp[level].name()} }}")
        tint, faint = inks.tints[level].name(), inks.noise_on_tint[level].name()
        rules.append(f".s{level} {{ background: {inks.warm[level].name()} }}")
        rules.append(f".prose .l{level}.n {{ background: {tint}; color: {faint} }}")
    return "\n".join(rules)
