"""Small synthetic frames and recordings for tests that need no model."""

import asyncio
import time
from types import SimpleNamespace

import numpy as np

from engine.values.frame import Frame, Lexicon
from engine.values.recording import Recording
from engine.values.settings import Settings

WORDS = (
    "",
    "<end>",
    "Once",
    " upon",
    " a",
    " time",
    " a",
    " fox",
    " found",
    " the",
    " lantern",
    ".",
    "\n",
    " \u2603",
)
LEXICON = Lexicon({i: word.encode() for i, word in enumerate(WORDS)}, frozenset({1}), frozenset({0, 1}))

# A lexicon in which a model thinks, and ids of its texts.
SPOKEN = (
    "<pad>",
    "<turn|>",
    "<|channel>",
    "<channel|>",
    "thought",
    "\n",
    "user",
    " Hello",
    " model.",
    "Hello",
    " there",
)
CHANNELS = Lexicon({i: word.encode() for i, word in enumerate(SPOKEN)}, frozenset({1}), frozenset({0, 1, 2, 3}))


def spoken(*words):
    """int32 [C]: the ids of words in CHANNELS."""
    return np.array([SPOKEN.index(word) for word in words], np.int32)


THINKING = spoken(
    "<|channel>", "thought", "\n", "user", " Hello", " model.", "<channel|>", "Hello", " there", "<turn|>"
)

MODEL = SimpleNamespace(
    usual=Settings(),
    name="fake",
    device="cpu",
    thinks=False,
    remark=None,
    lexicon=LEXICON,
    blind="fake reads no pictures.",
    prompt=lambda question, settings, *_: [2, 3],
    spare=lambda question, settings: question.before,
    count=lambda question, settings: len(question.prompt.split()) + 10 * len(question.pictures),
    context=512,
    fits=lambda count, settings: count <= 100,
)  # of a session whose `denoise` is a fake, too


async def until(condition):
    """Lets the event loop run until something is true."""
    end = time.monotonic() + 60  # of a machine that is busy
    while not condition():
        assert time.monotonic() < end, "it never happened"
        await asyncio.sleep(0.005)


def frame(canvas=0, step=0, cells=16, seed=None, settings=None, **changes):
    """A frame of random but consistent values; any of them can be given."""
    rng = np.random.default_rng(canvas * 1000 + step if seed is None else seed)
    probs = np.sort(rng.dirichlet(np.ones(8), cells).astype(np.float32))[:, ::-1]
    settings = settings or Settings()
    values = {
        "canvas": canvas,
        "step": step,
        "seconds": 0.1 * (canvas * 100 + step + 1),
        "forward": 0.06,
        "readout": 0.02,
        "temperature": settings.temperature(min(step, settings.steps - 1)),  # never below 0, however many there are
        "ids": rng.integers(2, len(WORDS), cells).astype(np.int32),
        "guess": rng.integers(2, len(WORDS), cells).astype(np.int32),
        "held": rng.random(cells) < 0.5,
        "entropy": rng.random(cells).astype(np.float32),
        "top_ids": rng.integers(0, len(WORDS), (cells, 8)).astype(np.int32),
        "top_probs": np.ascontiguousarray(probs),
        "settings": settings,
    }
    return Frame(**values | changes)


def recording(steps=5, canvases=1, **changes):
    """A finished recording of `canvases` canvases of `steps` steps."""
    result = Recording("a fox", Settings(), "test model", "cpu", LEXICON)
    for canvas in range(canvases):
        for step in range(steps):
            result.append(frame(canvas, step, stop="stable" if step == steps - 1 else "", **changes))
    result.outcome = "finished"
    return result
