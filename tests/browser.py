"""A browser without a window, for tests of pages: as much of its debugging protocol as they need, over two pipes.

Source: the Chrome DevTools Protocol.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None) if os.name == "posix" else None
LONGEST = 60.0  # seconds, of a machine that is busy


class Browser:
    """One page. Whatever it asks of the network, and whatever goes wrong in it, is noted."""

    def __init__(self, folder: Path) -> None:
        (ours, self._out), (self._in, theirs) = os.pipe(), os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
        flags += ["--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={folder}"]

        def pipes() -> None:
            """The browser reads from file 3 and writes to file 4."""
            a, b = os.dup(ours), os.dup(theirs)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self._process = subprocess.Popen(
            [PROGRAM, *flags, "about:blank"], preexec_fn=pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(ours)
        os.close(theirs)
        self._count, self._rest, self._session = 0, b"", None
        self.asked: list[str] = []
        self.wrong: list[str] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **parameters):
        """What a command of the protocol answers."""
        self._count += 1
        told = {"id": self._count, "method": method, "params": parameters}
        told |= {"sessionId": self._session} if self._session else {}
        os.write(self._out, json.dumps(told).encode() + b"\0")
        while True:
            answer = self._hear()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, path: Path, at: str = "") -> None:
        """Shows a file, and waits until its script has begun to play it."""
        self("Page.navigate", url="about:blank")  # another place in the same page would not be loaded
        self("Page.navigate", url=path.as_uri() + at)
        self.until("document.readyState === 'complete'")

    def run(self, script: str):
        """What an expression is worth in the page."""
        answer = self("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        end = time.monotonic() + LONGEST
        while not self.run(script):
            assert time.monotonic() < end, f"it never happened: {script}"
            time.sleep(0.02)

    def press(self, key: str, text: str = "") -> None:
        self("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
        self("Input.dispatchKeyEvent", type="keyUp", key=key)

    def prefer(self, **features: str) -> None:
        told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self("Emulation.setEmulatedMedia", features=told)

    def resize(self, width: int, height: int, phone: bool = False) -> None:
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def shoot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self("Page.captureScreenshot")["data"]))

    def keep(self, folder: Path) -> None:
        """What pages offer to be saved goes there."""
        session, self._session = self._session, None  # the browser is told, not the page
        self("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        self._session = session

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)

    def _hear(self) -> dict:
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], LONGEST)[0], "the browser says nothing"
            data = os.read(self._in, 2**16)
            assert data, "the browser has gone"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        told = json.loads(message)
        if told.get("method") == "Network.requestWillBeSent":
            self.asked.append(told["params"]["request"]["url"])
        elif told.get("method") == "Runtime.exceptionThrown" or (
            told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error"
        ):
            self.wrong.append(json.dumps(told["params"]))
        return told
