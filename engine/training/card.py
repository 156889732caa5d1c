"""The checkpoint's own page: how it was made, its curves, twenty answers that nobody chose.

`python -m engine.training.card FOLDER` writes README.md and curve.png from the folder's training.json and weights.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.commands.console.flags import positive
from engine.training import evaluate
from engine.training.chart import chart
from engine.training.evaluate import Reader, Writer
from engine.training.judge import Judge

PROMPTS = (
    "Write a story about a fox who finds a lantern.",
    "Tell me a story about a knight who is afraid of the dark.",
    "Write a short story about a robot and a lost kite.",
    "Write a letter to Ivy about a new school.",
    "Describe a brave owl named Basil.",
    "Write a poem about the rain.",
    "What is a lantern?",
    "Make a JSON card for a brave fox.",
    "Count from 5 to 50 by fives.",
    "How do I make pancakes?",
    "How do I make a paper boat?",
    "Write a letter to my grandmother about a rainy picnic",
    "Story: a snail enters a race",
    "Tell me about a dragon and a new friend.",
    "Write a dialogue between a fox and an owl about a drum.",
    "Emma has 4 apples and gets 3 more. How many apples does Emma have now?",
    "Write the times table of 7 from 1 to 6.",
    "Write a diary entry of a shy robot.",
    "What is the capital of France?",
    "Explain quantum physics to me",
)
COMMAND = """unnoise train --preset seams --out first
    python -m engine.training.tell first told.jsonl
    unnoise train --preset gpu --device cuda --seconds 308 --source first --own told.jsonl --out assets/seedling"""
SHARES = {"words": "words that exist", "asked": "asked for, and there", "consistent": "consistent stories"}
# name of a mark: what it tells, and the goal
ROWS = {
    "words": ("words that exist", "at least 0.995"),
    "asked": ("what the prompt asked for is in the text", "at least 0.95"),
    "consistent": ("stories whose names and pronouns are consistent, by the planner's rules", "at least 0.90"),
    "ended": ("ended by itself", "at least 0.97"),
    "copied": ("whole answers of the training set", "0"),
    "repeats": ("repeated runs of four words, times those of the corpus", "at most 1.2"),
    "perplexity": ("perplexity for another language model, times that of the corpus", "at most 1.4"),
    "steps": ("steps (autoregressive: tokens) a canvas", "at most 20"),
    "seams": ("tokens per 100 that the same weights, left to right, give less than 1 in 1,000", "at most 0.8"),
    "nats": ("nats a token for the same weights from left to right", ""),
    "exact": ("structured texts right to the letter", "at least 0.90"),
}


def curve(points: list[dict], file: Path):
    """Both losses in nats a token over the canvas tokens seen, as a picture."""
    last = points[-1]["cells"] / 1e6
    lines = {
        f"{name}: {points[-1][name]:.3f}": [(p["cells"] / 1e6, p[name]) for p in points if name in p]
        for name in ("canvas", "causal")
    }
    top = max(1, math.ceil(min(4, max(y for line in lines.values() for _, y in line))))
    chart(
        lines,
        file,
        top=top,
        rows={float(nats): str(nats) for nats in range(top + 1)},
        columns={last * part / 4: f"{last * part / 4:.0f} M" for part in range(5)},
        below="canvas tokens seen; loss in nats a token",
    )


def steps(found: dict[int, dict], file: Path):
    """How good the answers are at several step caps: shares from 0 to 1, as a picture."""
    lines = {
        label: [(cap, marks[name]) for cap, marks in found.items() if name in marks]
        for name, label in SHARES.items()
    }
    chart(
        {label: points for label, points in lines.items() if points},
        file,
        top=1.0,
        rows={share / 4: f"{25 * share} %" for share in range(5)},
        columns={float(cap): str(cap) for cap in found},
        below="most steps a canvas may take",
        dots=True,
    )


def samples(folder: Path) -> str:
    """Answers with the seeds 1, 2 and so on, as markdown."""
    writer, parts = Writer(folder), []
    for seed, prompt in enumerate(PROMPTS, 1):
        answer = writer.answer(prompt, seed)
        parts.append(f"**{prompt}** (seed {seed}, {answer.steps} steps)\n\n```text\n{answer.text}\n```\n")
    return "\n".join(parts)


def table(found: dict[int, dict]) -> str:
    """Evaluations at several step caps as a markdown table, a column a cap."""
    names = dict.fromkeys(name for marks in found.values() for name in marks if not name.startswith("exact "))
    return _markdown(["most steps"], {name: [name] for name in names}, found)


def goals(found: dict[str, dict]) -> str:
    """Evaluations by name as a markdown table, a column each, beside the goals."""
    return _markdown(["what", "goal"], ROWS, found)


def forms(found: dict[str, dict]) -> str:
    """How many of the structured texts are right, form by form, as a markdown table."""
    names = sorted({name for marks in found.values() for name in marks if name.startswith("exact ")})
    return _markdown(["right to the letter"], {name: name.split()[1:] for name in names}, found)


def _markdown(heads: Sequence[str], rows: Mapping[str, Sequence[str]], found: Mapping) -> str:
    """A row a mark, with what `rows` has before its values; a column an evaluation."""
    marked = [[*first, *(marks.get(name, "") for marks in found.values())] for name, first in rows.items()]
    lines = [[*heads, *found], ["---"] * (len(heads) + len(found)), *marked]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def page(
    told: dict, main: dict[str, dict], caps: dict[int, dict], answers: str, command: str, hardware: str
) -> str:
    """The whole README of a checkpoint."""
    last, recipe = told["curve"][-1], told["preset"]
    counts = ", ".join(f"{name}: {marks['count']} prompts" for name, marks in main.items())
    return f"""# seedling

