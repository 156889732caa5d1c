"""Wire: one request to a server over HTTP, its answer line by line, and a way to stop waiting for it.

Knows nothing of models, and no torch.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from queue import Empty, Full, Queue
from threading import Event, Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from engine.model.folder.checkpoint import LoadError
from engine.values.words.letters import quoted

KEY = "UNNOISE_API_KEY"  # of the environment; a key is nowhere else, and never stored
CONNECT = 10.0  # seconds until nobody answers
LEAVE = 1.0  # ... that whoever stops waiting gives the thread to end
STALL = 120.0  # seconds without a byte until an answer counts as lost: a busy server lets requests wait
POINT = 600.0  # ... in which nothing comes but comments, which say that it still lives
MOVED = (301, 302, 303, 307, 308)
LOOK = 0.05  # seconds between two looks at whether to go on waiting
LONGEST = 1 << 22  # bytes of a line
MOST = 1 << 26  # bytes of an answer: far more than any text has
BOX = 64  # lines that wait to be read, here; the others wait there
_HOST = re.compile(r"[^\s\x00-\x20/?#@]+")  # what no client would refuse
ASKED = object()  # what comes before the lines, once there is a connection


class RemoteError(LoadError):
    """A server that does not do what is asked, in one sentence that says what to do."""


def is_address(text: str | None) -> bool:
    """Whether it names a server: a folder or a hub id never begins like that."""
    return (text or "").lower().startswith(("http://", "https://"))


class Wire:
    """The way to a server and back. `address` is like http://host:8000, with or without /v1. Raises RemoteError."""

    def __init__(self, address: str) -> None:
        address = address.strip()
        try:
            self._parts = parts = urlsplit(address if "://" in address else f"http://{address}")
            valid = parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or ""))
            valid = valid and parts.port != 0 and parts.hostname.encode("idna").isascii()
        except ValueError:
            valid = False
        if not valid:
            raise RemoteError(f"{quoted(address)} is no address of a server: give one like http://host:8000.")
        path = parts.path.rstrip("/").removesuffix("/v1")
        self._root = path + "/v1"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.address = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{path}"

    def lines(
        self,
        method: str,
        path: str,
        content: Any = None,
        stopped: Callable[[], bool] = lambda: False,
        most: int = MOST,
        within: float = float("inf"),
    ) -> Iterator[tuple[float, bytes]]:
        """The lines of an answer, each with the seconds since the asking. Waiting ends when `stopped()`.

        `content` is sent as JSON. RemoteError after `most` bytes, after `within` seconds, and when nothing comes.
        """
        body = None if content is None else json.dumps(content).encode()
        request = method, self._root + path, body, _headers()
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname, self._parts.port, timeout=CONNECT)
        box, gone, clock, size = Queue(BOX), Event(), _Clock(within), 0
        line: list[socket.socket] = []  # one that ends behind the answer the connection soon forgets
        call = Thread(target=_ask, args=(connection, request, box, gone, line), name="remote", daemon=True)
        call.start()
        try:
            while not stopped():
                if late := clock.late():
                    raise self._fault(late)
                with suppress(Empty):
                    when, what = box.get(timeout=LOOK)
                    if what is None:
                        return
                    if what is ASKED:
                        clock.asked(when)
                    elif isinstance(what, bytes):
                        clock.came(when, what)
                        size += len(what)
                        if size > most:
                            raise self._fault("sends without end")
                        before = perf_counter()
                        yield when - clock.began, what
                        clock.rest(perf_counter() - before)
                    else:
                        raise self._explain(what, clock.began is None)
        finally:
            gone.set()
            for open_ in line:
                with suppress(OSError):
                    socket.socket.shutdown(open_, socket.SHUT_RDWR)  # a thread that still waits for it wakes up
            call.join(LEAVE)
            connection.close()

    def _fault(self, what: str) -> RemoteError:
        return RemoteError(f"The server at {self.address} {what}: look at whether it runs, and try again later.")

    def _explain(self, what: tuple[int, bytes] | Exception, early: bool) -> RemoteError:
        """Why there are no more lines: a status with what came with it, or an error of the connection."""
        if isinstance(what, ssl.SSLCertVerificationError):
            hint = "put the certificate of whoever signed it into SSL_CERT_FILE, or use http:// in your own network"
            return RemoteError(f"The certificate of {self.address} is not trusted here: {hint}.")
        if isinstance(what, Exception) and early:
            why = "it does not answer" if isinstance(what, TimeoutError) else plain(what) or type(what).__name__
            hint = "look at the address and whether the server runs"
            return RemoteError(f"{self.address} cannot be reached ({why}): {hint}.")
        if isinstance(what, TimeoutError):
            return self._fault(f"has sent nothing for {STALL:.0f} s")
        if isinstance(what, Exception):
            why = plain(what) or type(what).__name__
            return RemoteError(f"The connection to {self.address} broke off ({why}): run it again.")
        status, body = what
        if status in (401, 403):
            return RemoteError(f"The server at {self.address} wants another key: put it into {KEY}.")
        if status in (429, 503):
            return RemoteError(f"The server at {self.address} is busy, or still starts ({status}): try again soon.")
        if status in MOVED and body:  # not followed: the key is for this server alone
            where = plain(body.decode("utf-8", "replace"))
            return RemoteError(
                f"The server at {self.address} sends on to {where}: give that address if it is right."
            )
        reason = complaint(parsed(body) or {})
        if status in (404, 405) and not reason:
            return RemoteError(f"There is no vLLM server at {self.address} ({status}): look at the address.")
        what = "failed" if status >= 500 else "refused"
        hint = "look at what its own log says, and try again"
        return RemoteError(f"The server at {self.address} {what} ({reason or f'status {status}'}): {hint}.")


