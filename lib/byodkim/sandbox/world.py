"""Start, find and control a sandbox: AWS and DNS on this machine's loopback.

An embedded sandbox is a child process and ends with its parent. A standing one runs until it is
stopped.
"""

import contextlib
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from filelock import FileLock
from msgspec import Struct
from msgspec.structs import replace
from platformdirs import user_state_path

from byodkim.errors import InputError, near_name
from byodkim.words import Sentence, _

DEFAULT: Final = "ready"
#: The selector in use, and the one that is prepared.
CURRENT: Final = "mail-20260912-1"
NEW: Final = "mail-20261124-1"
SCENARIOS: Final[dict[str, Sentence]] = {
    "ready": _("SES signs with the current selector; every name server publishes the new record."),
    "dns-absent": _("The new key record is not published yet."),
    "stale-name-server": _("One of three name servers serves the old zone."),
    "wrong-key": _("The new key record holds another key than the private key in S3."),
    "placeholder": _("The new key record holds p=customerProvidedPublicKey, not a key."),
    "other-key-in-s3": _("The new key object is another key than the secret and DNS say."),
    "pending": _("SES has the new selector and waits for its key record, which is missing."),
    "fleet": _("Many identities, each ready to be switched."),
}
#: Seconds within which a sandbox answers, and ends.
ANSWER_S: Final = 30.0
END_S: Final = 5.0
#: Settings of the operator's AWS and of another moto, which the child must not read.
FOREIGN: Final = ("AWS_", "MOTO_")

#: Sandboxes that this process started, by process id.
_children: dict[int, Popen[bytes]] = {}


class Order(Struct, frozen=True):
    """What the process of a sandbox is started with.

    Attributes:
        scenario: one of ``SCENARIOS``.
        identities: how many a fleet has.
        faulty: how many of them are not ready: the last ones, in five ways (``seed.FAULTS``).
        throttled: SES takes one call a second and needs 8 seconds to verify.
        ports: of the endpoint, ns1, ns2, ns3 and resolver; 0 for a free one.
        standing: whether it runs until it is told to stop.
    """

    scenario: str = DEFAULT
    identities: int = 60
    faulty: int = 0
    throttled: bool = False
    ports: tuple[int, ...] = (0, 0, 0, 0, 0)
    standing: bool = False


class World(Struct, frozen=True):
    """What one needs to know of a sandbox in order to use it.

    Attributes:
        endpoint_url: of every AWS service, and of the control interface.
        account, region: where the identity is.
        domain: the identity, or the first of a fleet.
        domains: the identities that can be switched.
        secret_id, key_bucket: secret and bucket with its private keys.
        hosted_zone_id: Route 53's zone; changes there reach the name servers.
        nameservers: ``address:port`` of the authoritative name servers.
        resolvers: ``address:port`` of recursive resolvers.
        clock_offset_s: seconds that the sandbox's clock is ahead.
        begun: what it began with, and its ports.
        pid: of its process.
    """

    endpoint_url: str
    account: str
    region: str
    domain: str
    domains: tuple[str, ...]
    secret_id: str
    key_bucket: str
    hosted_zone_id: str
    nameservers: tuple[str, ...]
    resolvers: tuple[str, ...]
    clock_offset_s: float
    begun: Order
    pid: int

    @property
    def scenario(self) -> str:
        """Return the scenario that it began with."""
        return self.begun.scenario

    def stop(self) -> None:
        """End an embedded sandbox that this process started. A standing one stays."""
        if self.pid in _children and not self.begun.standing:
            _end(_children.pop(self.pid))


def check_scenario(scenario: str) -> None:
    """Refuse a scenario that does not exist.

    Raises:
        InputError: names the scenario that was probably meant, or all.
    """
    if scenario not in SCENARIOS:
        what = _("The sandbox has no scenario {name}.", name=scenario)
        raise InputError(what, todo=near_name(scenario, SCENARIOS))


def start(scenario: str = DEFAULT, **options: Any) -> World:
    """Start an embedded sandbox and return it once it answers. The options are those of ``Order``.

    Raises:
        InputError: the scenario does not exist, or the sandbox does not start.
    """
    return _launch(Order(scenario, **options))


def attach(scenario: str = "") -> World:
    """Return the standing sandbox where it fits; otherwise start an embedded one.

    Args:
        scenario: the world to begin with; "" is any standing one, or the default.

    Raises:
        InputError: the scenario does not exist, or the sandbox does not start.
    """
    return standing(scenario) or start(scenario or DEFAULT)


