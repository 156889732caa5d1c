"""What strangers send is checked once and refused in one sentence; what passes raises nothing later."""

import ast
import io
import json
import os
import random
import struct
import sys
import zipfile
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget
from strangers import ODD, changed, claimed, npy, places, put_together, survive, taken_apart, use

import tiny
from app.__main__ import main
from app.keep.prefs import Prefs, folder
from engine.model import weights as weights_of
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import DamageError, LoadError, judge
from engine.model.gemma import Gemma, load
from engine.model.text import chat
from engine.steps.autoregressive import autoregress
from engine.steps.denoise import denoise
from engine.values.files import boundary
from engine.values.frame import StepError
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings
from samples import recording
from widgets.brush import failures, painted
from widgets.hint import details, table
from widgets.theme import DARK

torch.set_num_threads(1)
ROOT = Path(__file__).parent.parent
HEADER, ARRAYS = taken_apart()
QUICK = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 500
    return text


# Recordings


def test_what_is_taken_apart_and_put_together_is_a_recording():
    assert survive(put_together(HEADER, ARRAYS)) and survive(put_together(HEADER, ARRAYS, zipfile.ZIP_STORED))


def test_no_value_in_a_header_makes_an_opened_recording_fail():
    cases = [(way, odd) for way in places(HEADER) for odd in ODD]
    told = {survive(put_together(changed(HEADER, *case), ARRAYS)) for case in random.Random(7).sample(cases, 120)}
    assert told == {True, False}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_another_shape_type_or_range_are_refused(name):
    good = ARRAYS[name]
    bad = [good[..., None, None], good.ravel(), good[:0], good[:, :0], good[:, :3], good.astype("f8")]
    bad += [
        good.astype(object),
        npy(good)[:-3],
        claimed("(1125899906842624,)"),
        claimed("(-1, 8)"),
        b"\x93NUMPY\x03",
    ]
    bad += [claimed((6, 8, 8, 1)), b"\x93NUMPY\x01\x00\x10\x00{'descr': '<i4\n\n\n", b""]
    if good.dtype == np.float32:
        bad += [np.full_like(good, odd) for odd in (np.nan, np.inf, -np.inf, 3e38, -1)]
    elif good.dtype == np.int32:
        bad += [good - 10**6]
    else:
        bad += [npy(good)[:-1] + b"\x07"]
    for array in bad:
        assert not survive(put_together(HEADER, ARRAYS | {name: array}))


def test_archives_that_are_packed_otherwise_or_lie_are_refused():
    whole = put_together(HEADER, ARRAYS)
    entry = whole.find(b"PK\x01\x02")
    patched = {8: b"\x01\x00", 6: b"\x63\x00", 10: b"\x61\x00", 24: b"\xff\xff\xff\x7f", 42: b"\xff\xff\xff\x7f"}
    lies = [whole[: entry + at] + new + whole[entry + at + len(new) :] for at, new in patched.items()]
    ways = [put_together(HEADER, ARRAYS, way) for way in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)]
    deep = [put_together(text, ARRAYS) for text in ("[" * 10**6, '{"format":' * 10**5, "1" * 5000, "null", "")]
    for data in [*lies, *ways, *deep, b"", whole + b"x", whole[:-1], whole[100:]]:
        assert not survive(data)


