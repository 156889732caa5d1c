"""Waits, causes and ends: a hub, a server, a disk, a card or a system that does what it should not.

What is promised of each is in test_faults.py. Every port is on this computer, every wait has an end.
"""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from huggingface_hub import constants
from PySide6.QtCore import Qt
from rich.console import Console
from rich.text import Text
from test_source import REPO, folder, hub  # noqa: F401

import tiny
from app.keep.history import History
from app.keep.prefs import Prefs
from app.run.session import Session
from app.window.window import Window
from engine.__main__ import main
from engine.commands.console import speak, terminal
from engine.model import trouble, weights
from engine.model.choice import source
from engine.model.computer import machine, memory
from engine.model.folder.checkpoint import CancelError, LoadError
from engine.model.gemma import Gemma
from engine.model.hub import causes, download, repository
from engine.remote import server, wire
from engine.remote.server import RemoteError, Server
from engine.steps.run import Run
from engine.values.recording import Recording
from engine.values.turns import NOTHING
from engine.values.words import letters
from samples import recording, until
from widgets.choice import READY

ROOT = Path(__file__).parent.parent


class Rude:
    """A server that reads what it is asked and then does as it likes: `manner(socket)`."""

    def __init__(self, manner):
        self._port, self._open = socket.create_server(("127.0.0.1", 0)), True
        self._port.settimeout(0.05)
        self._manner, self.address = manner, f"http://127.0.0.1:{self._port.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        lines = []
        while self._open:
            try:
                line, _ = self._port.accept()
            except TimeoutError:
                continue
            line.settimeout(5)
            lines.append(threading.Thread(target=self._answer, args=(line,)))
            lines[-1].start()
        for line in lines:
            line.join(10)

    def _answer(self, line):
        with line:
            try:
                line.recv(65536)
                self._manner(self, line)
            except OSError:
                pass

    def drip(self, line, data, start=b""):
        line.sendall(start)
        while self._open:
            line.sendall(data)
            time.sleep(0.02)

    def flood(self, line, data, start=b""):
        line.sendall(start)
        while self._open:
            line.sendall(data)

    def close(self):
        self._open = False
        self._thread.join()
        self._port.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
MANNERS = {
    "silent": lambda rude, line: rude.drip(line, b""),
    "headers": lambda rude, line: rude.drip(line, b"x", b"HTTP/1.1 200 OK\r\nX-A: "),
    "trickle": lambda rude, line: rude.drip(line, b" ", OK),
    "flood": lambda rude, line: rude.flood(line, b" " * 65536, OK),
    "comments": lambda rude, line: rude.flood(line, b": still here\n" * 1000, OK),
}


@pytest.fixture
def rude(request):
    made = Rude(MANNERS[request.param])
    yield made
    made.close()


