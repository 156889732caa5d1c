"""Loading, judging, encoding and running checkpoints in the published layout."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import tiny
from engine.commands.console import terminal
from engine.model import gemma
from engine.model.choice.source import CancelError
from engine.model.computer import memory
from engine.model.folder.checkpoint import SIGHT, LoadError
from engine.model.gemma import Gemma, load
from engine.model.text import tokens
from engine.steps.denoise import denoise
from engine.values.edit import Edit
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.reply import Reply, split
from widgets.cells import copied, settled

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tiny.checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def loaded(folder) -> Gemma:
    return load(folder, "cpu")


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    return Path(copytree(folder, tmp_path / "copy"))


def edit(folder: Path, change) -> None:
    """Rewrite the weights after `change` has had its way with them."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file({key: weight.contiguous() for key, weight in weights.items()}, folder / "model.safetensors")


def refused(folder: Path, match: str, device: str = "cpu") -> None:
    with pytest.raises(LoadError, match=match) as caught:
        load(folder, device)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and message.count(": ") >= 1


# What a loaded model knows of itself.


def test_a_checkpoint_says_what_it_is(loaded, folder):
    assert loaded.name == "tiny" and loaded.device.type == "cpu" and loaded.dtype == torch.float32
    assert loaded.vocabulary == len(tiny.tokenizer()) and loaded.length == 16
    assert loaded.ends == {tiny.EOS, tiny.END} and loaded.pad == tiny.PAD
    assert loaded.scale == pytest.approx(32**0.5)
    assert loaded.embedding.shape == (loaded.vocabulary, 32)


def test_every_weight_comes_from_the_file(loaded, folder):
    stored = load_file(folder / "model.safetensors")
    held = tiny.held(loaded.model)
    assert all(torch.equal(held[key], weight) for key, weight in stored.items() if not key.startswith(SIGHT))


@pytest.mark.parametrize("kind", ["bytes", "pieces"])
def test_shards_load_like_one_file(tmp_path, kind):
    one, many = (
        load(tiny.checkpoint(tmp_path / name, kind, shards), "cpu") for name, shards in (("a", 0), ("b", 1))
    )
    assert len(list((tmp_path / "b").glob("*.safetensors"))) > 1
    one, many = tiny.held(one.model), tiny.held(many.model)
    assert one.keys() == many.keys() and all(torch.equal(one[key], many[key]) for key in one)


def test_loading_prints_nothing_and_tells_how_far_it_is(folder, capfd):
    told = []
    load(folder, "cpu", lambda what, share: told.append((what, share)))
    assert capfd.readouterr() == ("", "")
    assert ("Loading tiny", None) in told and any(share and share > 0.5 for _, share in told)


def test_loading_can_be_cancelled(folder):
    told = []
    with pytest.raises(CancelError):
        load(folder, "cpu", lambda what, share: told.append(share), lambda: any(told))


def test_plain_transformers_loads_the_same_folder(loaded, folder):
    from transformers import DiffusionGemmaForBlockDiffusion

    theirs, ours = DiffusionGemmaForBlockDiffusion.from_pretrained(folder), loaded.model
    weights, held = theirs.state_dict(), tiny.held(ours)
    assert all(torch.equal(weights[key], weight) for key, weight in held.items())
    assert weights.keys() - held.keys() == {key for key in weights if key.startswith(SIGHT)}
    for config in ("_attn_implementation", "_experts_implementation", "dtype"):
        assert getattr(theirs.config, config) == getattr(ours.config, config)
    assert theirs.generation_config == ours.generation_config


# What is refused, in one sentence.


def test_a_folder_that_is_not_there(tmp_path):
    refused(tmp_path / "gone", "no folder")


def test_a_folder_of_something_else(copy):
    (copy / "config.json").write_text('{"model_type": "llama"}')
    refused(copy, "no DiffusionGemma .*'llama'")


def test_a_folder_without_a_config(copy):
    (copy / "config.json").unlink()
    refused(copy, "no config.json")


def test_a_config_that_is_not_json(copy):
    (copy / "config.json").write_text("{")
    refused(copy, "cannot be read")


def test_a_config_with_impossible_numbers(copy):
    config = json.loads((copy / "config.json").read_text())
    config["text_config"]["hidden_activation"] = "no such function"
    (copy / "config.json").write_text(json.dumps(config))
    refused(copy, "cannot be loaded")


def test_weights_that_are_not_safetensors(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    refused(copy, "no weights as safetensors")


def test_a_shard_that_is_missing(tmp_path):
    folder = tiny.checkpoint(tmp_path / "shards", shards=True)
    next(folder.glob("model-00002*")).unlink()
    refused(folder, "lacks model-00002")


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:100], lambda b: b"", lambda b: b + b"x", lambda b: b"?" * len(b)]
)
def test_weights_that_are_damaged(copy, damage):
    file = copy / "model.safetensors"
    file.write_bytes(damage(file.read_bytes()))
    refused(copy, "damaged")


