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
        step, last = 0, False
        while not last and (settings := ask(0, step)) is not None:  # which nobody is asked behind the last
            time.sleep(window.delay)
            last = step >= (window.steps or settings.steps) - 1
            stop = "stable" if last else ""
            yield frame(0, step, cells=cells, seed=seed(settings, step), settings=settings, stop=stop)
            step += 1

    reads(monkeypatch, denoise, model)


def reads(monkeypatch, denoise, model=MODEL):
    """Every model that is loaded is `model`, and `denoise` its denoising loop."""
    monkeypatch.setattr(engine.steps.denoise, "denoise", denoise)
    monkeypatch.setattr(engine.model.gemma, "load", lambda *args, **options: model)