def test_nothing_is_unpacked_that_is_larger_than_it_may_be():
    """A megabyte of zeros takes a kilobyte: such a file says little of what it would take."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("header.json", "w") as part:
        for _ in range(65):
            part.write(bytes(2**20))
    with pytest.raises(ValueError, match="too large"):
        boundary.read(file)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for at in range(1000):
            archive.writestr(str(at), b"")
    with pytest.raises(ValueError, match="no archive"):
        boundary.read(many)


@pytest.mark.parametrize(("canvases", "steps"), [(2000, 1), (1, 100_000)])
def test_more_canvases_or_steps_than_can_be_shown_are_refused(canvases, steps):
    count = canvases * steps
    numbers = {name: [0.5] * count for name in boundary.NUMBERS}
    numbers |= {"canvas": [at // steps for at in range(count)], "step": [at % steps for at in range(count)]}
    header = HEADER | {"stops": [""] * count, "sizes": [8] * count, "numbers": numbers, "edits": [], "readings": []}
    arrays = {name: np.repeat(array[:1], count, 0) for name, array in ARRAYS.items() if array.ndim < 3}
    assert not survive(put_together(header, arrays | {name: b"" for name in ARRAYS if name not in arrays}))


@QUICK
@given(st.lists(st.tuples(st.integers(0, 2**16), st.binary(max_size=8)), min_size=1, max_size=4))
def test_a_recording_with_other_bytes_in_it_is_refused_or_works(changes):
    data = put_together(HEADER, ARRAYS, zipfile.ZIP_STORED)
    for at, new in changes:
        at %= len(data)
        data = data[:at] + new + data[at + len(new) :]
    survive(data)


@QUICK
@given(st.binary(max_size=200))
def test_bytes_that_are_no_recording_are_refused(data):
    assert not survive(data)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "nothing", "a\0b", "x" * 400):
        with pytest.raises(RecordingError) as error:
            Recording.load(path)
        sentence(error)


def served():
    """A recording of a server's run: nobody knows entropies, candidates, or how the time was spent."""
    run = recording(steps=1, canvases=2, cells=8)
    unknown = dict.fromkeys(("forward", "readout", "temperature"), np.nan)
    nothing = {"top_ids": np.zeros((8, 0), np.int32), "top_probs": np.zeros((8, 0), np.float32)}
    entropy = np.full(8, np.nan, np.float32)
    run.frames = [replace(f, **unknown, **nothing, entropy=entropy, stop="whole") for f in run.frames]
    return run


def test_what_a_server_wrote_can_be_kept_and_its_cells_tell_only_what_is_known(tmp_path):
    served().save(tmp_path / "run")
    run = Recording.load(tmp_path / "run")
    use(run)
    shown = table(details(run.lexicon, run.frames[0], None, 0, 5), DARK)
    assert "nan" not in shown and "unknown" in shown and "server" in shown and "best guess" not in shown


def test_a_text_that_grew_and_a_file_without_sizes_can_be_opened(tmp_path):
    run = recording(steps=1, cells=1)
    longer = recording(steps=3, cells=4).frames[1:]
    run.frames = [replace(run.frames[0], stop=""), *longer]
    run.save(tmp_path / "run")
    assert [len(frame.ids) for frame in Recording.load(tmp_path / "run").frames] == [1, 4, 4]
    header = {name: value for name, value in HEADER.items() if name not in ("sizes", "readings")}
    assert survive(put_together(header, ARRAYS))


# Checkpoints


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return tiny.checkpoint(tmp_path_factory.mktemp("good"))


@pytest.fixture
def model(good, tmp_path):
    """A folder of a model whose files can be replaced."""
    for file in good.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def refused(folder):
    with pytest.raises(LoadError) as error:
        judge(folder, "theirs")
    sentence(error)
    return error.value


def test_no_config_gets_further_than_its_check_and_fails_there_otherwise(model):
    good = json.loads((model / "config.json").read_text())
    good["text_config"]["final_logit_softcapping"] = 30.0
    cases = [(way, odd) for way in places(good) if way for odd in ODD]
    told = []
    for case in random.Random(3).sample(cases, 120):
        (model / "config.json").write_text(json.dumps(changed(good, *case)))
        with suppress(LoadError):
            judge(model, "theirs")
            told.append(case)
    assert 0 < len(told) < 120


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_hidden_layers", 2000),
        ("num_hidden_layers", 0),
        ("sliding_window", 0),
        ("top_k_experts", 5),
        ("top_k_experts", None),
        ("final_logit_softcapping", None),
        ("final_logit_softcapping", 0),
        ("head_dim", 15),
        ("num_key_value_heads", 3),
        ("vocab_size", 10**12),
        ("layer_types", ["full_attention"]),
        ("eos_token_id", -1),
        ("num_labels", 10**30),
    ],
)
def test_values_that_would_hang_or_fail_in_the_first_step_are_named(model, name, value):
    config = json.loads((model / "config.json").read_text())
    config["text_config"][name] = value
    (model / "config.json").write_text(json.dumps(config))
    assert name in str(refused(model)) or name == "num_key_value_heads"


