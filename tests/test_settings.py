"""Knobs are described once, checked everywhere, and the defaults are transformers'."""

import math
from dataclasses import replace

import pytest

from engine.values.settings import Settings, default, knobs


def test_every_field_is_a_knob_and_every_default_is_within_its_range():
    assert knobs().keys() == Settings().to_dict().keys()
    for name, knob in knobs().items():
        assert knob.label and knob.help.endswith("."), name
        if knob.minimum is not None:
            assert knob.minimum <= default(name) <= knob.maximum
        if knob.log:  # a logarithmic scale may begin at 0, but needs to know where to go on
            assert knob.minimum > 0 or knob.step > 0


def test_defaults_are_those_of_transformers():
    from transformers.models.diffusion_gemma.generation_diffusion_gemma import DiffusionGemmaGenerationConfig

    theirs = DiffusionGemmaGenerationConfig._get_default_generation_params()
    ours = Settings()
    assert (ours.steps, ours.t_max, ours.t_min) == (
        theirs["max_denoising_steps"],
        theirs["t_max"],
        theirs["t_min"],
    )
    assert (ours.stability, ours.confidence) == (
        theirs["stability_threshold"],
        theirs["confidence_threshold"],
    )
    assert ours.entropy_bound == theirs["sampler_config"].entropy_bound


ABSURD = [-1, 10**9, math.nan, math.inf, "x", None, 1.5, True]


@pytest.mark.parametrize("name", [name for name, knob in knobs().items() if knob.minimum is not None])
def test_absurd_values_are_one_sentence_with_the_label_and_the_range(name):
    sentences = [sentence for value in ABSURD if (sentence := refusal(name, value))]
    assert len(sentences) >= 6
    label, limit = knobs()[name].label, f"{knobs()[name].maximum:.10g}"
    assert all(sentence.startswith(label) and limit in sentence for sentence in sentences)


def refusal(name, value):
    try:
        replace(Settings(), **{name: value})
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [name for name, knob in knobs().items() if knob.choices])
def test_choices_are_listed_when_missed(name):
    with pytest.raises(ValueError, match=knobs()[name].choices[0]):
        replace(Settings(), **{name: "nonsense"})


def test_temperature_is_linear_in_the_steps_that_remain():
    settings = Settings(steps=4, t_max=0.8, t_min=0.4)
    assert [settings.temperature(i) for i in range(4)] == pytest.approx([0.8, 0.7, 0.6, 0.5])
    constant = Settings(t_max=0.6, t_min=0.6)
    assert [constant.temperature(i) for i in range(48)] == pytest.approx([0.6] * 48)


def test_stored_settings_survive_and_bad_ones_change_nothing():
    ours = Settings(steps=12, sampler="confidence", chat=False)
    assert Settings().updated(ours.moved(Settings())) == ours
    assert ours.updated({"steps": 10**6, "t_max": "hot", "gone": 1, "seed": 3}) == replace(ours, seed=3)


def test_a_checkpoint_brings_its_own_defaults():
    told = {"max_denoising_steps": 32, "t_min": 9.0, "sampler_config": {"entropy_bound": 2.0}, "pad_token_id": 0}
    assert Settings.published(told) == Settings(steps=32, entropy_bound=2.0)
    assert Settings.published({}) == Settings() == Settings.published({"sampler_config": None})


def test_a_default_may_follow_another_knob():
    thinking = Settings().updated({"thinking": True})
    assert thinking.canvases > 1 and thinking.moved(Settings()) == {"thinking": True}
    chosen = Settings().updated({"thinking": True, "canvases": 1})
    assert chosen.canvases == 1 and Settings().updated(chosen.moved(Settings())) == chosen
    for settings in (thinking, chosen, Settings(canvases=3)):
        assert Settings(steps=9).updated(settings.moved(Settings(steps=9))) == settings
