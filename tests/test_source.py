"""Where models come from: the embedded one, folders, and a hub, played here by a server on this computer."""

import json
import re
import shutil
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import layouts
import pytest
from huggingface_hub import constants

import tiny
from engine.model.choice import source
from engine.model.choice.source import CancelError, find, known, survey
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import EMBEDDED, LoadError
from engine.model.hub import download, published

REPO, SHA = "someone/tiny", "a" * 40


class Hub(ThreadingHTTPServer):
    """The few answers of the hub that a download needs, for one repository with the files of a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.files["trap.py"] = self.files["pytorch_model.bin"] = b"never to be fetched"
        self.gated, self.shut, self.asked = False, False, []  # `shut`: the files only
        self.cuts, self.sent = 0, 0  # so many files break off in the middle; bytes of files that were downloaded
        self.ranges = True  # whether it can send a part of a file

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        files = not self.path.startswith("/api/")
        if REPO not in self.path:
            self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif self.server.gated or (self.server.shut and files):
            self.reply(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif files:
            self.file(self.server.files[self.path.rpartition("/")[2]])
        else:
            self.reply(200, json.dumps(self.listing()).encode(), {})

    do_HEAD = do_GET  # noqa: N815

    def file(self, body):
        headers = {"ETag": f'"{sha256(body).hexdigest()}"', "X-Repo-Commit": SHA}
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if self.server.ranges else None
        if self.command == "HEAD" or not wanted:
            self.reply(200, body, headers)
        else:
            first, last = int(wanted[1]), int(wanted[2] or len(body) - 1)
            self.reply(206, body[first : last + 1], headers)

    def listing(self):
        if "/tree/" in self.path:
            return [
                {"type": "file", "path": name, "size": len(body), "oid": "0" * 40,
                 "lfs": {"oid": sha256(body).hexdigest(), "size": len(body), "pointerSize": 100}}
                for name, body in self.server.files.items()
            ]  # fmt: skip
        names = [{"rfilename": name} for name in self.server.files]
        about = {"_id": "1", "id": REPO, "modelId": REPO, "sha": SHA, "private": False, "tags": []}
        return about | {"siblings": names}

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            download = self.headers.get("Range", "").endswith("-")  # the heads of files have an end
            if download and self.server.cuts:
                self.server.cuts -= 1
                body = body[: len(body) // 2]
                self.close_connection = True
            self.server.sent += len(body) if download else 0
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tiny.checkpoint(tmp_path_factory.mktemp("tiny"), shards=True)


@pytest.fixture
def hub(folder, tmp_path, monkeypatch):
    hub = Hub(folder)
    thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", hub.address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(download, "BLOCK", 4096)
    monkeypatch.setattr(download, "PAUSE", 0.01)
    monkeypatch.setattr(download, "TELL", 0.0)
    yield hub
    hub.shutdown()
    thread.join()
    hub.server_close()


def look(what, progress=lambda *_: None, cancelled=lambda: False):
    return find(what, progress, cancelled)


def test_a_model_is_fetched_from_the_hub_with_progress_and_without_code(hub, folder, capfd):
    told = []
    found = look(REPO, lambda what, share: told.append((what, share)))
    assert found.name == REPO and found.keys == look(folder).keys
    assert {file.name for file in found.folder.iterdir()} == {file.name for file in folder.iterdir()}
    assert any(asked.startswith("GET") and asked.endswith(".safetensors") for asked in hub.asked)
    assert not any(name in path for path in hub.asked for name in ("trap.py", "pytorch_model.bin"))
    shares = [share for _, share in told if share is not None]
    assert shares and shares[-1] == 1.0 and all(0 <= share <= 1 for share in shares)
    assert capfd.readouterr() == ("", "")


def test_what_was_fetched_is_there_without_a_network(hub, monkeypatch):
    before = look(REPO)
    hub.asked.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert look(REPO) == before and not hub.asked


def test_an_unreachable_hub_is_named(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(LoadError, match=r"hub cannot be reached .* connect to the internet"):
        look(REPO)


def test_a_closed_port_is_an_unreachable_hub(hub, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(LoadError, match="hub cannot be reached"):
        look(REPO)


def test_half_a_download_is_not_taken_for_a_model(hub, monkeypatch):
    found = look(REPO)
    (found.folder / "model-00002-of-00005.safetensors").unlink()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(LoadError):
        look(REPO)


def test_a_gated_model_says_how_to_get_in(hub):
    hub.gated = True
    with pytest.raises(LoadError, match=r"accept its terms at https://huggingface.co/someone/tiny"):
        look(REPO)


def test_an_unknown_model_asks_for_the_spelling(hub):
    with pytest.raises(LoadError, match=r"no model someone/else on the hub.*spelling"):
        look("someone/else")


def test_a_model_whose_files_alone_are_gated_says_so(hub):
    hub.shut = True
    for ask in (look, survey):
        with pytest.raises(LoadError, match="accept its terms"):
            ask(REPO)


def test_a_download_goes_on_from_where_it_was_cancelled(hub, folder):
    told = []
    with pytest.raises(CancelError, match="go on from where it is"):
        look(REPO, lambda what, share: told.append(share), lambda: any(share and share > 0.5 for share in told))
    assert 0.5 < told[-1] < 0.9
    whole = sum(file.stat().st_size for file in folder.iterdir())
    hub.sent, again = 0, []
    found = look(REPO, lambda what, share: again.append(share or 0.0))
    assert hub.sent < 0.5 * whole
    assert again == sorted(again) and again[-1] == 1.0
    for file in folder.iterdir():
        assert (found.folder / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_taken_up_again(hub, folder, ranges):
    hub.ranges = ranges
    hub.cuts, told = 3, []
    found = look(REPO, lambda what, share: told.append(share or 0.0))
    assert not hub.cuts
    assert found.keys == look(folder).keys and told[-1] == 1.0 and max(told) == 1.0
    for file in folder.iterdir():
        assert (found.folder / file.name).read_bytes() == file.read_bytes()


def test_a_connection_that_stays_broken_is_named(hub, monkeypatch):
    hub.cuts = 10**6
    monkeypatch.setattr(hub, "ranges", False)  # so that every try begins again
    with pytest.raises(LoadError, match="connection to the hub was lost: try again to go on"):
        look(REPO)


def test_what_was_damaged_on_its_way_is_thrown_away(hub, tmp_path):
    name = "model-00002-of-00005.safetensors"
    part = tmp_path / "cache" / "models--someone--tiny" / "blobs"
    part.mkdir(parents=True)
    part = part / f"{sha256(hub.files[name]).hexdigest()}.partial"
    part.write_bytes(b"not what it should be")
    with pytest.raises(LoadError, match="damaged on its way"):
        look(REPO)
    assert not part.exists()
    assert look(REPO).keys


def test_two_programs_do_not_fetch_the_same_file(hub, tmp_path):
    from filelock import FileLock

    locks = tmp_path / "cache" / ".locks" / "models--someone--tiny"
    locks.mkdir(parents=True)
    lock = FileLock(locks / f"{sha256(hub.files['config.json']).hexdigest()}.lock")
    with lock, pytest.raises(LoadError, match="Another program is downloading"):
        look(REPO)
    assert look(REPO).keys


CARD = Machine("cuda", "the Test Card", 1000, 24 << 30, 1 << 40, 1 << 40)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (CARD, "1 kB are free"),
        (Machine("cpu", "this computer", 1 << 40, 1 << 40, 1 << 40, 1000), "No room on the disk"),
    ],
)
def test_a_model_that_would_not_fit_is_not_even_fetched(hub, monkeypatch, tmp_path, room, words):
    monkeypatch.setattr(machine, "look", lambda device="auto": room)
    with pytest.raises(LoadError, match=f"(?i){words}"):
        look(REPO)
    assert not list((tmp_path / "cache").rglob("*.partial")) and not list(
        (tmp_path / "cache").rglob("*.safetensors")
    )


def test_a_precision_that_does_not_fit_is_refused_before_anything_is_fetched(hub, monkeypatch, tmp_path):
    def look(device="auto"):
        full = survey(REPO).bytes("full", "cpu")
        return Machine(device, "this computer", full - 1, 1 << 40, full - 1, 1 << 40)

    monkeypatch.setattr(machine, "look", look)
    with pytest.raises(LoadError, match=r"needs .* free on this computer"):
        find(REPO, lambda *_: None, lambda: False, "cpu", "full")
    assert not list((tmp_path / "cache").rglob("*.safetensors"))


def test_a_plan_of_a_model_on_the_hub_fetches_no_weights(hub, folder, tmp_path):
    here, there = survey(folder), survey(REPO)
    assert there.origin == "hub" and there.missing == there.files > 0 and here.missing == 0
    assert there.weights.slots == here.weights.slots
    assert there.config == here.config and there.name == REPO
    assert not any((tmp_path / "cache").rglob("*"))


def test_a_plan_counts_what_a_download_left(hub):
    told = []
    with pytest.raises(CancelError):
        look(REPO, lambda what, share: told.append(share), lambda: any(share and share > 0.5 for share in told))
    plan = survey(REPO)
    assert plan.missing / plan.files == pytest.approx(1 - told[-1], abs=0.05)


def test_a_plan_of_what_was_fetched_asks_nobody(hub, folder, monkeypatch):
    look(REPO)
    hub.asked.clear()
    plan = survey(REPO)
    assert not hub.asked and plan.origin == "cache" and plan.missing == 0 and plan.source == REPO
    assert plan.weights.numbers == survey(folder).weights.numbers
    assert REPO in known()


def test_the_published_model_is_known_without_a_network(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for name, size in ((published.HUB, 51.7e9), (published.PACKED, 16.6e9)):
        plan = survey(name)
        assert plan.note and plan.missing == plan.files == pytest.approx(size, rel=0.002)
    with pytest.raises(LoadError, match="hub cannot be reached"):
        survey(REPO)


def test_a_portal_that_answers_instead_of_the_hub_is_no_crash(hub, monkeypatch):
    monkeypatch.setattr(Answer, "listing", lambda self: "please log in")
    with pytest.raises(LoadError, match="no answer that makes sense"):
        survey(REPO)


@pytest.mark.parametrize(
    "entry",
    [
        "config.json",
        None,
        {"path": None},
        {"path": "x" * 300 + ".json"},
        {"path": "../x.json"},
        {"path": "x.json", "size": 10**30},
        {"path": "x.json", "size": -1},
    ],
)
def test_a_listing_that_makes_no_sense_is_told(hub, monkeypatch, entry):
    file = {"type": "file", "oid": "a" * 40, "size": 1}
    known = Answer.listing

    def listing(self):
        told = known(self)
        if isinstance(told, list):
            told.append(file | entry if isinstance(entry, dict) else entry)
        return told

    monkeypatch.setattr(Answer, "listing", listing)
    with pytest.raises(LoadError, match="no answer that makes sense"):
        survey(REPO)


def test_another_kind_of_model_is_refused_before_it_is_fetched(hub):
    hub.files["config.json"] = b'{"model_type": "llama"}'
    for ask in (look, survey):
        with pytest.raises(LoadError, match="no DiffusionGemma"):
            ask(REPO)
    assert not any(asked.startswith("GET") and asked.endswith(".safetensors") for asked in hub.asked)


def test_what_the_program_can_offer_before_anybody_asks(hub):
    assert known() == [None, published.HUB, published.PACKED]
    with pytest.raises(LoadError, match="no folder"):
        survey("./nowhere")


@pytest.mark.parametrize("text", ["nowhere", "./no/such", "/no/such/folder", "a/b/c", "~/nothing/here"])
def test_what_is_neither_a_folder_nor_an_id_is_no_download(text):
    with pytest.raises(LoadError, match="no folder"):
        look(text)


def test_a_folder_is_called_by_its_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert look(".").name == look(folder).name == folder.name


def test_none_is_the_embedded_model(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "EMBEDDED", folder)
    assert look(None).name == "seedling" and look(None).folder == folder
    monkeypatch.setattr(source, "EMBEDDED", tmp_path / "gone")
    with pytest.raises(LoadError, match="install the program again"):
        look(None)


# What is stored in another layout.


def restored(hub, folder: Path) -> None:
    hub.files = {file.name: file.read_bytes() for file in folder.iterdir()}


def nothing_was_fetched(hub, tmp_path, words) -> None:
    """Whoever looks and whoever wants to load is told, and no more than the heads of files came over."""
    with pytest.raises(LoadError, match=words) as caught:
        look(REPO)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    assert not list((tmp_path / "cache").rglob("*.safetensors")) + list((tmp_path / "cache").rglob("*.partial"))


@pytest.fixture
def other(tmp_path) -> Path:
    """A checkpoint into which groups of 64 fit, to be stored anew."""
    return tiny.checkpoint(tmp_path / "other", hidden_size=64, moe_intermediate_size=64, intermediate_size=64)


@pytest.mark.parametrize("write", [layouts.mlx, layouts.compressed])
def test_a_layout_that_is_read_is_judged_before_and_is_the_same_after(hub, other, write):
    write(other, files=3)
    restored(hub, other)
    there = survey(REPO)
    assert there.weights.packed and there.origin == "hub"
    found = look(REPO)
    assert found.slots == there.weights.slots == look(other).slots
    assert there.bytes("int4", "cuda") == survey(REPO).bytes("int4", "cuda")


def test_a_layout_that_is_not_read_is_told_before_anything_is_fetched(hub, other, tmp_path):
    config = json.loads((other / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "modelopt", "quant_algo": "NVFP4"}
    (other / "config.json").write_text(json.dumps(config))
    restored(hub, other)
    nothing_was_fetched(hub, tmp_path, f"stored as NVFP4.*choose {published.PACKED}")
    with pytest.raises(LoadError, match="stored as NVFP4"):
        survey(REPO)


def unplugged(monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")


def test_why_a_model_here_cannot_be_used_is_told_where_the_hub_cannot_be_asked(hub, monkeypatch):
    found = look(REPO)
    told, config = (found.folder / "config.json").read_text(), found.folder / "config.json"
    unplugged(monkeypatch)
    for change, words in (
        ({"quantization_config": {"quant_method": "gptq"}}, "stored as GPTQ"),
        ({"canvas_length": 0}, "canvas_length"),
    ):
        config.write_text(json.dumps(json.loads(told) | change))
        for ask in (look, survey):
            with pytest.raises(LoadError, match=words):
                ask(REPO)
    config.write_text("{")
    with pytest.raises(LoadError, match=r"cannot be read: fetch the model again\.$"):
        look(REPO)
    config.unlink()
    with pytest.raises(LoadError, match="cannot be reached"):
        look(REPO)


def test_what_helps_depends_on_where_a_model_lies(hub, folder, tmp_path):
    own = Path(shutil.copytree(folder, tmp_path / "own"))
    (own / "config.json").write_text("{")
    with pytest.raises(LoadError, match="copy the model there again"):
        look(own)
    assert checkpoint.mend(EMBEDDED / "config.json") == "install the program again"


@pytest.mark.parametrize("change", [{"num_hidden_layers": 4}, {"num_experts": 8}, {"vocab_size": 8192}])
def test_a_folder_whose_config_describes_other_weights_is_told_before_it_is_loaded(other, change):
    config = json.loads((other / "config.json").read_text())
    config["text_config"] |= change
    config["text_config"].pop("layer_types", None)
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(LoadError, match=r"does not hold the weights that its config\.json describes"):
        survey(other)


@pytest.mark.parametrize("kept", [("config.json",), ()])
def test_gguf_is_told_before_anything_is_fetched(hub, tmp_path, kept):
    hub.files = {name: hub.files[name] for name in kept} | {"tiny-Q4_K_M.gguf": b"GGUF"}
    nothing_was_fetched(hub, tmp_path, "stored as GGUF")
    with pytest.raises(LoadError, match="stored as GGUF"):
        survey(REPO)


@pytest.mark.parametrize("change", [{"num_hidden_layers": 4}, {"intermediate_size": 4096}, {"num_experts": 8}])
def test_a_config_that_describes_other_weights_is_told_before_anything_is_fetched(hub, other, tmp_path, change):
    config = json.loads((other / "config.json").read_text())
    config["text_config"] |= change
    config["text_config"].pop("layer_types", None)
    (other / "config.json").write_text(json.dumps(config))
    restored(hub, other)
    nothing_was_fetched(hub, tmp_path, r"does not hold the weights that its config\.json describes")