@pytest.mark.parametrize("cells", [0, -5, 10**9, 100_000, None, "256"])
def test_a_canvas_is_of_a_size_that_can_be_worked_on(model, cells):
    config = json.loads((model / "config.json").read_text()) | {"canvas_length": cells}
    (model / "config.json").write_text(json.dumps(config))
    assert "canvas_length" in str(refused(model))


@pytest.mark.parametrize(
    "name", ["config.json", "generation_config.json", "chat_template.jinja", "added_tokens.json"]
)
def test_a_pipe_in_a_folder_is_not_waited_for(model, name):
    (model / name).unlink(missing_ok=True)
    os.mkfifo(model / name)
    assert name in str(refused(model))


def weights(model, head, data=b"", length=None):
    head = head if isinstance(head, bytes) else json.dumps(head).encode()
    (model / "model.safetensors").write_bytes(
        struct.pack("<Q", len(head) if length is None else length) + head + data
    )


def test_headers_that_lie_are_refused_and_the_file_is_named(model):
    good = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    for name, odd in [
        (name, odd) for name in good for odd in (*ODD, [-1], ["2"], [2.0], [8, 0], [0, 10**30], [True])
    ]:
        weights(model, {"a": good | {name: odd}}, bytes(8))
        if not (name == "dtype" and isinstance(odd, str)):  # a type that nobody knows has no size to compare
            assert refused(model).file == model / "model.safetensors"
    gap = {"a": good, "b": good | {"data_offsets": [9, 17]}}
    for head, data in [(gap, bytes(17)), ({"a": good}, bytes(9)), ({}, b""), ("[" * 10**5, b""), ({"a": [1]}, b"")]:
        weights(model, head if isinstance(head, dict) else head.encode(), data)
        assert isinstance(refused(model), DamageError)


def test_a_sparse_file_is_not_read_as_one_header(model):
    with (model / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", 60 * 10**9))
        file.truncate(61 * 10**9)
    assert "model.safetensors" in str(refused(model))


@QUICK
@given(st.binary(max_size=60), st.one_of(st.none(), st.integers(0, 2**64 - 1)))
def test_bytes_that_are_no_weights_are_refused(model, head, length):
    weights(model, head, length=length)
    assert isinstance(refused(model), DamageError)


@pytest.mark.parametrize(
    "names", [[], {"a": 1}, {"a": None}, {"a": "../x.safetensors"}, {"a": "x" * 5000}, {"a": "config.json"}, {}, 3]
)
def test_an_index_names_files_of_its_own_folder(model, names):
    (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    assert refused(model).file.name == "model.safetensors.index.json"


@pytest.mark.parametrize(
    ("change", "usual"),
    [
        ({"some_new_knob": {"a": 1}, "do_sample": True}, {}),
        ({"t_max": 0.6, "t_min": 0.6}, {"t_max": 0.6, "t_min": 0.6}),
        ({"confidence_threshold": 0.0}, {"confidence": 0.0}),
        ({"max_new_tokens": -1, "max_denoising_steps": 7}, {"steps": 7}),
        ({"sampler_config": 5}, {}),
    ],
)
def test_what_a_generation_config_says_besides_is_no_reason_to_refuse_a_model(model, change, usual):
    file = model / "generation_config.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | change), "utf-8-sig")
    loaded = load(model, "cpu")
    assert loaded.usual == replace(Settings(), **usual) and loaded.ends == frozenset(told["eos_token_id"])
    assert loaded.pad == told["pad_token_id"]


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (("adapter_model.safetensors", "config.json"), "adapter (LoRA)"),
        (("model-00001-of-00002.safetensors",), "index"),
    ],
)
def test_an_adapter_and_half_of_a_model_are_told_apart(model, names, part):
    (model / "model.safetensors").rename(model / names[0])
    for name in names[1:]:
        (model / name).rename(model / f"adapter_{name}")
    with pytest.raises(LoadError) as error:
        judge(model, "theirs")
    assert part in sentence(error)


