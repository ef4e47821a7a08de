"""The control API below ``/_sandbox/``: JSON over HTTP, for this machine's own programs and for no web page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from werkzeug.wrappers import Request

from second_edition.ses_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from second_edition.ses_sandbox.world import World

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Control:
    """Answers requests below ``/_sandbox/`` by acting on a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def respond(self, request: Request, path: str) -> tuple[int, dict[str, Any]]:
        """Return status and answer; a refusal says what was wrong under ``error`` and what to do under ``todo``."""
        if not _loopback(request.headers.get("Host", "")):
            return 403, {"error": "The control API answers to a loopback host name only."}
        method = request.method
        if method == "POST" and not request.is_json:
            return 415, {"error": "The control API takes application/json."}
        try:
            body = json.loads(request.get_data() or b"{}") if method == "POST" else {}
            return 200, self._act(f"{method} {path}", body)
        except SandboxError as problem:
            return 400, problem.plain()
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return 400, {"error": f"The control API could not read this request ({method} {path[:40]})."}

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
        named = (body.get("selector", ""), server, body.get("identity", ""))
        match body["action"]:
            case "publish":
                self._world.publish(*named)
            case "unpublish":
                self._world.unpublish(*named)
            case "set":
                values, ttl = list(body["values"]), int(body.get("ttl", 3600))
                self._world.set_record(body["name"], body["type"], values, ttl=ttl, server=server)
            case action:
                raise SandboxError(f"The control API has no DNS action {action!r}.")


def _loopback(host: str) -> bool:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host) in LOOPBACK