def test_no_tokenizer(copy):
    (copy / "tokenizer.json").unlink()
    refused(copy, "no tokenizer.json")


def test_a_damaged_tokenizer(copy):
    (copy / "tokenizer.json").write_text("{}")
    refused(copy, "tokenizer of copy")


def test_a_missing_weight_is_named(copy):
    edit(copy, lambda weights: weights.pop("model.decoder.layers.1.self_attn.q_proj.weight"))
    refused(copy, r"model\.decoder\.layers\.1\.self_attn\.q_proj\.weight.* missing\)")


def test_an_unknown_weight_is_named(copy):
    edit(copy, lambda weights: weights.update(extra=torch.zeros(2)))
    refused(copy, "extra unknown")


def test_a_weight_of_another_shape_is_named(copy):
    edit(copy, lambda weights: weights.update({"model.decoder.norm.weight": torch.zeros(5)}))
    refused(copy, r"model\.decoder\.norm\.weight of another shape")


def test_separate_experts_are_refused_instead_of_drawn_at_random(copy):
    def split(weights):
        for key in [key for key in weights if ".experts." in key]:
            for at, expert in enumerate(weights.pop(key)):
                weights[key.replace(".experts.", f".experts.{at}.") + ".weight"] = expert

    edit(copy, split)
    refused(copy, "does not hold the weights that its config.json describes .*experts")


def test_too_little_memory(folder, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 50_000)
    refused(folder, "it needs .* where 50 kB are free on this computer; close")


def test_a_card_whose_driver_does_not_answer(folder, monkeypatch):
    def mute(*_):
        raise RuntimeError("CUDA driver version is insufficient.\nMore.")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", mute)
    refused(folder, r"cannot be used \(CUDA driver version is insufficient\): update", "cuda")


def test_free_memory_is_a_sensible_number():
    free = memory.free()
    assert free is None or 2**26 < free < 2**45


@pytest.mark.skipif(torch.cuda.is_available(), reason="this computer has CUDA")
def test_a_device_that_is_not_there(folder):
    refused(folder, "no cuda device", "cuda")


def test_auto_is_the_best_device_there_is(monkeypatch):
    assert gemma.choose("cpu") == "cpu"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gemma.choose("auto") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert gemma.choose("auto") == "cuda"


def test_threads_leave_a_core_for_the_window(monkeypatch):
    for cores, most, chosen in ((1, 8, 1), (2, 8, 1), (8, 8, 7), (16, 8, 8), (8, 1, 1)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, cores=cores: range(cores), raising=False)
        monkeypatch.setattr(torch, "get_num_threads", lambda most=most: most)
        assert gemma.threads() == chosen


def test_importing_the_engine_does_not_import_transformers():
    code = "import sys, engine.model.gemma, engine.steps.denoise; sys.exit('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent).returncode == 0


# Tokens.


@pytest.mark.parametrize("kind", ["bytes", "pieces"])
@pytest.mark.parametrize(
    "text", ["a fox. the fox", "caf\u00e9", "  two  spaces\n", "\u4eba\U0001f98a", "<0x41> \u2581"]
)
def test_text_survives_the_way_through_the_ids(kind, text):
    tokenizer = tiny.tokenizer(kind)
    lexicon = tokens.lexicon(tokenizer, [tiny.EOS])
    ids = tokens.encode(tokenizer, text, chat=False)
    if kind == "pieces":
        text = text.replace("▁", " ")  # Gemma's alphabet cannot tell them apart
    assert lexicon.text(ids) == text and ids[0] == tiny.BOS


def test_a_lexicon_agrees_with_the_tokenizer_on_every_piece():
    for kind in ("bytes", "pieces"):
        tokenizer = tiny.tokenizer(kind)
        lexicon = tokens.lexicon(tokenizer, [tiny.EOS])
        assert len(lexicon.pieces) == len(tokenizer)
        assert {lexicon.piece(id) for id in range(len(tiny.SPECIAL))} == set(tiny.SPECIAL)
        assert all(lexicon.piece(id) == tokenizer.decode([id]) for id in range(len(tokenizer)))
        special = set(tokenizer.all_special_ids) | set(range(len(tiny.SPECIAL)))
        assert lexicon.special == special  # and not the runs of spaces, which are added tokens, too


def test_an_added_token_of_a_byte_alphabet_is_spelled_as_it_is_decoded():
    tokenizer = deepcopy(tiny.tokenizer("bytes"))
    tokenizer.add_tokens(["    ", "é \n", "é"])
    lexicon = tokens.lexicon(tokenizer, [tiny.EOS])
    assert all(lexicon.piece(id) == tokenizer.decode([id]) for id in range(len(tokenizer)))


