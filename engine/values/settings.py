"""Settings: every sampling knob, described once, for widgets, flags, preferences and the README.

Defaults are those of transformers' DiffusionGemma (generation_diffusion_gemma.py); a checkpoint may bring its own.
Knows no torch.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from engine.values.words.letters import quoted

SAMPLERS = ("entropy bound", "confidence", "linear quota", "margin")
DEVICES = ("auto", "cuda", "split", "mps", "cpu")
PRECISIONS = ("auto", "full", "int4")
# The groups in which people see the knobs. Those of the first one matter most: they are large, and always there.
MAIN, SAMPLER, STOPPING, RUN, MODEL = "Steps and temperature", "Sampler", "Stopping", "Run", "Model"
# The knobs for which a checkpoint may bring its own default, as transformers' generation config names them.
PUBLISHED = {
    "steps": "max_denoising_steps",
    "t_max": "t_max",
    "t_min": "t_min",
    "entropy_bound": "entropy_bound",
    "stability": "stability_threshold",
    "confidence": "confidence_threshold",
}


@dataclass(frozen=True)
class Knob:
    """What people are told of one field of Settings, and the values it takes."""

    label: str
    help: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None  # what one press of an arrow key adds
    choices: tuple[str, ...] = ()
    live: bool = False  # a change applies from the next step of a running canvas
    log: bool = False  # a slider moves on a logarithmic scale
    only: tuple[Any, ...] = ()  # the name of another knob, and the values of it without which this has no effect
    to: str = ""  # the knob at the other end: the two are one range, from the first step to the last
    screen: bool = False  # changes what is shown of a run, never what is written
    follows: tuple[str, Any, Any] | None = None  # the name and a value of another knob, and the default beside that


def knob(default: Any, label: str, help: str, group: str = MAIN, **limits: Any) -> Any:
    """A field of Settings that carries its own description."""
    return field(default=default, metadata={"knob": Knob(label, help, group, **limits)})


@dataclass(frozen=True)
class Settings:
    """One set of knobs. Raises ValueError, with a sentence that says what to do, on a value out of range."""

    steps: int = knob(
        48,
        "steps",
        "Most denoising steps a canvas may take. Also stretches the temperature schedule: fewer steps cool faster.",
        minimum=1,
        maximum=128,
        step=1,
    )
    t_max: float = knob(
        0.8,
        "temperature max",
        "Temperature of the first step. Higher is more varied, 0 always takes the likeliest token.",
        minimum=0.0,
        maximum=2.0,
        step=0.05,
        live=True,
        to="t_min",
    )
    t_min: float = knob(
        0.4,
        "temperature min",
        "Temperature that the last step would have. Equal to the max: constant.",
        minimum=0.0,
        maximum=2.0,
        step=0.05,
        live=True,
    )
    sampler: str = knob(
        "entropy bound",
        "sampler",
        "Which cells a step accepts: the surest ones up to an entropy budget, all above a probability, "
        "a fixed share that grows every step, or all whose likeliest token leads the second clearly.",
        SAMPLER,
        choices=SAMPLERS,
        live=True,
    )
    entropy_bound: float = knob(
        0.1,
        "entropy bound",
        "Entropy budget of one step in nats (sampler: entropy bound). "
        "Higher accepts more cells at once: faster, rougher.",
        SAMPLER,
        minimum=0.001,
        maximum=100.0,
        step=0.01,
        live=True,
        log=True,
        only=("sampler", "entropy bound"),
    )
    accept_above: float = knob(
        0.9,
        "accept above",
        "Least probability of an accepted token (sampler: confidence), or least lead over the second (margin).",
        SAMPLER,
        minimum=0.0,
        maximum=1.0,
        step=0.01,
        live=True,
        only=("sampler", "confidence", "margin"),
    )
    stability: int = knob(
        1,
        "stable steps",
        "Stop once the best guess has stayed the same for this many steps.",
        STOPPING,
        minimum=0,
        maximum=16,
        step=1,
        live=True,
    )
    confidence: float = knob(
        0.005,
        "stop entropy",
        "Stop once the canvas' mean entropy in nats is below this. 0 never stops early.",
        STOPPING,
        minimum=0.0,
        maximum=1.0,
        step=0.001,
        live=True,
        log=True,
    )
    proofread: int = knob(
        0,
        "proofreading rounds",
        "Rounds after a canvas has stopped: words that are odd, read from left to right, are melted and denoised "
        "again, and the result is kept if it reads better.",
        STOPPING,
        minimum=0,
        maximum=8,
        step=1,
    )
    canvases: int = knob(
        1,
        "canvases",
        "Most canvases of 256 tokens to write, one after the other. Thinking needs room: the default is 4 with it.",
        RUN,
        minimum=1,
        maximum=16,
        step=1,
        follows=("thinking", True, 4),
    )
    seed: int = knob(
        7,
        "seed",
        "The same seed, model and device give the same text.",
        RUN,
        minimum=0,
        maximum=2**31 - 1,
        step=1,
    )
    chat: bool = knob(
        True,
        "chat format",
        "Wrap the prompt in the model's chat format. Off: the canvas goes on where your text ends.",
        RUN,
    )
    thinking: bool = knob(False, "thinking", "Let the model think first, where its chat format knows how.", RUN)
    raw: bool = knob(
        False,
        "raw prompt",
        "Obey the names of control tokens that are typed in the prompt. Off: what is typed is text.",
        RUN,
    )
    device: str = knob(
        "auto",
        "device",
        "Where the model runs; split is several graphics cards. Another choice loads it again.",
        MODEL,
        choices=DEVICES,
    )
    precision: str = knob(
        "auto",
        "precision",
        "How exact the weights are: full, or int4, with the experts in 4 bits. Auto: full if it fits into memory. "
        "Another choice loads the model again.",
        MODEL,
        choices=PRECISIONS,
    )
    top_k: int = knob(
        5,
        "candidates shown",
        "How many likely tokens a cell's details list.",
        RUN,
        minimum=1,
        maximum=8,
        step=1,
        screen=True,
    )

    def __post_init__(self) -> None:
        for name, described in knobs().items():
            _check(name, described, getattr(self, name))

    def temperature(self, step: int) -> float:
        """The temperature of a step counted from 0: linear in the steps that remain.

        Source: LinearTemperatureScheduleLogitsProcessor in transformers' generation_diffusion_gemma.py, which
        rounds to float32 at every operation; so does this, or some texts would end elsewhere.
        """
        left = np.float32(self.steps - step) / np.float32(self.steps)
        return float(np.float32(self.t_min) + np.float32(self.t_max - self.t_min) * left)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def updated(self, values: dict[str, Any]) -> Settings:
        """These defaults with what somebody chose. Unknown names and values out of range change nothing."""
        return _updated(self.following(_updated(self, values)), values)

    def following(self, chosen: Settings) -> Settings:
        """These defaults beside what is chosen for the knobs that others follow."""
        knobs_ = {name: knob.follows for name, knob in knobs().items() if knob.follows}
        return replace(self, **{name: new for name, (of, at, new) in knobs_.items() if getattr(chosen, of) == at})

    @classmethod
    def published(cls, generation: dict[str, Any]) -> Settings:
        """The defaults that a checkpoint's generation_config.json sets, and ours for all that it leaves out."""
        sampler = generation.get("sampler_config")
        values = {**generation, **(sampler if isinstance(sampler, dict) else {})}
        return cls().updated({name: values[theirs] for name, theirs in PUBLISHED.items() if theirs in values})

    def rewrites(self, other: Settings) -> bool:
        """Whether a run with the other settings may write something else."""
        return any(not knobs()[name].screen for name in self.moved(other))

    def moved(self, usual: Settings) -> dict[str, Any]:
        """The knobs whose value is not that of `usual`, beside the others: what `usual.updated` makes this from."""
        usual = usual.following(self)
        return {name: value for name, value in asdict(self).items() if value != getattr(usual, name)}