@pytest.fixture
def nowhere(rude, tmp_path, monkeypatch):
    """A hub that behaves like `rude`."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", rude.address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def fetch(cancelled=lambda: False):
    return source.find(REPO, lambda *_: None, cancelled)


@pytest.mark.parametrize("rude", ["silent", "headers", "trickle", "flood"], indirect=True)
def test_a_hub_has_an_end(nowhere, monkeypatch):
    monkeypatch.setattr(repository, "ANSWER", 0.3)
    monkeypatch.setattr(repository, "MOST", 1 << 20)
    with pytest.raises(LoadError, match=r"within 0 s: try again|no answer that makes sense"):
        fetch()


@pytest.mark.parametrize("rude", ["silent"], indirect=True)
def test_cancel_acts_while_a_hub_says_nothing(nowhere):
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    with pytest.raises(CancelError):
        fetch(cancelled.is_set)


def test_a_cached_model_asks_nobody(hub, monkeypatch):  # noqa: F811
    before = fetch()
    monkeypatch.setattr(repository, "_get", lambda *_: pytest.fail("the hub was asked"))
    assert fetch() == before


def test_a_download_that_stalls_is_taken_up_again(hub, monkeypatch):  # noqa: F811
    monkeypatch.setattr(download, "WINDOW", 0.2)
    monkeypatch.setattr(download, "LEAST", 1)
    stream, stalls = download._Download._stream, [3]

    def stall(self, file, url, wanted, gone):
        if stalls[0]:
            stalls[0] -= 1
            while not gone():
                time.sleep(0.01)
            return None
        return stream(self, file, url, wanted, gone)

    monkeypatch.setattr(download._Download, "_stream", stall)
    assert fetch().keys and not stalls[0]


def answer(status, **headers):
    error = OSError("no")
    error.response = SimpleNamespace(status_code=status, headers=headers)
    return error


@pytest.mark.parametrize(
    ("error", "token", "words"),
    [
        (answer(401), "hf_x", "does not accept your token.*hf auth login"),
        (answer(401), None, "There is no model"),
        (answer(403), None, "may not hand out"),
        (answer(404), None, "spelling"),
        (answer(429, **{"Retry-After": "17"}), None, "try again in 17 s"),
        (answer(451), None, "legal reasons"),
        (answer(503), None, r"trouble of its own \(status 503\)"),
        (OSError(errno.ENOSPC, "No space left", "/d"), None, "disk is full in /d: make room"),
        (PermissionError(errno.EACCES, "denied", "/d"), None, "may not be stored in /d: let your account"),
        (OSError(errno.EIO, "Input/output error"), None, "look at the disk"),
        (ImportError("Using SOCKS proxy, but the 'socksio' package is not installed"), None, "through the proxy"),
        (ConnectionError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), None, "certificate is not trusted"),
        (ConnectionError("Name or service not known"), None, "cannot be reached"),
        (TimeoutError("timed out"), None, "does not answer"),
        (AttributeError("what a library never announced"), None, "cannot be fetched"),
    ],
)
def test_every_cause_has_its_sentence(monkeypatch, error, token, words):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: token)
    with pytest.raises(LoadError, match=words) as told, causes.explained(REPO):
        raise error
    assert str(told.value).endswith(".") and "\n" not in str(told.value)


def test_a_proxy_is_named_without_its_secret(monkeypatch):
    for name in causes.PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks://me:sesame@127.0.0.1:7890")
    told = str(causes.cause(ValueError("Unknown scheme for proxy URL"), REPO))
    assert "ALL_PROXY (socks://127.0.0.1)" in told and "sesame" not in told


def test_what_is_damaged_is_fetched_again(hub, folder):  # noqa: F811
    found = fetch()
    file = next(found.folder.glob("*00002*.safetensors"))
    damaged = bytearray(file.read_bytes())
    damaged[-1] ^= 255
    file.resolve().write_bytes(damaged)
    assert fetch().keys == found.keys  # nothing that could be seen without reading it all
    source.again(REPO, lambda *_: None, lambda: False)
    hub.sent = 0
    assert fetch().keys == found.keys and hub.sent == len(damaged)
    assert file.read_bytes() == (folder / file.name).read_bytes()


def test_without_links_a_file_is_there_once(hub, folder, tmp_path, monkeypatch):  # noqa: F811
    def no(*_, **__):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", no)
    found = fetch()
    kept = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())
    whole = sum(file.stat().st_size for file in folder.iterdir())
    assert whole <= kept < 1.1 * whole and found.keys
    assert source.survey(REPO).missing == 0


@pytest.mark.parametrize("rude", MANNERS, indirect=True)
def test_a_server_has_an_end(rude, monkeypatch):
    for name in ("CONNECT", "STALL", "POINT"):
        monkeypatch.setattr(wire, name, 0.3)
    monkeypatch.setattr(server, "ANSWER", 0.3)
    with pytest.raises(RemoteError):
        Server(rude.address).model()
    with pytest.raises(RemoteError):
        list(Server(rude.address).write("x", NOTHING.asked("a fox")))


@pytest.mark.parametrize("tokens", [float("inf"), float("nan"), 10**30, "many"])
def test_a_server_sends_no_more_than_was_asked_for(tokens):
    event = {"choices": [{"delta": {"content": "a"}}], "usage": {"completion_tokens": tokens}}
    text = b"data: " + json.dumps(event).encode() + b"\n\n"
    rude = Rude(lambda rude, line: line.sendall(OK + text))
    with pytest.raises(RemoteError, match=r"more than was asked for|no vLLM server"):
        list(Server(rude.address).write("x", NOTHING.asked("a fox")))
    rude.close()


def test_a_lost_card_means_start_again():
    told = trouble.known(RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be ..."))
    assert "start Unnoise again" in told and "unspecified launch failure" in told
    assert trouble.known(RuntimeError("sizes do not match")) is None


def test_a_card_that_cannot_compute_is_not_used(monkeypatch):
    def ones(*_, **__):
        raise RuntimeError("CUDA error: no kernel image is available\nCUDA kernel errors might be ...")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch, "ones", ones)
    machine.computes.cache_clear()
    try:
        assert machine.best() == "cpu" and "no kernel image" in machine.unused()
    finally:
        machine.computes.cache_clear()


@pytest.mark.parametrize("version", [1, 2])
def test_a_container_has_its_own_limits(tmp_path, monkeypatch, version):
    group = tmp_path / ("memory/box" if version == 1 else "box")
    processors = tmp_path / ("cpu/box" if version == 1 else "box")
    for made in (group, processors):
        made.mkdir(parents=True, exist_ok=True)
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if version == 1 else ("memory.max", "memory.current")
    for name, value in zip(names, (1000, 700), strict=True):
        (group / name).write_text(f"{value}\n")
    (group / "memory.stat").write_text("inactive_file 200\n")
    (processors / "cpu.max").write_text("150000 100000\n")
    (processors / "cpu.cfs_quota_us").write_text("150000\n")
    (processors / "cpu.cfs_period_us").write_text("100000\n")
    member = tmp_path / "member"
    member.write_text("5:memory:/box\n4:cpu:/box\n" if version == 1 else "0::/box\n")
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    monkeypatch.setattr(memory, "MEMBER", member)
    assert memory.free() == 500 and memory.total() == 1000 and memory.processors() <= 2


SLOW = """
import os, sys, threading
from engine.steps.run import Run
step = Run.step
def slow(self, index, at, *rest):
    if at == 2:
        os.kill(os.getpid(), int(os.environ["SIGNAL"]))
    return step(self, index, at, *rest)