def _headers() -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if key := os.environ.get(KEY, "").strip():
        if not (key.isascii() and key.isprintable()):  # http.client would print it
            raise RemoteError(f"What {KEY} holds is no key: set it again, or not at all.")
        headers["Authorization"] = f"Bearer {key}"
    return headers


class _Clock:
    """How long a server has been silent. `began` is when it was asked, None before."""

    def __init__(self, within: float) -> None:
        self.began: float | None = None
        self._start = self._heard = self._told = perf_counter()
        self._within = within

    def asked(self, when: float) -> None:
        self.began = self._heard = self._told = when

    def came(self, when: float, line: bytes) -> None:
        """A line: a comment, or nothing in it, says that it lives, but not that it will ever come to the point."""
        self._heard = max(self._heard, when)
        if line.strip() and not line.startswith(b":"):
            self._told = self._heard

    def rest(self, seconds: float) -> None:
        """Nobody waited for so long: whoever reads was busy, or paused."""
        self._start, self._heard, self._told = (at + seconds for at in (self._start, self._heard, self._told))

    def late(self) -> str:
        """What it does wrong, "" while there is hope."""
        now = perf_counter()
        if self.began is None and now - self._start > CONNECT + LOOK:
            return "does not answer"
        if now - self._start > self._within:
            return f"has not answered within {self._within:.0f} s"
        if self.began is not None and now - self._heard > STALL:
            return f"has sent nothing for {STALL:.0f} s"
        return f"has sent no text for {POINT:.0f} s" if now - self._told > POINT else ""


def _ask(connection: HTTPConnection, request: tuple, box: Queue, gone: Event, line: list[socket.socket]) -> None:
    """Ask, and put (when, line) into the box for every line; at the end (when, None), or why there is no more.
    `line` gets the socket."""

    def put(what: Any) -> None:
        while not gone.is_set():
            with suppress(Full):
                return box.put((perf_counter(), what), timeout=LOOK)
        return None

    try:
        connection.connect()
        line.append(connection.sock)
        connection.sock.settimeout(STALL)
        put(ASKED)
        if gone.is_set():
            return None
        connection.request(*request)
        with connection.getresponse() as answer:  # it may have the socket for itself: the connection closes no such
            if answer.status != 200:
                other = answer.getheader("Location", "").encode() if answer.status in MOVED else None
                return put((answer.status, answer.read(LONGEST) if other is None else other))
            while not gone.is_set() and (words := answer.readline(LONGEST)):
                put(words)
        put(None)
    except Exception as error:  # whatever it is, somebody waits for it
        put(error)


def parsed(text: bytes) -> dict[str, Any] | None:
    """A JSON object, None if it is something else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def complaint(answer: dict[str, Any]) -> str:
    """What a server says went wrong, "" if it does not."""
    error = answer.get("error", answer)
    return plain(error.get("message", "") if isinstance(error, dict) else error)


def plain(text: Any) -> str:
    """Somebody else's words, short, on one line, harmless in a terminal, and without the key if they repeat it."""
    key = os.environ.get(KEY, "").strip()
    words = " ".join((str(text).replace(key, "\u2026") if key else str(text)).split())[:200].rstrip(".")
    return "".join(c for c in words if c.isprintable())
