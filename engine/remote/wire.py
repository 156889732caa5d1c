"""Wire: one request to a server over HTTP, its answer line by line, and a way to stop waiting for it.

Knows nothing of models, and no torch.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, Queue
from threading import Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from engine.model.checkpoint import LoadError

KEY = "UNNOISE_API_KEY"  # of the environment; a key is nowhere else, and never stored
CONNECT = 10.0  # seconds until nobody answers
STALL = 120.0  # seconds without a byte until an answer counts as lost: a busy server lets requests wait
LOOK = 0.05  # seconds between two looks at whether to go on waiting
LONGEST = 1 << 22  # bytes of a line


class RemoteError(LoadError):
    """A server that does not do what is asked, in one sentence that says what to do."""


def is_address(text: str | None) -> bool:
    """Whether it names a server: a folder or a hub id never begins like that."""
    return (text or "").lower().startswith(("http://", "https://"))


class Wire:
    """The way to a server and back. `address` is like http://host:8000, with or without /v1. Raises RemoteError."""

    def __init__(self, address: str) -> None:
        try:
            self._parts = parts = urlsplit(address if "://" in address else f"http://{address}")
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            raise RemoteError(f"{address} is no address of a server: give one like http://host:8000.")
        path = parts.path.rstrip("/").removesuffix("/v1")
        self._root = path + "/v1"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.address = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{path}"

    def lines(
        self, method: str, path: str, content: Any = None, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[float, bytes]]:
        """The lines of an answer, each with the seconds since the asking. Waiting ends when `stopped()`.

        `content` is sent as JSON.
        """
        body = None if content is None else json.dumps(content).encode()
        request = method, self._root + path, body, _headers()
        connection, box = self._connect(), Queue()
        line = connection.sock
        call = Thread(target=_ask, args=(connection, request, box), name="remote")
        began = perf_counter()
        call.start()
        try:
            while not stopped():
                with suppress(Empty):
                    when, what = box.get(timeout=LOOK)
                    if what is None:
                        return
                    if not isinstance(what, bytes):
                        raise self._explain(what)
                    yield when - began, what
        finally:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # a thread that still waits for it wakes up
            call.join()
            connection.close()

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname, self._parts.port, timeout=CONNECT)
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            why = "it does not answer" if isinstance(error, TimeoutError) else plain(error)
            raise RemoteError(
                f"{self.address} cannot be reached ({why}): look at the address and whether the server runs."
            ) from error
        connection.sock.settimeout(STALL)
        return connection

    def _explain(self, what: tuple[int, bytes] | Exception) -> RemoteError:
        """Why there are no more lines: a status with what came with it, or an error of the connection."""
        if isinstance(what, TimeoutError):
            return RemoteError(f"The server at {self.address} has sent nothing for {STALL:.0f} s: try again later.")
        if isinstance(what, Exception):
            why = plain(what) or type(what).__name__
            return RemoteError(f"The connection to {self.address} broke off ({why}): run it again.")
        status, body = what
        if status in (401, 403):
            return RemoteError(f"The server at {self.address} wants another key: put it into {KEY}.")
        reason = complaint(parsed(body) or {})
        if status in (404, 405) and not reason:
            return RemoteError(f"There is no vLLM server at {self.address} ({status}): look at the address.")
        return RemoteError(f"The server at {self.address} refused ({reason or f'status {status}'}).")


def _headers() -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if key := os.environ.get(KEY, "").strip():
        if not (key.isascii() and key.isprintable()):  # http.client would print it
            raise RemoteError(f"What {KEY} holds is no key: set it again, or not at all.")
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _ask(connection: HTTPConnection, request: tuple, box: Queue) -> None:
    """Ask, and put (when, line) into the box for every line; at the end (when, None), or why there is no more."""
    try:
        connection.request(*request)
        answer = connection.getresponse()
        if answer.status != 200:
            box.put((perf_counter(), (answer.status, answer.read(LONGEST))))
            return
        while line := answer.readline(LONGEST):
            box.put((perf_counter(), line))
        box.put((perf_counter(), None))
    except (OSError, HTTPException, ValueError) as error:
        box.put((perf_counter(), error))


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
    """Somebody else's words, short, on one line, and harmless in a terminal."""
    words = " ".join(str(text).split())[:200].rstrip(".")
    return "".join(c for c in words if c.isprintable())