Run.step = slow
from app.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny.checkpoint(tmp_path_factory.mktemp("model")))


def process(*arguments, **more):
    clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    clean |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=clean, timeout=120)


def signalled(model, path):
    return ["run", "a fox", "--model", model, "--record", str(path), "--steps", "9", "--confidence", "0"]


def kept_two(path):
    kept = Recording.load(path)
    return len(kept.frames) == 2 and kept.outcome == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_keeps_what_a_run_has(model, tmp_path, name, monkeypatch, capsys):
    path, number, step = tmp_path / "r.unnoise", getattr(signal, name), Run.step

    def slow(run, index, at, *rest):
        if at == 2:
            signal.raise_signal(number)
        return step(run, index, at, *rest)

    monkeypatch.setattr(Run, "step", slow)
    assert main(signalled(model, path)) == 128 + number and kept_two(path)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_so_does_one_from_another_process(model, tmp_path):
    path = tmp_path / "r.unnoise"
    result = process("-c", SLOW, *signalled(model, path), SIGNAL=str(int(signal.SIGTERM)))
    assert result.returncode == 128 + signal.SIGTERM and "Traceback" not in result.stderr, result.stderr
    assert kept_two(path)


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_a_signal_in_the_first_moment_is_no_traceback():
    early = (
        "import os, signal, sys; from app.__main__ import main; import builtins; real = builtins.__import__\n"
        "def loud(name, *rest, **more):\n"
        "    if name == 'numpy': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = loud; main(['--help'])"
    )
    result = process("-c", early)
    assert result.returncode == 130 and not result.stderr and not result.stdout


def test_a_run_is_there_again_once(tmp_path):
    run = recording(steps=3)
    run.outcome = ""
    History(100, tmp_path).put(run, over=False)
    (entry,) = History(100, tmp_path).read()
    kept = History(100, tmp_path).load(entry.id)
    assert entry.open and len(kept.frames) == 3 and kept.outcome == "stopped" and run.outcome == ""


def test_any_alphabet_and_nobody_who_reads(tmp_path):
    words = "print(chr(0x1f600)); sys.stdout.flush()"
    work = f"import sys; from engine.__main__ import ended; sys.exit(ended(lambda: {{}} or exec({words!r}) or 0))"
    result = process("-c", work, PYTHONIOENCODING="cp1252")
    assert (result.returncode, result.stdout, result.stderr) == (0, "?\n", "")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as deaf:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        run = [sys.executable, "-c", work]
        result = subprocess.run(run, stdout=deaf, stderr=subprocess.PIPE, env=environment, timeout=60)
    assert (result.returncode, result.stderr) == (speak.DEAF, b"")


