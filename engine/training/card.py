"""The checkpoint's own page: how it was made, its curves, ten answers that nobody chose.

`python -m engine.training.card FOLDER` writes README.md and curve.png from the folder's training.json and weights.
"""

import argparse
import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from engine.training import evaluate
from engine.training.evaluate import Writer

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
)
INK, PAPER, FAINT = (20, 90, 160), (255, 255, 255), (215, 215, 215)
OTHER, THIRD, TEXT = (200, 110, 20), (150, 30, 100), (60, 60, 60)
MEANINGS = {"words": "words that exist", "asked": "asked for, and there", "consistent": "consistent stories"}


def curve(points: list[dict], file: Path, size: tuple[int, int] = (720, 300)):
    """Both losses in nats a token over the canvas cells seen, as a picture."""
    wide, high = size
    picture = Image.new("RGB", size, PAPER)
    pen, top = ImageDraw.Draw(picture), min(4.0, max(point["loss"] for point in points))
    end = points[-1]["cells"]

    def place(cells: float, nats: float) -> tuple[float, float]:
        return 40 + (wide - 60) * cells / end, 15 + (high - 45) * (1 - min(nats, top) / top)

    for nats in range(int(top) + 1):
        pen.line([place(0, nats), place(end, nats)], fill=FAINT)
        pen.text((20, place(0, nats)[1] - 6), str(nats), fill=TEXT)
    for name, ink, row in (("canvas", INK, 0), ("causal", OTHER, 1)):
        line = [place(point["cells"], point[name]) for point in points if name in point]
        pen.line(line, fill=ink, width=2)
        pen.text((wide - 150, 20 + 14 * row), f"{name}: {points[-1].get(name, 0):.3f}", fill=ink)
    pen.text((40, high - 18), f"0 to {end / 1e6:.1f} million canvas cells; nats a token", fill=TEXT)
    picture.save(file)


def steps(found: dict[int, dict], file: Path, size: tuple[int, int] = (720, 300)):
    """How good the answers are at several step caps: three shares from 0 to 1, as a picture."""
    wide, high = size
    picture = Image.new("RGB", size, PAPER)
    pen, last = ImageDraw.Draw(picture), max(found)

    def place(cap: int, share: float) -> tuple[float, float]:
        return 40 + (wide - 200) * cap / last, 15 + (high - 45) * (1 - share)

    for share in (0.0, 0.5, 1.0):
        pen.line([place(0, share), place(last, share)], fill=FAINT)
        pen.text((12, place(0, share)[1] - 6), f"{share:.1f}", fill=TEXT)
    for name, ink, row in (("words", INK, 0), ("asked", OTHER, 1), ("consistent", THIRD, 2)):
        points = [place(cap, marks[name]) for cap, marks in found.items() if name in marks]
        pen.line(points, fill=ink, width=2)
        for x, y in points:
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=ink)
        pen.text((wide - 145, 20 + 16 * row), MEANINGS[name], fill=ink)
    for cap in found:
        pen.text((place(cap, 0)[0] - 6, high - 24), str(cap), fill=TEXT)
    pen.text((wide - 145, high - 24), "most steps a canvas", fill=TEXT)
    picture.save(file)


def samples(folder: Path) -> str:
    """Ten answers with the seeds 1 to 10, as markdown."""
    writer, parts = Writer(folder), []
    for seed, prompt in enumerate(PROMPTS, 1):
        text, steps, _ = writer.answer(prompt, seed)
        parts.append(f"**{prompt}** (seed {seed}, {steps} steps)\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def table(found: dict[int, dict]) -> str:
    """Evaluations at several step caps as a markdown table, a column a cap."""
    names = dict.fromkeys(name for marks in found.values() for name in marks)
    head = "| most steps | " + " | ".join(map(str, found)) + " |\n|" + " --- |" * (len(found) + 1)
    rows = (f"| {name} | " + " | ".join(str(m.get(name, "")) for m in found.values()) + " |" for name in names)
    return "\n".join([head, *rows]) + "\n"


def page(told: dict, marks: dict[int, dict], answers: str, preset: str, hardware: str) -> str:
    """The whole README of a checkpoint."""
    last, recipe = told["curve"][-1], told["preset"]
    return f"""# seedling

A DiffusionGemma of {told["parameters"] / 1e6:.1f} million parameters, trained from nothing on text that this
project writes itself. It is an ordinary checkpoint folder: plain transformers loads it and `generate()`s from it.
It writes short simple stories, letters, poems, cards and counts; it knows nothing of the world beyond them.

## How this file was made

    unnoise train --preset {preset} --out assets/seedling

| | |
| --- | --- |
| hardware | {hardware} |
| time | {told["seconds"] / 60:.0f} minutes |
| steps | {told["steps"]} of {recipe["steps"]} |
| canvas tokens | {told["canvas_tokens"] / 1e6:.1f} million |
| arithmetic | {told["precision"]} with float32 weights; the file is {recipe["file"]} |
| corpus | `engine.training.corpus`, pools of {recipe["pool"]} pairs with seeds {recipe["seed"]}00000 and up |
| loss at the end | canvas {last["canvas"]}, causal {last.get("causal")} nats a token |

![loss](curve.png)

The canvas loss is an average over all levels of noise; at full noise nothing but the prompt is known, so it does
not go to zero. The weights in the file are the running average of those trained. `training.json` has every number.

## What it does on held-out prompts

On combinations of plot and noun that training never saw, at the published sampling defaults but for the most steps
a canvas may take. Made by `unnoise evaluate --curve`. Shares from 0 to 1: words that exist, ended by itself, what
the prompt asked for is there, stories consistent by the planner's rules, exact texts right to the letter. And
`count` prompts, `steps` taken, `repeats` of four words (times those of the corpus), `copied` whole answers.
Few steps make fragments: a text in which nobody is named has no fault to find, so `consistent` starts high.

{table(marks)}
![The same as curves](steps.png)

## Ten answers, not chosen

{answers}"""


def write(folder: Path, preset: str, hardware: str, count: int):
    told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    curve(told["curve"], folder / "curve.png")
    marks = evaluate.curve(folder, count)
    steps(marks, folder / "steps.png")
    text = page(told, marks, samples(folder), preset, hardware)
    (folder / "README.md").write_text(text, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preset", default="cpu", help="the preset it was trained with")
    parser.add_argument("--hardware", default="2 CPU cores", help="what it was trained on")
    parser.add_argument("--count", type=int, default=100, help="how many held-out prompts to judge")
    args = parser.parse_args(argv)
    write(args.folder, args.preset, args.hardware, args.count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
