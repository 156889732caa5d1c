"""The loop: from a prompt to text, one Frame a step. The only place that steps and goes from canvas to canvas.

Knows no model, only the small Denoiser protocol, and nothing of who looks at the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from engine.steps import readout
from engine.steps.moment import Moment
from engine.steps.readout import Readout
from engine.steps.run import Denoiser, Run
from engine.values.edit import Edit
from engine.values.frame import Frame
from engine.values.settings import Settings, knobs

LIVE = tuple(name for name, knob in knobs().items() if knob.live)

Ask = Callable[[int, int], Settings | None]  # (canvas, step) -> the knobs now in force, None to stop; may block
Edits = Callable[[int, int], Sequence[Edit]]  # (canvas, step) -> what hands do before that step


def denoise(
    denoiser: Denoiser,
    prompt: Sequence[int],
    ask: Ask,
    *,
    canvas: Sequence[int] | None = None,
    read: Callable[..., Readout] = readout.fused,
    edits: Edits = lambda canvas, step: (),
    start: Moment | None = None,
    keep: Callable[[Moment], object] | None = None,
) -> Iterator[Frame]:
    """Write canvas after canvas behind `prompt` (at least one id), which is read in its parts, and yield a Frame
    after every step.

    `ask` is called before every step, `edits` right after it; time in them is not counted. What the prompt is given
    with, a Context, comes before the edits of the first step. Live knobs apply from
    that step on, the others are those of its first answer. `canvas` [C] replaces the first random canvas. The same
    seed, model, device and edits give the same ids. A canvas with an end token is the last.

    With `start` the run goes on from there, with its prompt. `keep` is given the Moment before every step but the
    first of a canvas and those of proofreading. That is all that follows the first `stop` of a canvas: every round
    begins with an Edit and ends in a `stop`, and the text is that of the last. Raises ValueError if an edit names a
    cell or a token that there is none of, and StepError in the first step that has a NaN or an infinity: its tokens
    would mean nothing.
    """
    index, step = (start.canvas, start.step) if start else (0, 0)
    settings = first = ask(index, step)
    run, context = None, prompt
    given = () if start else getattr(prompt, "edits", ())
    while settings is not None:
        run = run or Run(denoiser, read, torch.Generator(denoiser.device).manual_seed(first.seed))
        if start is not None:
            run.go_on(start)
            start = None
        elif step == 0:
            run.open(context, canvas if index == 0 else None)
        elif keep is not None and run.proof is None:
            keep(run.moment(index, step))
        frame = run.step(index, step, _live(first, settings), (*given, *edits(index, step)))
        given = ()
        yield frame
        if not frame.stop or run.proofreads:
            step += 1
        elif index + 1 == first.canvases or np.isin(frame.guess, list(denoiser.ends)).any():
            return
        else:
            context, index, step = frame.guess.tolist(), index + 1, 0
        settings = ask(index, step)


def _live(first: Settings, last: Settings) -> Settings:
    """`first` with the live knobs of `last`: the settings that are really in force."""
    return first if last == first else replace(first, **{name: getattr(last, name) for name in LIVE})
