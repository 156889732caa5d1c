"""How large the model is and how it is trained: every number of the recipe, in one place."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Shape:
    """Sizes of the network. `expert` is the width of one of `experts`, of which `top_experts` serve a token."""

    vocab: int = 4608
    hidden: int = 256
    layers: int = 5
    full_every: int = 5  # every fifth layer attends to everything, the others within `window`
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    mlp: int = 640
    experts: int = 4
    top_experts: int = 2
    expert: int = 64
    window: int = 1024
    canvas: int = 256


@dataclass(frozen=True)
class Preset:
    """One way to train. Lengths are in tokens, rates per step, shares between 0 and 1.

    A preset may have another part, `then`, of the same shape and vocabulary: it goes on from the weights of
    the one before with rates, steps and texts of its own.
    """

    shape: Shape = Shape()
    steps: int = 8_400
    tokens: int = 5120  # canvas tokens in a batch, padding included ...
    room: int = 1 << 30  # ... and those of prompts and canvases together, which must fit into a card's memory
    rate: float = 0.025  # of the matrices (Muon)
    vector_rate: float = 0.006  # of embeddings, gains and routers (Adam)
    warmup: int = 100
    decay: float = 0.5  # the last share of the steps, in which the rates fall to zero
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998  # of the weights that are written (EMA)
    noise_floor: float = 0.02  # the smallest corruption
    conditioned: float = 0.5  # rows that see the model's own earlier guess
    unrolled: float = 1.0  # most open cells of such a row, times 1 - noise, that hold the model's own samples
    heat: tuple[float, float] = (0.4, 1.0)  # temperatures by which such guesses are sharpened
    walked: float = 0.0  # rows among them that have taken real steps of sampling ...
    walks: int = 3  # ... at most so many ...
    bounds: tuple[float, float] = (0.5, 0.5)  # ... with an entropy bound between these
    ranked: float = 0.0  # rows among them that are open where the model is least sure
    clustered: float = 0.0  # rows whose open cells lie side by side
    late: float = 0.0  # rows that are almost done, with shifts twice as often
    stubborn: float = 0.0  # rows in which a guess believes whatever the canvas holds
    mending: float = 1.0  # weight of cells that hold a likely mistake
    shifted: float = 0.0  # how often each of three stretches is a cell or two too early or too late
    echoed: float = 0.0  # how often a sentence stands in the place of another, too
    retold: float = 0.0  # the share of answers told by the model itself, if it is given such, for canvases to learn
    slack: int = 0  # sentences and lines of a canvas begin at multiples of so many cells, after slack
    causal: float = 0.15  # rows that are also learnt left to right
    causal_weight: float = 0.5
    pad_weight: float = 0.2  # of a cell after the end, in the loss
    emphasis: float = 4.0  # weight of rare ids at the start: names, things, numbers ...
    emphasised: float = 0.6  # ... and the share of the steps in which it falls to 1, for honest odds at the end
    common: float = 0.02  # an id in more answers than this share is part of how things are told: it is not rare
    lesson: int = 0  # how often which form of text comes: an index of corpus.LESSONS
    full: float = 0.2  # examples on a whole canvas whatever their length ...
    full_late: float = 0.5  # ... and in the last fifth of the run
    lengths: tuple[int, ...] = (48, 80, 128, 176, 200, 224, 256)
    pool: int = 4096  # examples sorted by length together
    vocab_texts: int = 60_000  # answers from which the vocabulary is learnt
    save_minutes: float = 8.0
    precision: str = "auto"  # of the arithmetic: bfloat16 where it is faster than float32
    file: str = "float32"  # of the written weights
    seed: int = 7
    then: "Preset | None" = None

    @property
    def total(self) -> int:
        """Steps of all parts."""
        return self.steps + (self.then.total if self.then else 0)

    def part(self, step: int) -> tuple["Preset", int]:
        """The part that `step` belongs to, and how many steps of that part come before it."""
        return self.then.part(step - self.steps) if self.then and step >= self.steps else (self, step)


_SMOKE = Preset(
    shape=Shape(vocab=512, hidden=32, layers=2, full_every=2, heads=2, kv_heads=1, head_dim=16, mlp=64, expert=16),
    steps=8,
    tokens=1024,
    causal=0.5,
    warmup=2,
    pool=128,
    vocab_texts=300,
    precision="float32",
)
# At gentler rates, what a first part leaves weak: numbers, and who is who in long stories.
_SECOND = Preset(rate=0.015, vector_rate=0.0036, decay=0.8, emphasis=3.0, common=0.12, lesson=1)
_THIRD = replace(_SECOND, steps=6_400, pad_weight=1.0, lesson=2)
# On canvases as sampling makes them, with slack between sentences: to end without seams.
_FOURTH = replace(
    _THIRD,
    steps=1_150,
    rate=0.012,
    vector_rate=0.003,
    decay=0.75,
    average=0.99,
    conditioned=0.75,
    heat=(0.3, 0.8),
    walked=0.35,
    ranked=0.15,
    clustered=0.4,
    shifted=0.35,
    late=0.45,
    stubborn=0.5,
    mending=5.0,
    bounds=(0.5, 5.0),
    slack=4,
    full=0.1,
    full_late=0.3,
    emphasis=1.5,
    lesson=3,
)
# Longer, with sentences told twice, more steps of sampling, and more of the exact texts.
_FIFTH = replace(
    _FOURTH,
    steps=1_250,
    rate=0.0085,
    vector_rate=0.0021,
    decay=1.0,
    walked=0.4,
    walks=4,
    echoed=0.3,
    lesson=4,
)
# For a card, which has room for more: grows out of a smaller model, and goes on from what that has learnt. Where
# the corpus has many tellings of a prompt it learns one, the model's own from left to right; and exact texts. Fewer
# rows are almost done: what the first steps of sampling decide is learnt on canvases that are mostly noise. A step
# waits for the start of its 13,000 operations, not for what they do: batches are large.
_GROWN = replace(
    _FIFTH,
    shape=Shape(layers=10, mlp=1024),
    steps=3_000,
    tokens=98_304,
    room=120_000,
    pool=16_384,
    rate=0.018,
    vector_rate=0.006,
    warmup=60,
    average=0.99,
    walked=0.2,
    walks=3,
    ranked=0.1,
    late=0.25,
    emphasis=1.0,
    retold=0.55,
    lesson=6,
    save_minutes=2.0,
    file="bfloat16",
)


def chain(first: Preset, *others: Preset) -> Preset:
    """`first`, and then the others in turn."""
    return replace(first, then=chain(*others)) if others else first


_FIVE = Preset(), _SECOND, _THIRD, _FOURTH, _FIFTH


def every(preset: Preset, **changes) -> Preset:
    """`preset` with changes in all its parts."""
    return replace(preset, **changes, then=preset.then and every(preset.then, **changes))


PRESETS = {
    "smoke": replace(_SMOKE, then=replace(_SMOKE, steps=4, lesson=1)),
    "cpu": chain(Preset(), _SECOND, _THIRD),
    "seams": chain(*_FIVE),  # begins with cpu's
    "gpu": _GROWN,
}