@pytest.mark.parametrize("text", ["[" * 10**5, "", "null", "[]", "\xff", "1" * 5000, '{"a":' * 10**4])
def test_config_files_that_are_none_are_damaged(model, text):
    for name in ("config.json", "generation_config.json"):
        kept = (model / name).read_bytes()
        (model / name).write_text(text, "latin-1")
        assert refused(model).file == model / name and checkpoint.usual(model) == Settings()
        (model / name).write_bytes(kept)


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('no') }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ 9**9**9 }}",
        "{{ lipsum(n=99999) }}",
        "{{ 'x'.center(99999999999) }}",
        "{% if %}",
        "{{ nothing.at.all }}",
        "{{ ''.__class__.__mro__ }}",
        "{% set n = namespace(s='xy') %}{% for a in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
        "{% set n = namespace(s=9) %}{% for a in range(40) %}{% set n.s = n.s * n.s %}{% endfor %}{{ n.s }}",
        "{% set n = namespace(s=[1]) %}{% for a in range(40) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
    ],
)
def test_a_chat_format_that_fails_or_never_ends_is_told_when_the_model_is_loaded(model, template):
    (model / "chat_template.jinja").write_text(template)
    with pytest.raises(LoadError) as error:
        weights_of.tokenizer(judge(model, "theirs"))
    assert "chat format" in sentence(error)


@pytest.mark.parametrize(
    "expression",
    [
        "'x' * 999999 * 99",
        "99 * ('x' * 999999)",
        "(['xy'] * 99999 * 99)|length",
        "'x' * 999999 + 'x' * 999999 + 'x' * 999999 + 'x' * 999999 + 'x' * 999999",
        "[" + "'x' * 999999 ~ " * 6 + "'']",
        "'%99999999d' % 1",
        "('%' ~ '9999' ~ '9999d') % 1",
        "'%*d' % [1]",
        "'{:>99999999}'.format(1)",
        "'{:>{}}'.format(1, 99999999)",
        "('x' * 9999)|replace('', 'x' * 9999)",
        "('x' * 9999).replace('', 'x' * 9999)",
        "(['x'] * 9999)|join('x' * 9999)",
        "('x' * 9999).join(['x'] * 9999)",
        "(['x' * 9999] * 9999)|map('string')|join",
        "('\\n' * 9999)|indent(9999)",
        "'x'|center(9999 * 9999)",
        "'x'.ljust(9999 * 9999)",
        "''|attr('zfill')(9999 * 999)",
        "('x ' * 9999)|wordwrap(1, wrapstring='x' * 9999)",
        "('%s' * 99)|format('x' * 99999)",
        "([[1] * 9999] * 99)|sum(start=[])",
        "([1] * 9999)|tojson(indent=9999)",
        "'\"'" + "|tojson" * 40,
        "999999 * 999999 * 999999",
    ],
)
def test_a_chat_format_makes_no_more_text_in_one_line_than_a_chat_needs(model, expression):
    """Before it is made: nothing here takes longer, or more memory, than what is right."""
    (model / "chat_template.jinja").write_text("{{ " + expression + " }}")
    with pytest.raises(LoadError, match=r"too long|large numbers|no end"):
        weights_of.tokenizer(judge(model, "theirs"))


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(9999) %}{{ 'x' * 9999 }}{% endfor %}",
        "{% set a %}{% for i in range(9999) %}{{ 'x' * 9999 }}{% endfor %}{% endset %}{{ a|length }}",
        "{% macro m(a) %}{{ a ~ a }}{% endmacro %}{{ " + "m(" * 30 + "'x'" + ")" * 30 + " }}",
    ],
)
def test_nor_in_many_lines(model, template):
    (model / "chat_template.jinja").write_text(template)
    with pytest.raises(LoadError, match=r"too long|no end"):
        weights_of.tokenizer(judge(model, "theirs"))