def test_code_keeps_its_indentation():
    code = "def f.\n    if x.\n        return y\n"
    tokenizer = tiny.tokenizer("pieces")
    lexicon = tokens.lexicon(tokenizer, [tiny.EOS])
    ids = np.array(tokens.encode(tokenizer, code, chat=False), np.int32)
    assert len(ids) < len(code)  # it has runs
    assert lexicon.text(ids) == split(lexicon, ids).answer == code
    assert "".join(settled(lexicon, ids).texts[1:]) == code
    quiet = np.zeros(len(ids), bool)
    assert copied(lexicon, ids, quiet, quiet) == code.rstrip()
    body = slice(len(tokens.encode(tokenizer, "def f.", chat=False)), None)
    assert copied(lexicon, ids[body], quiet[body], quiet[body]) == "    if x.\n        return y"
    assert terminal.printable(lexicon.text(ids), newlines=True) == code


def test_control_tokens_are_shown_by_name_and_are_no_text(loaded):
    assert loaded.lexicon.piece(tiny.TURN) == "<|turn>"
    fox = tokens.encode(loaded.tokenizer, " fox", chat=False)
    assert loaded.lexicon.text([tiny.TURN, *fox, tiny.PAD, *fox, tiny.EOS, *fox]) == " fox fox"
    assert loaded.lexicon.ends == loaded.ends


def test_a_prompt_is_wrapped_by_the_models_own_template(loaded):
    shown = "".join(loaded.lexicon.piece(id) for id in loaded.encode("a fox"))
    assert shown == "<bos><|turn>user\na fox<turn|>\n<|turn>model\n"
    assert "".join(loaded.lexicon.piece(id) for id in loaded.encode("a fox", chat=False)) == "<bos>a fox"


def test_what_is_typed_is_text_unless_it_is_raw(loaded):
    typed = "say <eos><|turn>user <|channel> and <|think|>"
    ids = loaded.encode(typed)
    assert "".join(map(loaded.lexicon.piece, ids)) == f"<bos><|turn>user\n{typed}<turn|>\n<|turn>model\n"
    control = {token for token in ids if token in loaded.lexicon.special}
    assert control == {tiny.BOS, tiny.TURN, tiny.END} and ids.count(tiny.TURN) == 2  # of the format
    assert tiny.EOS in loaded.encode(typed, raw=True) and tiny.THINK in loaded.encode(typed, raw=True)
    plain = loaded.encode("<bos> fox<eos>", chat=False)
    assert "".join(map(loaded.lexicon.piece, plain)) == "<bos><bos> fox<eos>"
    assert plain.count(tiny.BOS) == 1 and tiny.EOS not in plain


def test_a_prompt_without_names_is_encoded_as_transformers_does(loaded):
    for text in ("a fox", " x  y\n", "<b>a</b>", "\ufdd0 and <", ""):
        chats = [{"role": "user", "content": text}]
        theirs = loaded.tokenizer.apply_chat_template(chats, add_generation_prompt=True, return_dict=False)
        assert loaded.encode(text) == loaded.encode(text, raw=True) == theirs


def test_white_space_at_the_end_is_where_a_canvas_goes_on(loaded):
    assert loaded.lexicon.text(loaded.prompt(Question("a fox \n  "), Settings(chat=False))) == "a fox \n  "


def test_a_prompt_that_does_not_fit_is_told_with_its_numbers(loaded):
    room = loaded.context - loaded.length
    fitting = "a" * (room - 1)  # and the beginning token
    assert (
        loaded.count(Question(fitting), Settings(chat=False))
        == room
        == len(loaded.prompt(Question(fitting), Settings(chat=False)))
    )
    with pytest.raises(tokens.PromptError, match=r"has 497 tokens and a canvas takes 16, .* reads 512: shorten"):
        loaded.prompt(Question(fitting + "a"), Settings(chat=False))
    with pytest.raises(tokens.PromptError, match=r"2 canvases take 32, .* or ask for fewer canvases\.$"):
        loaded.prompt(Question(fitting), Settings(chat=False, canvases=2))


def test_threads_may_count_at_the_same_time(loaded):
    texts = ["a fox " * n for n in range(1, 30)] * 4
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda text: loaded.count(Question(text), Settings(raw=len(text) % 2 == 0)), texts))
    assert counts == [loaded.count(Question(text), Settings()) for text in texts]


def test_thinking_reaches_the_template_that_knows_it(loaded):
    assert loaded.thinks
    assert tiny.THINK in loaded.encode("x", thinking=True) and tiny.THINK not in loaded.encode("x", thinking=False)


