"""A sandbox as a run sees it: a child process of its own, or a standing one, spoken to over its control API.

The standard library only: a notebook's kernel imports this, and must not pay for the world itself.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct, field

from second_edition.errors import SandboxError
from second_edition.messages import Language, translated

TIMEOUT_S: Final = 30
#: What the extra ``sandbox`` brings, each by the name that is imported.
NEEDED: Final = ("moto", "flask", "flask_cors", "werkzeug")


def lacking() -> str:
    """Return the first package that the sandbox needs and this Python lacks; "" where it has all."""
    return next((name for name in ("second_edition.ses_sandbox", *NEEDED) if find_spec(name) is None), "")


def check_installed(language: Language) -> None:
    """Refuse a sandbox that cannot start, before anything is begun.

    Raises:
        SandboxError: a package that it needs is not installed.
    """
    if name := lacking():
        raise _error("lacking", language, package=name)


class Facts(Struct, frozen=True):
    """Hold what a client needs to know of a sandbox. ``nameservers`` is as the parameter of that name takes it.

    ``places``: accounts and Regions that have the identity, and the AWS profile by which each is reached. ``about``:
    what its description says of itself. ``id``: of this world, another one after each start.
    """

    endpoint_url: str
    nameservers: str
    region: str
    account: str
    domain: str
    secret_id: str
    key_bucket: str
    inbox_bucket: str
    current_selector: str
    next_selector: str
    scenario: str
    clock_offset_s: float
    hosted_zone_id: str = ""
    switched_at: str = ""
    places: tuple[dict[str, str], ...] = ()
    requests_per_second: int = 0
    about: dict[str, Any] = field(default_factory=dict)
    id: str = ""


class Sandbox:
    """A running sandbox: ``facts`` to work with it, methods to change it. A context manager that closes it.

    Args:
        facts: what it said of itself.
        child: the process to end with it, None for a standing one.
        language: of an error.
    """

    def __init__(
        self, facts: Facts, child: subprocess.Popen[str] | None = None, language: Language = "en"
    ) -> None:  # fmt: skip
        self.facts = facts
        self._child, self._language = child, language
        self._offset = timedelta(seconds=facts.clock_offset_s)

    @classmethod
    def start(
        cls,
        scenario: str = "ready",
        *,
        domain: str = "",
        selector: str = "",
        current_selector: str = "",
        description: str = "",
        language: Language = "en",
    ) -> Sandbox:
        """Start a sandbox in a child process, which ends when this process does.

        Args:
            scenario: the name of the world.
            domain: the signing domain, empty for example.jp.
            selector: the next selector, empty for the sandbox's own.
            current_selector: the selector in use, empty for the sandbox's own.
            description: file that describes a world in the scenario's place.
            language: of an error.

        Raises:
            SandboxError: it could not be started; says why.
        """
        check_installed(language)
        options = {
            "--scenario": scenario,
            "--domain": domain,
            "--selector": selector,
            "--current-selector": current_selector,
            "--description": description,
        }
        given = [part for name, value in options.items() if value for part in (name, value)]
        return cls(*_spawn([sys.executable, "-m", "second_edition.ses_sandbox", "--embedded", *given], language), language)

    @classmethod
    def connect(cls, endpoint_url: str, language: Language = "en") -> Sandbox:
        """Connect to a sandbox that stands already. ``language``: of an error.

        Raises:
            SandboxError: nothing answers there, or what answers is no sandbox.
        """
        answer = _request(endpoint_url, "GET", "state", None, language)
        return cls(_facts(answer.get("facts", {}), language), language=language)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, if there is one. A standing sandbox stays."""
        if self._child is None:
            return
        child, self._child = self._child, None
        _end(child)

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC, by the offset known since the start and this object's own changes."""
        return datetime.now(UTC) + self._offset

    @property
    def clock(self) -> Callable[[], datetime]:
        """Return ``now`` as a value to hand in."""
        return self.now

    def state(self) -> dict[str, Any]:
        """Return all that the sandbox says of itself: facts, knobs, now, identities, name_servers."""
        return self._call("GET", "state")

    def calls(self, operation: str = "") -> list[dict[str, Any]]:
        """Return the AWS calls it answered (at, service, operation, status, request_id, place), or one operation's."""
        calls: list[dict[str, Any]] = self._call("GET", "calls")["calls"]
        return [call for call in calls if operation in ("", call["operation"])]

    def reset(self, scenario: str = "") -> None:
        """Start anew, in another scenario if one is named."""
        self._follow(self._call("POST", "reset", {"scenario": scenario}))

    def advance(self, by: timedelta) -> None:
        """Move its clock forward."""
        self._follow(self._call("POST", "clock", {"advance_seconds": by.total_seconds()}))

    def publish(self, selector: str = "", *, server: str = "", identity: str = "") -> None:
        """Publish a selector's key record (empty: the next one) at one name server (empty: at all)."""
        self._call("POST", "dns", {"action": "publish", "selector": selector, "server": server, "identity": identity})

    def unpublish(self, selector: str = "", *, server: str = "", identity: str = "") -> None:
        """Take a selector's key record away (empty: the next one) at one name server (empty: at all)."""
        self._call("POST", "dns", {"action": "unpublish", "selector": selector, "server": server, "identity": identity})

    def set_record(
        self, name: str, kind: str, values: Sequence[str | Sequence[str]], *, ttl: int = 3600, server: str = ""
    ) -> None:
        """Set all records of one type at one name; a TXT value is text or a list of character-strings.

        No values take the records away. Characters up to U+00FF stand for bytes.
        """
        body = {"action": "set", "name": name, "type": kind, "values": list(values), "ttl": ttl, "server": server}
        self._call("POST", "dns", body)

    def set_knobs(self, **values: object) -> None:
        """Change settings by name; ``second_edition.ses_sandbox.knobs.Knobs`` says which there are."""
        self._call("POST", "knobs", values)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return _request(self.facts.endpoint_url, method, path, body, self._language)

    def _follow(self, state: dict[str, Any]) -> None:
        self.facts = _facts(state["facts"])
        self._offset = timedelta(seconds=self.facts.clock_offset_s)


