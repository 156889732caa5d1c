"""Pictures in a prompt: as transformers reads them, and without a trace of the tower behind it."""

from __future__ import annotations

import gc
import json
import weakref
from contextlib import suppress
from dataclasses import replace

import layouts
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import DiffusionGemmaForBlockDiffusion, PreTrainedTokenizerFast
from transformers.models.diffusion_gemma.generation_diffusion_gemma import EntropyBoundSamplerConfig
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4.image_processing_pil_gemma4 import Gemma4ImageProcessorPil
from transformers.models.gemma4.processing_gemma4 import Gemma4Processor

import tiny
from engine.model import blank, gemma
from engine.model.choice.source import CancelError
from engine.model.eyes import eyes
from engine.model.folder.checkpoint import SIGHT, LoadError
from engine.model.text.tokens import PromptError
from engine.steps import readout
from engine.steps.autoregressive import autoregress
from engine.steps.denoise import denoise
from engine.steps.surprise import surprise
from engine.values.files import image
from engine.values.picture import MOST, Picture, PictureError
from engine.values.question import Question
from engine.values.settings import Decoding, Settings

PROMPT = "What is a fox doing here?"
KNOBS = Settings(steps=6, canvases=2, seed=3, confidence=0.0, stability=1)
# generate() imports torch's compiler even if it is not used, and that warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


