"""The loop: the same ids as transformers' generate(), and what a Frame promises."""

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
import torch
from transformers.models.diffusion_gemma.generation_diffusion_gemma import EntropyBoundSamplerConfig

import tiny
from engine.bench.readout import Still
from engine.model.gemma import Gemma
from engine.steps import readout
from engine.steps.denoise import denoise
from engine.values.frame import STOPS, Frame
from engine.values.settings import SAMPLERS, Settings

torch.set_num_threads(1)
# generate() imports torch's compiler even if it is not used, and that warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
CELLS, WINDOW, SEEDS = 16, 8, 60


class Case(NamedTuple):
    settings: Settings
    prompt: list[int]
    canvas: list[int] | None
    gemma: Gemma
    theirs: list[int]
    frames: list[Frame]

    @property
    def ours(self) -> list[int]:
        """What generate() returns for these frames: the ended canvases, padded behind the first end token."""
        texts = [frame.guess.tolist() for frame in self.frames if frame.stop]
        return [id for text in texts for id in padded(text, self.gemma.ends)]


def padded(ids: list[int], ends) -> list[int]:
    length = next((at + 1 for at, id in enumerate(ids) if id in ends), len(ids))
    return ids[:length] + [tiny.PAD] * (len(ids) - length)


def always(settings):
    return lambda canvas, step: settings


@cache
def gemma(seed: int = 0, **shape) -> Gemma:
    return Gemma(tiny.model(seed=seed, canvas=CELLS, window=WINDOW, **shape), tiny.tokenizer(), "tiny")


@pytest.fixture(scope="module")
def model() -> Gemma:
    return gemma(sharpness=0.6)


def generate(gemma: Gemma, prompt: list[int], settings: Settings, canvas: list[int] | None) -> list[int]:
    torch.manual_seed(settings.seed)
    first = {} if canvas is None else {"decoder_input_ids": torch.tensor([canvas])}
    result = gemma.model.generate(
        torch.tensor([prompt]),
        max_new_tokens=CELLS * settings.canvases,
        max_denoising_steps=settings.steps,
        t_max=settings.t_max,
        t_min=settings.t_min,
        sampler_config=EntropyBoundSamplerConfig(entropy_bound=settings.entropy_bound),
        stability_threshold=settings.stability,
        confidence_threshold=settings.confidence or 1e-30,  # transformers refuses 0, never below
        **first,
    )
    return result.sequences[0, len(prompt) :].tolist()


def case(seed: int) -> Case:
    dice = Random(seed)
    hot, cold = dice.choice([(0.8, 0.4), (0.75, 0.25), (0.7, 0.1)])
    settings = Settings(
        seed=seed,
        steps=dice.choice([4, 8]),
        t_max=hot,
        t_min=cold,
        canvases=dice.choice([1, 1, 2, 3]),
        entropy_bound=dice.choice([0.1, 1.0, 16.0]),
        stability=dice.choice([0, 1, 1, 2, 3]),
        confidence=dice.choice([0.0, 0.005, 0.3, 1.0, 1.0]),
    )
    # Either a restless network, or one whose cells keep their token, so that a canvas comes to rest.
    sharpness, stir = dice.choice([(0.1, 1.0), (0.4, 1.0), (1.0, 0.1), (2.0, 0.1)])
    ends = dice.choice([(tiny.EOS, tiny.END), tuple(range(1, 8))])
    model = gemma(seed % 2, sharpness=sharpness, stir=stir, ends=ends)
    prompt = [tiny.BOS, *range(20, 20 + dice.choice([1, 5, 7, 9, 19]))]
    canvas = list(range(30, 30 + CELLS)) if dice.random() < 0.2 else None
    theirs = generate(model, prompt, settings, canvas)
    frames = denoise(model, prompt, always(settings), canvas=canvas, read=readout.reference)
    return Case(settings, prompt, canvas, model, theirs, list(frames))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case(seed) for seed in range(SEEDS)]