def test_a_latin_argument_is_its_letters():
    assert speak.words(os.fsdecode(b"caf\xe9")) == "caf\u00e9"
    assert speak.words("caf\u00e9 \u2603") == "caf\u00e9 \u2603"


WHOLE = [
    "12\u00a0000\u202f\u20ac",
    "\u0645\u06cc\u200c\u062e\u0648",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "e\u0301",
]


@pytest.mark.parametrize("text", WHOLE)
def test_letters_stay_whole_and_harmless(text):
    assert terminal.printable(text) == text
    parts = [text.encode()[at : at + 1] for at in range(len(text.encode()))]
    assert "".join(letters.spelled(parts)) == text
    assert "\ufffd" in "".join(letters.spelled([*parts[:1], None, *parts[1:]])) or text[0].isascii()
    assert not set(terminal.printable("\x1b[2J\x07\u202e\u2028")) & set("\x1b\x07\u202e\u2028")


def test_the_end_of_a_tall_text_is_seen():
    console = Console(width=20, height=6, record=True, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    console.print(terminal.Tail(Text("\n".join(f"line {at}" for at in range(40)))), end="")
    shown = console.export_text()
    console.file.close()
    assert "line 39" in shown and "line 34" in shown and "line 33" not in shown


def test_torch_comes_before_qt_on_windows():
    probe = """
import sys, importlib.abc, importlib.machinery
order = []
class Watch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name in ("torch", "PySide6"):
            order.append(name)
        return importlib.machinery.ModuleSpec(name, self) if name == "torch" else None
    def exec_module(self, module): pass
sys.meta_path.insert(0, Watch())
sys.platform = "win32"
import app
sys.platform = "linux"
import app.desktop
assert order[:2] == ["torch", "PySide6"], order
"""
    result = process("-c", probe)
    assert result.returncode == 0, result.stderr


def test_fetch_again_in_the_picker_mends_a_damaged_model(hub, folder, loop, qtbot, monkeypatch):  # noqa: F811
    monkeypatch.setattr(source, "known", lambda: [None, REPO])
    found = fetch()
    file = next(found.folder.glob("*00002*.safetensors"))
    file.resolve().write_bytes(file.read_bytes()[:-1])
    with pytest.raises(LoadError, match="half there: fetch the model again"):
        Gemma(weights.build(found, "cpu", torch.float32, "full", lambda *_: None, lambda: False), None, "")
    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.models.open()
    picker = window.models.picker
    loop.run_until_complete(until(lambda: REPO in picker._cards and picker._cards[REPO].choice.state == READY))
    picker.choose(REPO)
    qtbot.mouseClick(picker._again, Qt.MouseButton.LeftButton)
    loop.run_until_complete(until(lambda: window.session.model is not None and not window.session.loading))
    assert window.session.source == REPO and file.read_bytes() == (folder / file.name).read_bytes()
    window.close()
    loop.run_until_complete(window.finish())


def test_a_command_names_the_flag_that_mends_a_damaged_model(hub, capsys):  # noqa: F811
    found = fetch()
    file = found.folder / "tokenizer.json"
    file.resolve().write_bytes(b"{" + file.read_bytes()[1:-1] + b"!")
    assert main(["run", "a fox", "--model", REPO, "--device", "cpu"]) == 2
    assert "run it again with --fetch-again." in capsys.readouterr().err
    assert main(["run", "a fox", "--model", REPO, "--device", "cpu", "--steps", "1", "--fetch-again"]) == 0


def test_a_proxy_that_does_not_answer_is_named(monkeypatch):
    kind = type("ConnectError", (Exception,), {})
    error = type("Refused", (kind, ConnectionError), {})("[Errno 111] Connection refused")
    for name in causes.PROXIES:
        monkeypatch.delenv(name, raising=False)
    assert "connect to the internet" in str(causes.cause(error, REPO))
    monkeypatch.setenv("HTTPS_PROXY", "http://me:sesame@10.0.0.9:3128")
    told = str(causes.cause(error, REPO))
    assert "HTTPS_PROXY (http://10.0.0.9)" in told and "sesame" not in told