@dataclass(frozen=True)
class Decoding:
    """How a text is drawn token by token, from the same weights. Raises ValueError as Settings does.

    Defaults: what Gemma publishes for top k and top p, and the middle of our temperatures of denoising.
    """

    temperature: float = knob(
        0.6,
        "autoregressive temperature",
        "Higher is more varied, 0 always takes the likeliest token.",
        "Autoregressive",
        minimum=0.0,
        maximum=2.0,
        step=0.05,
    )
    top_k: int = knob(
        64,
        "autoregressive top k",
        "Draw among this many likeliest tokens; 0: among all.",
        "Autoregressive",
        minimum=0,
        maximum=1000,
        step=1,
    )
    top_p: float = knob(
        0.95,
        "autoregressive top p",
        "Draw among the likeliest tokens that together have this probability; 1: among all.",
        "Autoregressive",
        minimum=0.01,
        maximum=1.0,
        step=0.01,
    )
    tokens: int = knob(
        0,
        "autoregressive tokens",
        "Most tokens to draw; 0: as many as the canvases have cells.",
        "Autoregressive",
        minimum=0,
        maximum=65536,
        step=16,
    )

    def __post_init__(self) -> None:
        for name, described in knobs(Decoding).items():
            _check(name, described, getattr(self, name), Decoding)

    def updated(self, values: dict[str, Any]) -> Decoding:
        """As Settings does."""
        return _updated(self, values)


def knobs(of: type = Settings) -> dict[str, Knob]:
    """Every knob by the name of its field, in the order in which people see them."""
    return {f.name: f.metadata["knob"] for f in fields(of)}


def default(name: str, of: type = Settings) -> Any:
    """The value that `Settings()`, or another set of knobs, has for one."""
    return of.__dataclass_fields__[name].default


def counted(number: int, noun: str) -> str:
    """How many there are of something, for people: "1 step", "2 steps"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _updated(knobs_: Any, values: dict[str, Any]) -> Any:
    for name in knobs(type(knobs_)).keys() & values.keys():
        with suppress(ValueError, TypeError):
            knobs_ = replace(knobs_, **{name: values[name]})
    return knobs_


def _check(name: str, described: Knob, value: Any, of: type = Settings) -> None:
    kind = type(default(name, of))
    fits = isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) == (kind is bool)
    fits = fits and (not described.choices or value in described.choices)
    if not fits or (described.minimum is not None and not described.minimum <= value <= described.maximum):
        raise ValueError(f"{described.label} must be {takes(name, of)} (got {quoted(value)}).")


def takes(name: str, of: type = Settings) -> str:
    """Which values a knob takes, in words."""
    described, kind = knobs(of)[name], type(default(name, of))
    if described.choices:
        return "one of " + ", ".join(described.choices)
    if kind is bool:
        return "on or off"
    noun = "a whole number" if kind is int else "a number"
    return f"{noun} from {described.minimum:.10g} to {described.maximum:.10g}"