def test_without_a_template_the_prompt_is_plain_text(copy):
    (copy / "chat_template.jinja").unlink()
    model = load(copy, "cpu")
    assert model.encode("fox", chat=True) == model.encode("fox", chat=False) and not model.thinks


def test_an_empty_prompt_is_something_to_begin_with(loaded):
    assert loaded.encode("", chat=False) == [tiny.BOS] and len(loaded.encode("")) > 1


# The network.


def stock(model: Gemma, ids, canvas, logits=None):
    with torch.no_grad():
        return model.model(
            input_ids=torch.tensor([ids]),
            decoder_input_ids=canvas[None],
            self_conditioning_logits=None if logits is None else logits[None],
        ).logits[0]


@pytest.mark.parametrize("length", [1, 7, 8, 9, 30])
def test_prefill_and_decode_are_the_stock_model(loaded, length):
    ids = [tiny.BOS, *range(20, 19 + length)]
    canvas = torch.randint(0, loaded.vocabulary, (16,), generator=torch.Generator().manual_seed(length))
    first = loaded.head(loaded.decode(canvas, loaded.prefill(ids), None))
    assert torch.allclose(first, stock(loaded, ids, canvas), atol=1e-5)
    soft = first.softmax(-1) @ loaded.embedding * loaded.scale
    second = loaded.head(loaded.decode(canvas, loaded.prefill(ids), soft))
    assert torch.allclose(second, stock(loaded, ids, canvas, first), atol=1e-5)
    assert not torch.allclose(first, second, atol=1e-2)


@pytest.mark.parametrize("cut", [1, 7, 8, 9, 20])
def test_a_context_in_two_parts_is_the_same_context(loaded, cut):
    ids = [tiny.BOS, *range(20, 44)]
    canvas = torch.arange(16) + 30
    whole, parts = loaded.prefill(ids), loaded.prefill(ids[cut:], loaded.prefill(ids[:cut]))
    assert torch.allclose(loaded.decode(canvas, whole, None), loaded.decode(canvas, parts, None), atol=1e-5)


def test_decoding_leaves_the_cache_as_it_is(loaded):
    cache, canvas = loaded.prefill([tiny.BOS, 30, 31]), torch.arange(16) + 30
    first = loaded.decode(canvas, cache, None)
    assert torch.equal(first, loaded.decode(canvas, cache, None)) and cache.get_seq_length() == 3


def test_logits_are_new_and_capped(loaded):
    hidden = torch.randn(4, 32) * 100
    before = hidden.clone()
    logits = loaded.head(hidden)
    assert logits.dtype == torch.float32 and logits.abs().max() <= 30 and torch.equal(hidden, before)


def test_a_device_that_cannot_record_steps_takes_them_one_by_one_and_is_asked_once(loaded, monkeypatch):
    asked = []

    def refuse(*_):
        asked.append(True)
        raise torch.OutOfMemoryError("CUDA out of memory. Tried a lot.\nDetails.")

    monkeypatch.setattr(gemma, "Cuda", lambda: None)
    monkeypatch.setattr(gemma, "Graph", refuse)
    monkeypatch.setattr(loaded, "device", torch.device("cuda"))
    monkeypatch.setattr(loaded, "remark", loaded.remark)
    assert loaded.remark is None
    with monkeypatch.context() as patch:
        patch.setattr(gemma, "Room", lambda *_: None)
        assert loaded.graph(5) is None and loaded.graph(700) is None
    assert len(asked) == 1 and "slower" in loaded.remark
    assert loaded.remark.endswith("record them (CUDA out of memory. Tried a lot).")


# A reply of a checkpoint in the published style.


def test_a_thought_over_two_canvases_is_split_from_the_answer_in_the_loop_and_in_its_recording(loaded, tmp_path):
    def said(text):
        return tokens.plain(loaded.tokenizer, text)

    reply = [tiny.CHANNEL, *said("thought\na fox or two"), tiny.CLOSED, *said("one fox."), tiny.END]
    reply += [tiny.PAD] * (2 * loaded.length - len(reply))
    halves = [dict(enumerate(reply[: loaded.length])), dict(enumerate(reply[loaded.length :]))]
    edits = {(canvas, 0): (Edit(canvas, pins=tuple(pins.items())),) for canvas, pins in enumerate(halves)}
    settings = Settings().updated({"thinking": True, "steps": 2})
    run = Recording("p", settings, loaded.name, "cpu", loaded.lexicon)
    ids = loaded.prompt(Question("p"), settings)
    for frame in denoise(loaded, ids, lambda *_: settings, edits=lambda *at: edits.get(at, ())):
        run.append(frame)
        assert run.frames[-1].canvas or run.reply().unfinished  # the first canvas ends inside the thought
    run.save(tmp_path / "run")
    assert Recording.load(tmp_path / "run").reply() == run.reply() == Reply("one fox.", "a fox or two", False)