def test_with_its_draws_the_ids_are_those_of_generate(cases):
    assert [case.settings.seed for case in cases if case.ours != case.theirs] == []


def test_these_cases_cover_what_can_happen(cases):
    stops = Counter(frame.stop for case in cases for frame in case.frames)
    early = sum(frame.stop == "stable" and frame.step > 0 for case in cases for frame in case.frames)
    ended = [any(id in case.gemma.ends for id in case.ours) for case in cases]
    assert stops["stable"] >= 5 and stops["steps"] >= 5 and early >= 5
    assert {len(case.theirs) // CELLS for case in cases} == {1, 2, 3}
    assert {len(case.prompt) < WINDOW for case in cases} == {True, False}
    assert {case.canvas is None for case in cases} == {True, False}
    assert 5 <= sum(ended) <= SEEDS - 5
    assert any(len(case.theirs) < CELLS * case.settings.canvases for case in cases)


PROMPT = [tiny.BOS, 30, 31, 32]


def run(model: Gemma, settings: Settings, **options) -> list[Frame]:
    return list(denoise(model, PROMPT, always(settings), **options))


def ids(frames: list[Frame]) -> np.ndarray:
    return np.stack([frame.ids for frame in frames])


RESTLESS = Settings(steps=5, canvases=2, confidence=0.0)


@pytest.fixture(scope="module")
def endless() -> Gemma:
    return gemma(sharpness=0.6, ends=())


def test_the_same_seed_gives_the_same_ids_and_another_seed_others(model):
    first = run(model, RESTLESS)
    assert np.array_equal(ids(first), ids(run(model, RESTLESS)))
    assert not np.array_equal(ids(first)[0], ids(run(model, replace(RESTLESS, seed=8)))[0])


def test_the_global_random_state_is_left_alone(model):
    before = torch.get_rng_state()
    run(model, RESTLESS)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_frame_keeps_its_promises(endless, sampler):
    frames = run(endless, replace(RESTLESS, sampler=sampler, accept_above=0.3, entropy_bound=2.0))
    assert [(frame.canvas, frame.step) for frame in frames] == [(c, s) for c in (0, 1) for s in range(5)]
    for frame in frames:
        assert frame.ids.shape == frame.guess.shape == frame.held.shape == frame.entropy.shape == (CELLS,)
        assert frame.top_ids.shape == frame.top_probs.shape == (CELLS, 8)
        assert frame.ids.dtype == frame.guess.dtype == frame.top_ids.dtype == np.int32
        assert frame.entropy.dtype == frame.top_probs.dtype == np.float32 and frame.held.dtype == bool
        assert not any(value.flags.writeable for value in vars(frame).values() if isinstance(value, np.ndarray))
        assert np.array_equal(frame.guess, frame.top_ids[:, 0]) and frame.held.any()
        assert (np.diff(frame.top_probs) <= 0).all() and (frame.top_probs.sum(1) <= 1.00001).all()
        assert (frame.entropy >= 0).all() and (frame.entropy <= np.log(endless.vocabulary) + 1e-4).all()
        assert ((frame.ids >= 0) & (frame.ids < endless.vocabulary)).all()
        assert frame.temperature == frame.settings.temperature(frame.step)
        assert frame.stop in {"", *STOPS} and bool(frame.stop) == (frame.step == 4)


def test_open_cells_get_new_noise_every_step(endless):
    frames = run(endless, replace(RESTLESS, entropy_bound=0.001, t_max=2.0, t_min=2.0))
    open_ = [frame.ids[~frame.held] for frame in frames]
    assert all(len(cells) > 1 for cells in open_)
    assert not np.array_equal(frames[0].ids, frames[1].ids)


def test_without_temperature_every_cell_is_its_guess_at_once(endless):
    for frame in run(endless, replace(RESTLESS, t_max=0.0, t_min=0.0)):
        assert frame.held.all() and np.array_equal(frame.ids, frame.guess) and not frame.entropy.any()


def test_ask_comes_before_every_step_and_none_ends_the_run(endless):
    asked = []

    def ask(canvas, step):
        asked.append((canvas, step))
        return None if (canvas, step) == (1, 2) else RESTLESS

    frames = list(denoise(endless, PROMPT, ask))
    assert [(frame.canvas, frame.step) for frame in frames] == asked[:-1]
    assert asked[-1] == (1, 2) and not frames[-1].stop


def test_none_before_the_first_step_does_no_work():
    assert list(denoise(None, PROMPT, lambda canvas, step: None)) == []


def test_live_knobs_apply_from_the_next_step_and_the_others_never(endless):
    changed = replace(RESTLESS, t_max=0.1, t_min=0.1, sampler="linear quota", steps=2, seed=1, canvases=1)
    frames = list(denoise(endless, PROMPT, lambda canvas, step: RESTLESS if step < 2 else changed))
    assert len(frames) == 10
    assert [round(frame.temperature, 6) for frame in frames[:5]] == [0.8, 0.72, 0.1, 0.1, 0.1]
    assert frames[2].settings == replace(RESTLESS, t_max=0.1, t_min=0.1, sampler="linear quota")
    assert [frame.held.sum() for frame in frames[2:5]] == [10, 13, 16]


def test_time_in_ask_and_between_frames_is_not_counted(endless, monkeypatch):
    class Clock:
        now = 0.0

        def __call__(self):
            Clock.now += 1.0
            return Clock.now

    def ask(canvas, step):
        Clock.now += 1000
        return RESTLESS

    clock = Clock()
    for module in ("clock", "run"):
        monkeypatch.setattr(f"engine.steps.{module}.perf_counter", clock)
    frames = []
    for frame in denoise(endless, PROMPT, ask):
        frames.append(frame)
        Clock.now += 1000
    assert {(frame.forward, frame.readout) for frame in frames} == {(1.0, 1.0)}
    assert [frame.seconds for frame in frames] == [3, 5, 7, 9, 11, 14, 16, 18, 20, 22]


def test_an_end_token_ends_the_text():
    eager = gemma(ends=tuple(range(90)))
    frames = run(eager, RESTLESS)
    assert len(frames) == 5 and frames[-1].stop == "steps"


def test_the_first_canvas_can_be_given(model):
    calm = gemma(sharpness=2.0, stir=0.1)
    canvas = list(range(30, 30 + CELLS))
    assert run(calm, replace(RESTLESS, t_max=0.1, t_min=0.1), canvas=canvas)[0].guess.tolist() == canvas
    with pytest.raises(ValueError, match="16"):
        run(model, RESTLESS, canvas=[1, 2, 3])


def test_inference_mode_does_not_leak_to_the_caller(model):
    for _ in denoise(model, PROMPT, always(RESTLESS)):
        assert not torch.is_inference_mode_enabled()


def test_finished_canvases_are_the_context_of_the_next(endless):
    """The second canvas sees the first: it goes on as if the first had been part of the prompt."""
    frames = run(endless, replace(RESTLESS, t_max=0.0, t_min=0.0))
    noise = torch.Generator().manual_seed(3)
    start = torch.randint(0, endless.vocabulary, (CELLS,), generator=noise)
    caches = [endless.prefill(PROMPT), endless.prefill([*PROMPT, *frames[4].guess.tolist()])]
    caches[0] = endless.prefill(frames[4].guess.tolist(), caches[0])
    hidden = [endless.decode(start, cache, None) for cache in caches]
    assert torch.allclose(*hidden, atol=1e-4)


@pytest.mark.parametrize("stability", [0, 1, 2, 5])
def test_every_canvas_must_become_stable_by_itself(stability):
    still = Still(50, 8, 4, torch.device("cpu"))
    still.logits *= 100
    settings = Settings(stability=stability, confidence=0.5, canvases=3, steps=9)
    frames = list(denoise(still, [0], always(settings)))
    assert [frame.step for frame in frames] == [*range(stability + 1)] * 3
    assert [frame.stop for frame in frames] == ([""] * stability + ["stable"]) * 3