def _spawn(command: list[str], language: Language) -> tuple[Facts, subprocess.Popen[str]]:
    """Start the child and read the one line that it says when it is ready."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            line = child.stdout.readline() if child.stdout else ""
            return _said(line, language), child
        except ValueError:
            _end(child)
            errors.seek(0)
            last = (errors.read().strip().splitlines() or ["it said nothing"])[-1]
            raise _error("not-started", language, reason=last) from None
        except BaseException:
            _end(child)
            raise


def _error(key: str, language: Language, **values: str) -> SandboxError:
    return SandboxError.said("sandbox", key, language, **values)


def _said(line: str, language: Language) -> Facts:
    answer = json.loads(line)
    if "error" in answer:
        raise _refused(answer, language)
    return _facts(answer, language)


def _refused(answer: dict[str, Any], language: Language) -> SandboxError:
    """Return what a sandbox refuses to do, as it said in English, in ``language``."""
    values = answer.get("values", {})
    values |= {"reason": translated(values["reason"], language)} if "reason" in values else {}
    what, todo = (translated(str(answer.get(part, "")), language) for part in ("error", "todo"))
    return SandboxError(*(text.format(**values) if values else text for text in (what, "", todo)))


def _end(child: subprocess.Popen[str]) -> None:
    """Close the child's pipes, which ends it, and wait for it."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _facts(values: dict[str, Any], language: Language = "en") -> Facts:
    try:
        return Facts(**values)
    except TypeError:
        raise _error("another-version", language) from None


def _request(
    endpoint_url: str, method: str, path: str, body: dict[str, Any] | None, language: Language = "en"
) -> dict[str, Any]:
    url = urlsplit(endpoint_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=TIMEOUT_S)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, f"/_sandbox/{path}", content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        raise _error("silent", language, endpoint_url=endpoint_url) from None
    finally:
        connection.close()
    if not isinstance(answer, dict) or response.status != http.HTTPStatus.OK:
        known = answer if isinstance(answer, dict) else {}
        if "error" not in known:
            raise _error("silent", language, endpoint_url=endpoint_url)
        raise _refused(known, language)
    return answer