def test_what_chat_formats_do_is_done(model):
    does = (
        "{% set a = messages[0]['content'] %}{{ '-' * 20 ~ '%s|%3d' % (a, 7) }}{{ 5 % 3 + 2 * 2 }}"
        "{{ a.replace('l', 'LL')|trim|upper }}{{ [a, 'b']|join(', ') }}{{ ', '.join(['c', 'd'])|indent(2) }}"
        "{{ {'k': [1]}|tojson(indent=1) }}{{ '{}!'.format(a) }}{{ [1, 2]|sum }}{{ ['x']|map('upper')|join }}"
    )
    (model / "chat_template.jinja").write_text(does)
    tokenizer = weights_of.tokenizer(judge(model, "theirs"))
    chats = [{"role": "user", "content": "Hello"}]
    with chat.bounded("theirs"):
        text = tokenizer.apply_chat_template(chats, tokenize=False)
    assert text == "-" * 20 + 'Hello|  76HELLLLOHello, bc, d{\n "k": [\n  1\n ]\n}Hello!3X'


def test_a_long_prompt_is_no_fault_of_the_chat_format(model):
    found = Gemma(
        tiny.model(canvas=16, vocabulary=len(tiny.tokenizer())),
        weights_of.tokenizer(judge(model, "theirs")),
        "theirs",
    )
    assert len(found.encode("a fox " * 20_000)) > 20_000


