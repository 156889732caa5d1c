"""The embedded model that ships: an ordinary checkpoint, small, and good enough to be read."""

import re
from dataclasses import replace

import pytest
import torch

from engine.model.choice.source import EMBEDDED
from engine.model.folder.checkpoint import usual
from engine.model.gemma import load
from engine.steps.denoise import denoise
from engine.training import corpus
from engine.values.settings import Settings
from engine.values.words.examples import EXAMPLES

pytestmark = pytest.mark.filterwarnings(
    "ignore:`torch.jit:DeprecationWarning"
)  # torch's own, on the way to generate()


@pytest.fixture(scope="module")
def seedling():
    return load(None, "cpu")


def write(model, prompt, settings=None):
    settings = settings or model.usual
    return list(denoise(model, model.encode(prompt), lambda canvas, step: settings))


def words(text):
    return re.findall(r"[a-z]+(?:['-][a-z]+)*", text.lower())


def test_it_is_at_most_40_mb_and_holds_data_only():
    files = [file for file in EMBEDDED.iterdir() if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 40e6
    assert {file.suffix for file in files} <= {".json", ".jinja", ".safetensors", ".md", ".svg", ".png"}
    needed = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "README.md"}
    assert needed <= {file.name for file in files}


def test_plain_transformers_loads_it_and_generates():
    from transformers import AutoTokenizer, DiffusionGemmaForBlockDiffusion

    model, report = DiffusionGemmaForBlockDiffusion.from_pretrained(EMBEDDED, output_loading_info=True)
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED)
    chat = [{"role": "user", "content": EXAMPLES[0][1]}]
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=False)
    made = model.generate(ids, max_denoising_steps=2).sequences
    assert made.shape == (1, ids.shape[1] + 256)


def test_with_transformers_draws_it_writes_what_generate_writes(seedling):
    from engine.steps import readout

    prompt = seedling.encode(EXAMPLES[0][1])
    torch.manual_seed(3)
    theirs = seedling.model.generate(torch.tensor([prompt]), max_denoising_steps=12).sequences[0, len(prompt) :]
    settings = replace(seedling.usual, seed=3, steps=12)
    ours = list(denoise(seedling, prompt, lambda *_: settings, read=readout.reference))
    end = seedling.lexicon.end(ours[-1].guess)
    assert ours[-1].guess[:end].tolist() == theirs[:end].tolist()


def test_the_first_example_is_mostly_words_and_ends_by_itself(seedling):
    frames = write(seedling, EXAMPLES[0][1])
    text = seedling.lexicon.text(frames[-1].guess)
    known = [word for word in words(text) if word in corpus.words()]
    assert len(known) > 40 and len(known) >= 0.95 * len(words(text)), text
    assert seedling.lexicon.end(frames[-1].guess) < 256
    assert "mouse" in words(text)


def test_every_example_encodes_and_starts(seedling):
    for _, prompt in EXAMPLES:
        assert len(write(seedling, prompt, Settings(steps=1))) == 1


@pytest.mark.parametrize("prompt", ["", "\u2603 \U0001f98a \t\n", "x" * 3000])
def test_any_prompt_encodes(seedling, prompt):
    ids = seedling.encode(prompt)
    assert ids and max(ids) < seedling.vocabulary
    assert len(write(seedling, prompt, Settings(steps=1))) == 1


def test_a_saved_run_replays_to_the_same_ids(seedling, tmp_path):
    from engine.values.recording import Recording

    settings = Settings(steps=6, confidence=0.0)
    edited = replace(settings, t_max=1.5, entropy_bound=1.0)
    prompt = seedling.encode("a fox")
    run = Recording("a fox", settings, "seedling", "cpu", seedling.lexicon)
    for frame in denoise(seedling, prompt, lambda canvas, step: edited if step >= 3 else settings):
        run.append(frame)
    run.save(tmp_path / "run")
    loaded = Recording.load(tmp_path / "run")
    again = list(denoise(seedling, prompt, loaded.ask()))
    assert [f.ids.tolist() for f in again] == [f.ids.tolist() for f in loaded.frames]
    assert [f.settings for f in again] == [settings] * 3 + [edited] * 3


def test_what_it_recommends_is_what_its_file_says(seedling):
    assert seedling.usual == usual(EMBEDDED) != Settings()
    assert seedling.usual.entropy_bound != Settings().entropy_bound
