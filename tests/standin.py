"""Stand-in: frames of random values in place of what a model writes, as many and as slow as a test says."""

import time

import engine.model.gemma
import engine.steps.denoise
from samples import MODEL, frame


def writes(monkeypatch, window, steps=6, cells=256, model=MODEL, seed=lambda settings, step: None):
    """Every model that `window` loads is `model`, and writes canvases of `window.steps` steps (None: as many as the
    knobs allow), with `window.delay` seconds before each.
    """
    window.steps, window.delay = steps, 0.0

    def denoise(model, prompt, ask, **how):
        step = 0
        while (settings := ask(0, step)) is not None and step < (window.steps or settings.steps):
            time.sleep(window.delay)
            stop = "stable" if step == (window.steps or settings.steps) - 1 else ""
            yield frame(0, step, cells=cells, seed=seed(settings, step), settings=settings, stop=stop)
            step += 1

    reads(monkeypatch, denoise, model)


def reads(monkeypatch, denoise, model=MODEL):
    """Every model that is loaded is `model`, and `denoise` its denoising loop."""
    monkeypatch.setattr(engine.steps.denoise, "denoise", denoise)
    monkeypatch.setattr(engine.model.gemma, "load", lambda *args, **options: model)