def picture(seed: int = 0, width: int = 90, height: int = 60) -> Picture:
    """Random colours, in patches that survive being scaled."""
    rough = np.random.default_rng(seed).integers(0, 256, (6, 9, 4), np.uint8)
    rough[..., 3] = 255
    whole = rough.repeat(-(-height // 6), 0).repeat(-(-width // 9), 1)[:height, :width]
    return image.of(np.ascontiguousarray(whole))


class Stock(Gemma4Processor):
    """Transformers' processor, which asks for a video processor, and for torchvision, to look at a picture."""

    def check_argument_for_proper_class(self, argument_name, argument):
        return (
            None
            if argument_name == "video_processor"
            else super().check_argument_for_proper_class(argument_name, argument)
        )


def written(where, way):
    """A checkpoint in the published layout, with a tower; its experts fit into 4 bits."""
    return tiny.checkpoint(
        where, eyes=True, sharpness=0.5, use_bidirectional_attention=way, moe_intermediate_size=32
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("eyes"), "vision")


@pytest.fixture(scope="module")
def seeing(folder):
    return gemma.load(folder, "cpu")


@pytest.fixture(scope="module", params=["vision", None])
def both(request, tmp_path_factory):
    """Ours, and transformers' own, for both ways to see: all of a picture, or from left to right."""
    folder = written(tmp_path_factory.mktemp("both"), request.param)
    words = PreTrainedTokenizerFast.from_pretrained(folder)
    cut = Gemma4ImageProcessorPil.from_pretrained(folder)
    processor = Stock(Gemma4AudioFeatureExtractor(), cut, words, None, chat_template=words.chat_template)
    processor.audio_token = processor.boa_token = processor.eoa_token = "<unk>"  # it wants to hear, too
    stock = DiffusionGemmaForBlockDiffusion.from_pretrained(folder).eval()
    return gemma.load(folder, "cpu"), stock, processor


def asked(processor, pictures):
    """What transformers' own pipeline makes of a prompt with pictures."""
    parts = [{"type": "image", "image": shown.pixels} for shown in pictures]
    chats = [{"role": "user", "content": [*parts, {"type": "text", "text": PROMPT}]}]
    return processor.apply_chat_template(
        chats, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )


def plain(model, ids):
    """Ids with the one token that stands for all of a picture."""
    return [model.model.config.image_token_id if id >= model.vocabulary else id for id in ids]


def asking(prompt, pictures=()):
    return Question(prompt, tuple(pictures))


def padded(ids, ends):
    """The ids of a canvas as transformers gives them: padded behind the first that ends the text."""
    length = next((at + 1 for at, id in enumerate(ids) if id in ends), len(ids))
    return ids[:length] + [tiny.PAD] * (len(ids) - length)


@pytest.mark.parametrize("sizes", [[(90, 60)], [(31, 7), (40, 160)]])
def test_ids_and_text_are_those_of_transformers_own_pipeline(both, sizes):
    seeing, model, processor = both
    shown = [picture(at, *size) for at, size in enumerate(sizes)]
    ids, inputs = seeing.prompt(asking(PROMPT, shown), KNOBS), asked(processor, shown)
    assert plain(seeing, ids) == inputs["input_ids"][0].tolist()
    assert seeing.count(asking(PROMPT, shown), KNOBS) == len(ids)

    frames = denoise(seeing, ids, lambda canvas, step: KNOBS, read=readout.reference)
    ours = [id for frame in frames if frame.stop for id in padded(frame.guess.tolist(), seeing.ends)]
    torch.manual_seed(KNOBS.seed)
    theirs = model.generate(
        **inputs,
        max_new_tokens=KNOBS.canvases * seeing.length,
        max_denoising_steps=KNOBS.steps,
        t_max=KNOBS.t_max,
        t_min=KNOBS.t_min,
        sampler_config=EntropyBoundSamplerConfig(entropy_bound=KNOBS.entropy_bound),
        stability_threshold=KNOBS.stability,
        confidence_threshold=1e-30,  # transformers refuses 0, never below
    )
    assert ours == theirs.sequences[0, len(ids) :].tolist()


def test_other_pictures_are_other_texts(seeing):
    knobs = Settings(steps=2, confidence=0.0)

    def text(*shown):
        ids = seeing.prompt(asking(PROMPT, shown), knobs)
        return [frame.guess.tolist() for frame in denoise(seeing, ids, lambda canvas, step: knobs)][-1]

    assert text(picture(1)) != text(picture(2)) and text(picture(1)) != text()
    assert text(picture(1)) == text(picture(1))


def test_a_context_is_the_same_read_at_once_or_in_parts(seeing):
    """A later turn has a picture of its own, which sees what came before and is seen whole."""
    first, then = (seeing.prompt(asking(PROMPT, [picture(at)]), KNOBS) for at in (1, 2))
    whole, _ = seeing.read([*first, *then])
    _, cache = seeing.read(first)
    parts, _ = seeing.read(then, cache)
    assert torch.allclose(whole[len(first) :], parts, atol=1e-5)


def test_pictures_go_the_same_way_token_by_token_and_are_judged(seeing):
    ids = seeing.prompt(asking(PROMPT, [picture()]), KNOBS)
    frames = list(autoregress(seeing, ids, lambda canvas, step: KNOBS, Decoding(tokens=4)))
    blind = seeing.prompt(asking(PROMPT), KNOBS)
    others = list(autoregress(seeing, blind, lambda canvas, step: KNOBS, Decoding(tokens=4)))
    assert len(frames) == 4 and frames[0].top_ids.tolist() != others[0].top_ids.tolist()
    text = list(range(20, 28))
    assert not torch.allclose(surprise(seeing, ids, text), surprise(seeing, blind, text))


def lying(model):
    """The weights and tables that only pictures need, and are there."""
    named = (*model.state_dict().items(), *model.named_buffers())
    return {name for name, tensor in named if name.startswith(SIGHT) and not tensor.is_meta}


def test_the_tower_is_there_only_while_it_looks(folder, monkeypatch):
    model = gemma.load(folder, "cpu")
    before, watched = lying(model.model), []
    encoder, look = model.model.model.encoder, model.model.model.encoder.get_image_features

    def looking(*arguments, **options):
        weights = [weight for name, weight in model.model.named_parameters() if name.startswith(SIGHT)]
        assert weights and not any(weight.is_meta for weight in weights)
        watched.extend(weakref.ref(weight) for weight in weights)
        return look(*arguments, **options)

    monkeypatch.setattr(encoder, "get_image_features", looking)
    model.prompt(asking(PROMPT, [picture(1), picture(2)]), KNOBS)
    gc.collect()
    assert watched and not any(weight() is not None for weight in watched)
    assert lying(model.model) == before and not any("weight" in name for name in before)
    count = len(watched)
    model.prompt(asking("And another question", [picture(2), picture(1)]), KNOBS)
    assert len(watched) == count, "what was looked at is known"


@pytest.mark.parametrize("when", ["reading", "looking"])
def test_the_tower_goes_when_looking_fails(folder, monkeypatch, when):
    model = gemma.load(folder, "cpu")

    def fail(*arguments, **options):
        raise torch.OutOfMemoryError("no room")

    if when == "reading":
        read, calls = blank.fill, iter(range(100))
        monkeypatch.setattr(blank, "fill", lambda *a: fail() if next(calls) == 3 else read(*a))
    else:
        monkeypatch.setattr(model.model.model.encoder, "get_image_features", fail)
    before = lying(model.model)
    with pytest.raises(LoadError, match="memory"):
        model.prompt(asking(PROMPT, [picture()]), KNOBS)
    assert lying(model.model) == before
    monkeypatch.undo()
    assert model.prompt(asking(PROMPT, [picture()]), KNOBS)


def test_looking_can_be_cancelled(folder):
    model = gemma.load(folder, "cpu")
    told = []
    with pytest.raises(CancelError):
        model.prompt(
            asking(PROMPT, [picture()]), KNOBS, lambda label, share: told.append(label), lambda: bool(told)
        )
    assert told == ["Looking at the picture"] and not lying(model.model) - lying(gemma.load(folder, "cpu").model)


@pytest.mark.parametrize("precision", ["full", "int4"])
def test_experts_in_4_bits_see_the_same(folder, precision, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.model.computer.machine.packed", lambda: tmp_path)
    model = gemma.load(folder, "cpu", precision=precision)
    model.prompt(asking(PROMPT, [picture()]), KNOBS)
    seen = next(iter(model._eyes._seen.values()))
    stock = DiffusionGemmaForBlockDiffusion.from_pretrained(folder).model.encoder
    cut = Gemma4ImageProcessorPil.from_pretrained(folder)(picture().pixels, return_tensors="pt")
    with torch.inference_mode():
        theirs = stock.get_image_features(cut["pixel_values"], cut["image_position_ids"], return_dict=True)
    assert torch.equal(seen, theirs.pooler_output)


@pytest.mark.parametrize("layout", [layouts.mlx, layouts.compressed])
def test_checkpoints_of_others_see_what_their_weights_stand_for(tmp_path, layout):
    folder = tiny.checkpoint(
        tmp_path, eyes=True, hidden_size=64, intermediate_size=64, moe_intermediate_size=64, head_dim=32
    )
    stock = DiffusionGemmaForBlockDiffusion.from_pretrained(folder)
    stock.load_state_dict(layout(folder, files=3), strict=False)
    model = gemma.load(folder, "cpu")
    model.prompt(asking(PROMPT, [picture()]), KNOBS)
    cut = Gemma4ImageProcessorPil.from_pretrained(folder)(picture().pixels, return_tensors="pt")
    with torch.inference_mode():
        theirs = stock.model.encoder.get_image_features(
            cut["pixel_values"], cut["image_position_ids"], return_dict=True
        )
    torch.testing.assert_close(next(iter(model._eyes._seen.values())), theirs.pooler_output, rtol=1e-4, atol=1e-4)


@pytest.fixture
def copy(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def lacks_all(folder):
    weights = load_file(folder / "model.safetensors")
    kept = {key: value for key, value in weights.items() if not key.startswith(SIGHT)}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


def lacks_some(folder):
    weights = load_file(folder / "model.safetensors")
    weights.pop("model.encoder.embed_vision.embedding_projection.weight")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def says(**changes):
    def change(folder):
        told = json.loads((folder / "processor_config.json").read_text())
        told["image_processor"] |= changes
        (folder / "processor_config.json").write_text(json.dumps(told))

    return change


def deaf(folder):
    told = json.loads((folder / "tokenizer.json").read_text())
    told["added_tokens"] = [token for token in told["added_tokens"] if token["content"] != "<image|>"]
    (folder / "tokenizer.json").write_text(json.dumps(told))
    told = json.loads((folder / "tokenizer_config.json").read_text())
    told.pop("eoi_token")
    (folder / "tokenizer_config.json").write_text(json.dumps(told))


BLIND = {
    "no tower": (lacks_all, "lacks the weights of its vision tower"),
    "half a tower": (lacks_some, "lacks 1 of the weights of its vision tower"),
    "no processor": (lambda folder: (folder / "processor_config.json").unlink(), "has no processor_config.json"),
    "another processor": (says(image_processor_type="SiglipImageProcessor"), "in a way that is not known here"),
    "other patches": (says(patch_size=14), "otherwise than its vision tower wants"),
    "other pools": (says(pooling_kernel_size=4), "otherwise than its vision tower wants"),
    "strange tokens": (says(max_soft_tokens=71), "number of tokens"),
    "too many tokens": (says(max_soft_tokens=1120), "more tokens than its vision tower has places"),
    "not scaled": (says(do_resize=False), "do_resize makes no sense"),
    "nonsense": (says(image_mean=["a", 0, 0]), "image_mean makes no sense"),
    "no numbers": (says(image_std=[0, 1, 1], do_normalize=True), "image_std makes no sense"),
    "no tokens": (deaf, "has no tokens for pictures"),
}


@pytest.mark.parametrize("kind", BLIND)
def test_a_model_without_eyes_writes_and_says_why_it_cannot_see(copy, kind):
    spoil, words = BLIND[kind]
    spoil(copy)
    model = gemma.load(copy, "cpu")
    assert words in model.blind and model.blind.endswith(".")
    assert model.prompt(asking(PROMPT), KNOBS)
    with pytest.raises(LoadError, match=words):
        model.prompt(asking(PROMPT, [picture()]), KNOBS)


def test_the_embedded_model_says_that_it_has_no_eyes():
    assert "taught words alone" in gemma.load(None, "cpu").blind


def test_a_folder_that_is_only_an_older_processor_config_is_read(copy):
    told = json.loads((copy / "processor_config.json").read_text())
    (copy / "processor_config.json").unlink()
    (copy / "preprocessor_config.json").write_text(json.dumps(told["image_processor"]))
    assert not gemma.load(copy, "cpu").blind


def test_prompts_that_cannot_be_are_refused_in_a_sentence(seeing, copy):
    with pytest.raises(PictureError, match=f"at most {MOST} pictures"):
        seeing.prompt(asking(PROMPT, [picture()] * (MOST + 1)), KNOBS)
    with pytest.raises(PromptError, match="names a picture"):
        seeing.prompt(asking("Look: <|image|>", [picture()]), replace(KNOBS, raw=True))
    with pytest.raises(PromptError, match=r"The prompt has \d+ tokens"):
        seeing.prompt(asking(PROMPT, [picture(at) for at in range(MOST)]), KNOBS)
    (copy / "chat_template.jinja").write_text(tiny.TEMPLATE)
    model = gemma.load(copy, "cpu")
    with pytest.raises(PromptError, match="no place for pictures"):
        model.prompt(asking(PROMPT, [picture()]), KNOBS)
    assert len(model.prompt(asking(PROMPT, [picture()]), replace(KNOBS, chat=False))) > 60


def test_a_name_of_a_picture_that_is_typed_is_text(seeing):
    plain_ids = seeing.prompt(asking("Look: <|image|>"), KNOBS)
    assert seeing.model.config.image_token_id not in plain_ids
    assert seeing.count(asking("Look: <|image|>", [picture()]), KNOBS) > len(plain_ids)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 3000), (3000, 1), (5, 4000)])
def test_narrow_pictures_are_read_or_refused(seeing, width, height):
    with suppress(PromptError):
        assert len(seeing.prompt(asking(PROMPT, [picture(0, width, height)]), KNOBS)) > seeing.count(
            asking(PROMPT), KNOBS
        )


def test_pictures_that_were_let_go_are_asked_for_again(folder, monkeypatch):
    monkeypatch.setattr(eyes, "KEPT", 1)
    model = gemma.load(folder, "cpu")
    first = model.prompt(asking(PROMPT, [picture(1)]), KNOBS)
    second = model.prompt(asking(PROMPT, [picture(2)]), KNOBS)
    with pytest.raises(PromptError, match="let go"):
        model.prefill(first)
    assert (
        model.prefill(second)
        and model.prompt(asking(PROMPT, [picture(1)]), KNOBS) == first
        and model.prefill(first)
    )
