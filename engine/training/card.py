"""The checkpoint's own page: how it was made, its curves, ten answers that nobody chose.

`python -m engine.training.card FOLDER` writes README.md and curve.png from the folder's training.json and weights.
"""

import argparse
import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from engine.training.evaluate import Writer, evaluate

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
OTHER, TEXT = (200, 110, 20), (60, 60, 60)


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


def samples(folder: Path) -> str:
    """Ten answers with the seeds 1 to 10, as markdown."""
    writer, parts = Writer(folder), []
    for seed, prompt in enumerate(PROMPTS, 1):
        text, steps, _ = writer.answer(prompt, seed)
        parts.append(f"**{prompt}** (seed {seed}, {steps} steps)\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def table(found: dict) -> str:
    """An evaluation as a markdown table."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in found.items())
    return f"| measured | value |\n| --- | --- |\n{rows}\n"


def page(told: dict, marks: dict, answers: str, preset: str, hardware: str) -> str:
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

At the published sampling defaults, on combinations of plot and noun that training never saw; shares from 0 to 1,
but for `count` (prompts) and `steps` (denoising steps a canvas). Made by `python -m engine.training.evaluate`.

{table(marks)}
## Ten answers, not chosen

{answers}"""


def write(folder: Path, preset: str, hardware: str, count: int):
    told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    curve(told["curve"], folder / "curve.png")
    text = page(told, evaluate(folder, count), samples(folder), preset, hardware)
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
