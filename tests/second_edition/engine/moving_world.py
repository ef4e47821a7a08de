"""A world in memory that moves under a run's feet: SES, secret, key store, DNS, lock. It knows the truth of each."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from second_edition.custody import private_key, record
from second_edition.custody.client import Refused
from second_edition.custody.rehearsal import rehearse
from second_edition.dkim.published import Answer, Server
from second_edition.events import E, decode, name_of
from second_edition.events.parts import Event
from second_edition.evidence.journal import canonical
from second_edition.rotation.observation import Caller, Identity, KeyObject
from tests.second_edition.dkim import keys
from tests.second_edition.events.noted import filled
from tests.second_edition.rotation.world import ACCOUNT, DOMAIN, REGION, dns_value, sha256

SELECTORS = ("mail-20260912-1", "mail-20261124-1", "mail-20270301-1")
PAIRS = (1024, 1152, 1280)  # key pairs, by their bits; SES takes all of them
SERVERS = (Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "198.51.100.53"))
START = datetime(2026, 11, 24, 4, 0, 0, tzinfo=UTC)
PLACEHOLDER = "v=DKIM1; k=rsa; p=customerProvidedPublicKey"


@functools.cache
def signed(selector: str, pair: int) -> str:
    return rehearse(DOMAIN, selector, START, private_key.load(keys.pem(pair)).sign)


@dataclass
class Ses:
    """Hold what SES has: ``pair`` is the key it was truly given."""

    selector: str = SELECTORS[0]
    pair: int = PAIRS[0]
    status: str = "SUCCESS"
    origin: str = "EXTERNAL"
    enabled: bool = True


@dataclass(frozen=True)
class Written:
    """One write to SES, and the world as it was then."""

    run: str
    selector: str
    pair: int


@dataclass
class World:
    """The truth. ``records`` holds what each server serves at each selector: pairs, "placeholder", or "silent"."""

    ses: Ses = field(default_factory=Ses)
    account: str = ACCOUNT
    secret: dict[str, int] = field(default_factory=lambda: {SELECTORS[0]: PAIRS[0]})
    store: dict[str, tuple[int, int]] = field(default_factory=lambda: {SELECTORS[0]: (PAIRS[0], 1)})
    records: dict[tuple[int, str], tuple[int | str, ...]] = field(default_factory=dict)
    versions: int = 1
    secret_version: int = 1
    lock: tuple[str, str] | None = None
    etags: int = 0
    now: datetime = START
    writes: list[Written] = field(default_factory=list)
    before_put: Callable[[str, str, int], None] = lambda *_: None
    fault: str = ""

    def __post_init__(self) -> None:
        for server in range(len(SERVERS)):
            self.records[server, SELECTORS[0]] = (PAIRS[0],)

    def prepare(self, selector: str, pair: int) -> None:
        """What a generator and the DNS team do together."""
        self.keep(selector, pair)
        self.name(selector, pair)
        for server in range(len(SERVERS)):
            self.records[server, selector] = (pair,)

    def mend(self, selector: str) -> None:
        """All is well for a switch to ``selector``: each selector has a key of its own, and everybody knows of it."""
        own = dict(zip(SELECTORS, PAIRS, strict=True))
        current = self.ses.selector if self.ses.selector != selector else SELECTORS[SELECTORS.index(selector) - 1]
        self.account, self.ses = ACCOUNT, Ses(current, own[current])
        for one in {current, selector}:
            self.prepare(one, own[one])
        for other in set(SELECTORS) - {current, selector}:
            for server in range(len(SERVERS)):
                self.records.pop((server, other), None)

    def keep(self, selector: str, pair: int) -> None:
        self.versions += 1
        self.store[selector] = (pair, self.versions)

    def name(self, selector: str, pair: int) -> None:
        self.secret_version += 1
        self.secret[selector] = pair

    def served(self, selector: str) -> list[tuple[int | str, ...]]:
        return [self.records.get((server, selector), ()) for server in range(len(SERVERS))]

    def everywhere(self, selector: str, pair: int) -> bool:
        return self.served(selector) == [(pair,)] * len(SERVERS)

    def look(self) -> None:
        """SES looks at DNS."""
        if self.ses.origin == "EXTERNAL":
            self.ses.status = "SUCCESS" if self.everywhere(self.ses.selector, self.ses.pair) else "FAILED"

    def facts(self, selector: str) -> tuple[Any, ...]:
        """Return what somebody who approves a switch to ``selector`` is shown of the world."""
        return (
            self.account, self.ses.selector, self.ses.status, self.ses.origin, self.ses.enabled,
            self.secret_version, self.store.get(selector), tuple(self.served(selector)),
        )  # fmt: skip

    def answers(self, servers: Sequence[Server], names: Sequence[str], **_: Any) -> tuple[Answer, ...]:
        """In place of asking name servers: there are no others."""
        if not servers:
            return ()
        return tuple(self._answer(number, name) for number in range(len(SERVERS)) for name in names)

    def _answer(self, number: int, name: str) -> Answer:
        served = self.records.get((number, name.partition(".")[0]), ())
        if "silent" in served:
            return Answer(SERVERS[number], name, failure="timeout")
        texts = [PLACEHOLDER if one == "placeholder" else dns_value(int(one)) for one in served]
        records = tuple((text[:255].encode(), text[255:].encode()) for text in texts)
        rcode = "NOERROR" if records else "NXDOMAIN"
        return Answer(SERVERS[number], name, rcode, authoritative=True, ttl=300, serial=1, records=records)


class Custodian:
    """One run's custodian, in memory."""

    def __init__(self, world: World, run: str) -> None:
        self.world, self.run, self.pid, self.leaked = world, run, id(self), False
        self._held: dict[str, int] = {}

    def drain(self) -> list[dict[str, Any]]:
        return []

    def _seal(self, statement: str, key: str) -> dict[str, str]:
        """With the key of whoever runs the tests, as a custodian does."""
        signed = record.sign(statement, None, key)
        return {name: base64.b64encode(getattr(signed, name)).decode() for name in ("signature", "public_key")}

    def ask(self, op: str, **arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(getattr(self, f"_{op}")(**arguments))
        except Refused as refused:
            future.set_exception(refused)
        return future

    def _caller(self) -> dict[str, Any]:
        arn = f"arn:aws:sts::{self.world.account}:user/{self.run}"
        return asdict(Caller(self.world.account, arn, "U", "aws", REGION, "https://email.example.jp", 0.1))

    def _search(self, texts: list[str]) -> None:
        """Keys here are numbers: there is no piece of one."""

    def _identity(self, name: str) -> dict[str, Any]:
        ses = self.world.ses
        return asdict(Identity(name, "DOMAIN", (ses.selector,), ses.status, ses.enabled, ses.origin, True, "SUCCESS"))

    def _secret(self, secret_id: str, domain: str) -> list[dict[str, Any]]:
        assert domain == DOMAIN
        entries = [
            {
                "selector": selector,
                "dns_value": dns_value(pair),
                "key_path": f"{secret_id}/{selector}.pem",
                "domain": domain,
                "bucket": "",
            }
            for selector, pair in self.world.secret.items()
        ]
        version = f"s{self.world.secret_version}"
        created = START.isoformat()
        told = {"stage": "AWSCURRENT", "version_id": version, "created": created, "entries": entries, "defect": ""}
        return [{**told, "others": []}]

    def _key(
        self,
        selector: str,
        path: str,
        bucket: str,
        domain: str,
        layout: str,  # noqa: ARG002
        named: str,
    ) -> dict[str, Any]:
        assert (domain, named) == (DOMAIN, "")
        kept = self.world.store.get(selector)
        if kept is None:
            return asdict(KeyObject(bucket, path, defect="absent"))
        pair, version = kept
        self._held[selector] = pair
        public = base64.b64encode(keys.spki(pair)).decode()
        return asdict(
            KeyObject(bucket, path, f"v{version}", START.isoformat(), 900, "PKCS#8 PEM", pair, public, sha256(pair))
        )

    def _sign(self, domain: str, selector: str) -> str:
        assert domain == DOMAIN
        return signed(selector, self._held[selector])

    def _put(self, name: str, selector: str, sha256: str, **_: object) -> dict[str, Any]:
        assert name == DOMAIN
        pair = self._held[selector]
        assert sha256 == globals()["sha256"](pair)
        self.world.before_put(self.run, selector, pair)
        fault, self.world.fault = self.world.fault, ""
        if fault != "lost before":
            self.world.writes.append(Written(self.run, selector, pair))
            ses = self.world.ses
            ses.selector, ses.pair, ses.status = selector, pair, "PENDING"
        if fault:
            return {"error": {"code": "ReadTimeoutError", "status": 0, "request_id": "", "unclear": True}}
        return {"answer": {"dkim_status": "NOT_STARTED", "dkim_tokens": [selector], "request_id": "r", "status": 200}}

    def _locked(self, bucket: str, account: str, domain: str) -> dict[str, str] | None:
        assert (bool(bucket), bool(account), domain) == (True, True, DOMAIN)
        return {"body": self.world.lock[0], "etag": self.world.lock[1]} if self.world.lock else None

    def _lock(self, bucket: str, account: str, domain: str, body: str, etag: str) -> str:
        assert (bool(bucket), bool(account), domain) == (True, True, DOMAIN)
        if (self.world.lock[1] if self.world.lock else "") != etag:
            return ""
        self.world.etags += 1
        self.world.lock = (body, f"e{self.world.etags}")
        return self.world.lock[1]

    def close(self) -> None:
        """Nothing is to be ended."""


class Pool:
    """Does at once what it is given."""

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(call(*arguments))
        return future

    def shutdown(self, **_: Any) -> None:
        """Nothing is under way."""


class Journal:
    """A journal that is kept in memory, its events as they would be read back."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path, self._clock = path, clock
        self.events: list[Event] = []

    def write(self, kind: type[E], **content: Any) -> E:
        line = {"n": len(self.events), "at": self._clock().isoformat(), "event": name_of(kind), **content}
        event = decode(canonical(filled(line)).encode(), kind)
        self.events.append(event)
        return event

    def close(self) -> None:
        """Nothing is open."""


def later(world: World, minutes: int) -> None:
    world.now += timedelta(minutes=minutes)
