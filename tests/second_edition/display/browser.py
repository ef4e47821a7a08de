"""A real browser without a window, driven over its debugging pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Browser:
    """Chromium with one tab. What the tab asked the network for is kept in ``requested``."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number, self._buffer = folder, 0, b""
        self.requested: list[str] = []
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        # The protocol wants descriptors 3 and 4, whatever numbers the pipes have here.
        spare = f'exec 98<&{theirs_in} 99>&{theirs_out}; exec chromium "$@" 3<&98 4>&99'
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        options += [f"--user-data-dir={self._folder}", "--no-first-run", "--disable-background-networking"]
        self._process = subprocess.Popen(
            ["bash", "-c", spare, "chromium", *options],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._session = ""
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = ""
        self("Browser.close")
        self._process.wait(600)
        os.close(self._to)
        os.close(self._from)

    def __call__(self, method: str, **parameters: Any) -> Any:
        """One command and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(
            self._to, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while (answer := self._read()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path: Path, width: int = 1200, *, scripts: bool = True, place: str = "") -> None:
        """Opens a file in a window of ``width`` CSS pixels and waits until it has loaded.

        ``scripts``: of the page run. ``place``: what follows the file's address, as ``#anchor``.
        """
        self("Emulation.setScriptExecutionDisabled", value=not scripts)
        self("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self._events.clear()
        self.requested.clear()
        self("Page.navigate", url=path.as_uri() + place)
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._read())
        self("Emulation.setScriptExecutionDisabled", value=False)  # what asks the page runs as a script too
        self.settle()

    def settle(self) -> None:
        """Takes note of what the page has asked for up to now."""
        self.evaluate("new Promise(done => setTimeout(done, 50))")
        for event in self._events:
            if event.get("method") == "Network.requestWillBeSent":
                self.requested.append(event["params"]["request"]["url"])
        self._events.clear()

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def pdf(self, path: Path) -> Path:
        """The page as it prints: the paper is the page's own choice."""
        path.write_bytes(base64.b64decode(self("Page.printToPDF", preferCSSPageSize=True)["data"]))
        return path

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._from, 1 << 20)
            assert piece, "the browser went away"
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