def control(world: World, path: str, **body: object) -> Any:
    """Send a request to the control interface and return its answer.

    Args:
        world: the sandbox.
        path: what to read or change, e.g. ``calls``, ``clock``, ``fault``, ``dns``.
        body: fields, as ``byodkim.sandbox.control`` documents them for each path.

    Raises:
        InputError: the sandbox does not answer, or refuses the request.
    """
    url = urlsplit(world.endpoint_url)
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=ANSWER_S)
    try:
        with contextlib.closing(connection):
            connection.request("POST", f"/sandbox/{path}", msgspec.json.encode(body))
            response = connection.getresponse()
            answer = msgspec.json.decode(response.read())
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        what = _("The sandbox at {url} does not answer.", url=world.endpoint_url)
        raise InputError(what, todo=_("Start one: byodkim sandbox start")) from None
    if response.status != http.HTTPStatus.OK:
        reason = str(answer["error"])
        raise InputError(_("The sandbox refuses this: {reason}", reason=reason))
    return answer


def table(world: World) -> str:
    """Return the table that ``byodkim fleet`` takes, in CSV: a row for each identity."""
    rows = [f"{domain},{NEW},,{world.region}" for domain in world.domains]
    return "\n".join(["domain,selector,section,region", *rows])


def standing(scenario: str = "") -> World | None:
    """Return the sandbox that ``start_standing`` started, if it answers and has the scenario."""
    try:
        saved = msgspec.json.decode(_state_file().read_bytes(), type=World)
        world = msgspec.convert(control(saved, "world"), World)
    except (OSError, InputError, msgspec.MsgspecError):
        return None
    fits = world.pid == saved.pid and scenario in ("", world.scenario)
    return world if fits else None


def running() -> World:
    """Return the standing sandbox.

    Raises:
        InputError: there is none.
    """
    world = standing()
    if world is None:
        raise InputError(_("No sandbox is running."), todo=_("Start one: byodkim sandbox start"))
    return world


def start_standing(scenario: str = DEFAULT, **options: Any) -> World:
    """Start a sandbox that runs until it is stopped. The options are those of ``Order``.

    Raises:
        InputError: the scenario does not exist, one runs already, or it does not start.
    """
    with _state_lock():
        if (world := standing()) is not None:
            what = _("A sandbox is running already, scenario {name}.", name=world.scenario)
            raise InputError(what, todo=_("Use it, or begin anew: byodkim sandbox reset"))
        return _start_standing(Order(scenario, **options, standing=True))


def stop_standing() -> bool:
    """Stop the standing sandbox. Return whether one was running."""
    with _state_lock():
        return _stop_standing() is not None


def reset_standing(scenario: str = "") -> World:
    """Begin the standing sandbox anew, at the same ports.

    Args:
        scenario: the world to begin with; "" for the one that it had.

    Raises:
        InputError: the scenario does not exist, no sandbox is running, or it does not start.
    """
    check_scenario(scenario or DEFAULT)
    with _state_lock():
        world = running()
        _stop_standing()
        return _start_standing(replace(world.begun, scenario=scenario or world.scenario))


def _start_standing(order: Order) -> World:
    world = _launch(order)
    _state_file().write_bytes(msgspec.json.encode(world))
    return world


def _stop_standing() -> World | None:
    world = standing()
    if world is not None:
        control(world, "stop")
        deadline = time.monotonic() + END_S
        while standing() is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    _state_file().unlink(missing_ok=True)
    return world


def _state_file() -> Path:
    return user_state_path("byodkim", ensure_exists=True) / "sandbox.json"


def _state_lock() -> FileLock:
    return FileLock(_state_file().with_suffix(".lock"), timeout=ANSWER_S)


def _launch(order: Order) -> World:
    """Start the process and read the line that it prints once it answers."""
    check_scenario(order.scenario)
    command = [sys.executable, "-m", "byodkim.sandbox.control", msgspec.json.encode(order).decode()]
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    with tempfile.TemporaryFile() as errors:
        child = Popen(
            command, stdin=PIPE, stdout=PIPE, stderr=errors, start_new_session=True, env=own
        )
        line = child.stdout.readline() if child.stdout else b""
        if line:
            world = msgspec.json.decode(line, type=World)
            _children[world.pid] = child
            return world
        _end(child)
        errors.seek(0)
        reason = (errors.read().decode(errors="replace").splitlines() or [""])[-1]
    what = _("The sandbox does not start: {reason}", reason=reason)
    raise InputError(what, todo=_("Install what it needs: pip install 'byodkim[sandbox]'"))


def _end(child: Popen[bytes]) -> None:
    """Close the child's input, which ends it, and wait for it."""
    try:
        child.communicate(timeout=END_S)
    except TimeoutExpired:
        child.kill()
        child.communicate()