def test_a_tokenizer_that_would_fill_all_memory_is_told_when_the_model_is_loaded(model):
    told = json.loads((model / "tokenizer.json").read_text())
    twice = {"type": "Replace", "pattern": {"String": "l"}, "content": "ll"}
    for step in (twice, {"type": "Replace", "pattern": {"Regex": ""}, "content": "l"}):
        told["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "NFC"}, *[step] * 50]}
        (model / "tokenizer.json").write_text(json.dumps(told))
        with pytest.raises(LoadError) as error:
            weights_of.tokenizer(judge(model, "theirs"))
        assert "far too long" in sentence(error)


@pytest.mark.parametrize(
    "steps",
    [
        [{"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}],
        [
            {"type": "Prepend", "prepend": "\u2581"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
        ],
        [
            {"type": "NFKC"},
            {"type": "Lowercase"},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        ],
    ],
)
def test_tokenizers_as_people_have_them_are_taken(model, steps):
    told = json.loads((model / "tokenizer.json").read_text())
    told["normalizer"] = {"type": "Sequence", "normalizers": steps}
    (model / "tokenizer.json").write_text(json.dumps(told))
    assert weights_of.tokenizer(judge(model, "theirs"))


def test_what_watches_a_chat_format_leaves_with_it():
    before = sys.gettrace()
    with chat.bounded("theirs"):
        pass
    assert sys.gettrace() is before


@pytest.mark.parametrize("text", ["", "{}", "[" * 10**5, '{"version": "1.0", "model": {"type": "BPE"}}'])
def test_a_tokenizer_that_cannot_be_read_is_named(model, text):
    (model / "tokenizer.json").write_text(text)
    with pytest.raises(DamageError) as error:
        weights_of.tokenizer(judge(model, "theirs"))
    assert error.value.file == model / "tokenizer.json" and sentence(error)


def test_a_token_that_the_weights_do_not_have_is_told():
    found = Gemma(tiny.model(canvas=16), tiny.tokenizer(), "tiny")
    found.vocabulary = 20
    with pytest.raises(LoadError) as error:
        found.encode("a fox")
    assert "tokenizer" in sentence(error)


# Preferences


def test_preferences_fall_back_one_by_one_whatever_the_file_holds():
    folder().mkdir(parents=True)
    for name in asdict(Prefs()):
        for odd in (*ODD[::2], {"steps": [1]}, {"seed": float("nan")}):
            (folder() / "preferences.json").write_text(json.dumps(asdict(Prefs(panels=False)) | {name: odd}))
            loaded = Prefs.load()
            assert name == "panels" or not loaded.panels
            loaded.geometry_bytes(), loaded.prompt.encode()
            assert loaded.theme == "system" and 0 <= loaded.speed <= 1000


def test_a_preferences_file_that_is_none_is_the_defaults():
    folder().mkdir(parents=True)
    file = folder() / "preferences.json"
    for text in ("[" * 10**5, '{"prompt":' * 10**4, "1" * 5000, "\xff\xfe"):
        file.write_text(text, "latin-1")
        assert Prefs.load() == Prefs()
    file.unlink()
    os.mkfifo(file)
    assert Prefs.load() == Prefs()


# Paints


def test_a_paint_that_fails_is_told_once_and_its_painter_is_closed(qtbot):
    class Broken(QWidget):
        paints = 0

        @painted
        def paintEvent(self, event):
            painter = QPainter(self)
            self.paints += 1
            painter.setOpacity(1 / 0)

    widget, told = Broken(), []
    qtbot.addWidget(widget)
    failures.told.connect(told.append)
    for _ in range(3):
        widget.grab()
        assert not widget.paintingActive()
    failures.told.disconnect(told.append)
    assert widget.paints == 3 and len(told) == 1 and told[0].endswith(".")


def test_every_paint_of_ours_is_one_that_cannot_fail():
    for path in (ROOT / "widgets").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            ours = isinstance(node, ast.FunctionDef) and node.name in ("paintEvent", "paint")
            if ours and node.args.args[0].arg == "self":
                assert [d.id for d in node.decorator_list] == ["painted"], f"{path.name}: {node.lineno}"


# Not a number


@pytest.fixture(params=[np.nan, np.inf, -np.inf])
def marred(request):
    """A model with one weight that is no number, and what runs it."""
    found = Gemma(tiny.model(canvas=16), tiny.tokenizer(), "tiny")
    found.model.model.decoder.norm.weight.data[3] = request.param
    return found


def ask(canvas, step):
    return Settings(steps=4)


def test_the_first_step_that_is_no_number_ends_a_run(marred):
    for run in (denoise, autoregress):
        with pytest.raises(StepError) as error:
            list(run(marred, [tiny.BOS, 30], ask))
        assert "step 1 of canvas 1" in sentence(error)


def test_what_came_before_is_kept_and_no_frame_is_of_a_step_that_is_no_number():
    found, frames = Gemma(tiny.model(canvas=16), tiny.tokenizer(), "tiny"), []
    running = denoise(found, [tiny.BOS, 30], ask)
    frames += [next(running), next(running)]
    found.model.model.decoder.norm.weight.data[3] = np.nan
    with pytest.raises(StepError, match="step 3 of canvas 1"):
        next(running)
    assert all(np.isfinite(frame.entropy).all() for frame in frames)


def test_a_command_whose_run_is_no_number_says_so(model, capsys):
    from safetensors.torch import load_file, save_file

    stored = load_file(model / "model.safetensors")
    stored["model.decoder.norm.weight"][3] = np.nan
    save_file(stored, model / "model.safetensors", {"format": "pt"})
    code = main(["run", "a fox", "--model", str(model), "--device", "cpu"])
    out, err = capsys.readouterr()
    assert code == 1 and not out and err.count("\n") == 1 and "not numbers" in err
