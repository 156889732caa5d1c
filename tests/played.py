"""A vLLM server, played: what it streams is a story of whole canvases. The fixture `stub` is one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "google/diffusiongemma-26B-A4B-it"
TEXTS = ("Once upon a time there was a fox, ", "who found a lantern \u2603.")


def chunk(text="", ids=0, stop=None, **more):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": stop, "token_ids": list(range(ids))}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": NAME, "choices": [choice]} | more


USAGE = {"object": "chat.completion.chunk", "choices": [], "usage": {"completion_tokens": 300}}
STORY = [chunk(), chunk(TEXTS[0], 256), chunk(TEXTS[1], 44, "stop"), USAGE, b"data: [DONE]\n\n"]


class Stub(ThreadingHTTPServer):
    """What a test needs of vLLM's server. `story` is what it streams: events, raw bytes, and what else to do."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.models = [{"id": NAME, "object": "model", "root": NAME}]
        self.story, self.key, self.status, self.body = STORY, None, 200, b"{}"
        self.asked, self.keys, self.gone = [], [], threading.Event()
        self.closes = False  # the connection behind every answer, and says so

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.allowed() and self.path == "/v1/models":
            self.reply(200, json.dumps({"object": "list", "data": self.server.models}).encode())
        elif self.path != "/v1/models":
            self.reply(404, b'{"detail": "Not Found"}')

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.allowed():
            return None
        assert self.path == "/v1/chat/completions"
        self.server.asked.append(asked)
        if self.server.status != 200:
            return self.reply(self.server.status, self.server.body)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        if self.server.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        try:
            for event in self.server.story:
                self.tell(event)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.server.gone.set()
        return None

    def tell(self, event):
        if callable(event):
            return event(self)
        data = event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() + b"\n\n"
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        return self.wfile.flush()

    def allowed(self):
        self.server.keys.append(self.headers.get("Authorization"))
        if self.server.key and self.server.keys[-1] != f"Bearer {self.server.key}":
            self.reply(401, b'{"error": "Unauthorized"}')
            return False
        return True

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
