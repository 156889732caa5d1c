"""Where models come from: the embedded one, folders, and a hub, played here by a server on this computer."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

import tiny
from engine import source
from engine.checkpoint import LoadError
from engine.source import CancelError, find

REPO, SHA = "someone/tiny", "a" * 40


class Hub(ThreadingHTTPServer):
    """The few answers of the hub that a download needs, for one repository with the files of a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.files["trap.py"] = self.files["pytorch_model.bin"] = b"never to be fetched"
        self.gated, self.asked = False, []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        if REPO not in self.path:
            self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif self.server.gated:
            self.reply(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif self.path.startswith("/api/"):
            self.reply(200, json.dumps(self.listing()).encode(), {})
        else:
            body = self.server.files[self.path.rpartition("/")[2]]
            self.reply(200, body, {"ETag": f'"{abs(hash(body))}"', "X-Repo-Commit": SHA})

    do_HEAD = do_GET  # noqa: N815

    def listing(self):
        if "/tree/" in self.path:
            return [
                {"type": "file", "path": name, "size": len(body), "oid": "0" * 40}
                for name, body in self.server.files.items()
            ]
        names = [{"rfilename": name} for name in self.server.files]
        return {
            "_id": "1",
            "id": REPO,
            "modelId": REPO,
            "sha": SHA,
            "siblings": names,
            "private": False,
            "tags": [],
        }

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
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


def test_a_download_can_be_cancelled(hub):
    told = []
    with pytest.raises(CancelError):
        look(REPO, lambda what, share: told.append(share), lambda: any(share for share in told))


def test_a_model_that_would_not_fit_is_not_even_fetched(hub, monkeypatch):
    monkeypatch.setattr(source, "free_memory", lambda: 1000)
    with pytest.raises(LoadError, match="memory"):
        look(REPO)
    assert not any(asked.startswith("GET") and asked.endswith(".safetensors") for asked in hub.asked)


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
