"""The control API below ``/_sandbox/``: JSON over HTTP, for this machine's own programs and for no web page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final, Protocol

from ses_sandbox.errors import SandboxError
from ses_sandbox.http_server import Environ

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Controlled(Protocol):
    """What can be done to a world."""

    def state(self) -> dict[str, Any]:
        """All that can be told of it."""

    def calls(self) -> list[dict[str, object]]:
        """The AWS calls that were answered."""

    def reset(self, scenario: str = "") -> None:
        """Start anew."""

    def advance(self, by: timedelta) -> None:
        """Move the clock."""

    def publish(self, selector: str = "", server: str = "") -> None:
        """Publish a key record."""

    def unpublish(self, selector: str = "", server: str = "") -> None:
        """Take a key record away."""

    def set_record(self, name: str, kind: str, values: list[Any], *, ttl: int = 3600, server: str = "") -> None:
        """Set the records of one type at one name."""

    def set_knobs(self, values: dict[str, object]) -> None:
        """Change settings."""


class Control:
    """Answers requests below ``/_sandbox/`` by acting on a world."""

    def __init__(self, world: Controlled) -> None:
        self._world = world

    def respond(self, environ: Environ, path: str) -> tuple[int, dict[str, Any]]:
        """Status and answer; a refusal says what was wrong under ``error`` and what to do under ``todo``."""
        if not _loopback(environ.get("HTTP_HOST", "")):
            return 403, {"error": "The control API answers to a loopback host name only."}
        method = environ["REQUEST_METHOD"]
        if method == "POST" and not environ["CONTENT_TYPE"].startswith("application/json"):
            return 415, {"error": "The control API takes application/json."}
        try:
            body = json.loads(environ["wsgi.input"].read() or b"{}") if method == "POST" else {}
            return 200, self._act(f"{method} {path}", body)
        except SandboxError as problem:
            return 400, {"error": problem.what, "todo": problem.todo}
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as problem:
            return 400, {"error": f"The control API could not read the request ({type(problem).__name__})."}

    def _act(self, request: str, body: dict[str, Any]) -> dict[str, Any]:
        world = self._world
        match request:
            case "GET state":
                return world.state()
            case "GET calls":
                return {"calls": world.calls()}
            case "POST reset":
                world.reset(body.get("scenario", ""))
            case "POST clock":
                world.advance(timedelta(seconds=float(body["advance_seconds"])))
            case "POST dns":
                self._dns(body)
            case "POST knobs":
                world.set_knobs(dict(body))
            case _:
                raise SandboxError(f"The control API has no {request}.")
        return world.state()

    def _dns(self, body: dict[str, Any]) -> None:
        server = body.get("server", "")
        match body["action"]:
            case "publish":
                self._world.publish(body.get("selector", ""), server)
            case "unpublish":
                self._world.unpublish(body.get("selector", ""), server)
            case "set":
                values, ttl = list(body["values"]), int(body.get("ttl", 3600))
                self._world.set_record(body["name"], body["type"], values, ttl=ttl, server=server)
            case action:
                raise SandboxError(f"The control API has no DNS action {action!r}.")


def _loopback(host: str) -> bool:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host) in LOOPBACK