A DiffusionGemma of {told["parameters"] / 1e6:.1f} million parameters, trained from nothing on text that this
project writes itself. It is an ordinary checkpoint folder: plain transformers loads it and `generate()`s from it.
It writes short simple stories, letters, poems, cards and counts; it knows nothing of the world beyond them.
In its canvases most sentences begin at a multiple of four cells, after *slack*: a control token that stands for
nothing, so that sentences written apart need not fit to the letter. `skip_special_tokens` leaves it out.

## How this file was made

    {command}

| | |
| --- | --- |
| hardware | {hardware} |
| time | {told["seconds"] / 60:.0f} minutes in all |
| steps | {told["steps"]} |
| answers told by itself | {len(told["retold"]) // 8} |
| canvas tokens | {told["canvas_tokens"] / 1e6:.1f} million |
| arithmetic | {told["precision"]} with float32 weights; the file is {recipe["file"]} |
| corpus | `engine.training.corpus`, pools of {recipe["pool"]} pairs with seeds {recipe["seed"]}00000 and up |
| loss at the end | canvas {last["canvas"]}, causal {last.get("causal")} nats a token |

![loss](curve.png)

The canvas loss is an average over all levels of noise; at full noise nothing but the prompt is known, so it does
not go to zero. The weights in the file are the running average of those trained. `training.json` has every number.

## What it does on held-out prompts

On combinations of plot and noun that training never saw, at the sampling defaults in `generation_config.json`.
Made by `unnoise evaluate --judge` ({counts}).

{goals(main)}
{forms(main)}
## How few steps can I use before it breaks?

The same, but for the most steps a canvas may take (`unnoise evaluate --curve`).

{table(caps)}
![The same as curves](steps.png)

`consistent` is the noisiest mark: few prompts are stories, and a fragment that names nobody has no fault.

## Twenty answers, not chosen

{answers}"""


def write(folder: Path, command: str, hardware: str, count: int, fewer: int, workers: int = 1):
    """Judge the checkpoint in `folder` and give it its README.md and pictures."""
    told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    curve(told["curve"], folder / "curve.png")
    judge = Judge()
    main = {
        "diffusion": evaluate.evaluate(folder, count, judge=judge, workers=workers),
        "autoregressive": evaluate.evaluate(folder, fewer, kind=Reader, judge=judge, workers=workers),
    }
    caps = evaluate.curve(folder, fewer, workers=workers)
    steps(caps, folder / "steps.png")
    text = page(told, main, caps, samples(folder), command, hardware)
    (folder / "README.md").write_text(text, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--command", default=COMMAND, help="what made it")
    parser.add_argument("--hardware", default="2 CPU cores", help="what it was trained on")
    parser.add_argument("--count", type=positive, default=500, help="how many held-out prompts to judge")
    parser.add_argument(
        "--fewer", type=positive, default=100, help="the same at each step cap and autoregressively"
    )
    parser.add_argument("--workers", type=positive, default=1, help="how many processes share the work")
    args = parser.parse_args(argv)
    write(args.folder, args.command, args.hardware, args.count, args.fewer, args.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
