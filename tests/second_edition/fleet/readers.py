"""Readers and runs that ask them, as a campaign has them: real custodians, a real sandbox."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from second_edition.aws.session import Clients, Settings
from second_edition.custody.client import Custodian
from second_edition.engine import shared_reading
from second_edition.evidence.sealing_key import default_path
from second_edition.procedures.fleet.reader import Reader
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody.forms import settings
from tests.second_edition.dkim import keys
from tests.second_edition.sandbox.outside import NEXT as NEXT

BATCH, FULL, PUT = "GetIdentityDkimAttributes", "GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes"
PRIVATE = base64.b64encode(keys.pkcs8(1024)).decode()  # as SES takes it; small, so that its record is one string
ALIKE = [number for number in range(1000) if number % 10 not in (7, 8)]  # of a crowd: own key, verified
Fulls = dict[str, tuple[Mapping[str, Any], str]]


def names(count: int) -> list[str]:
    """Identities of a crowd that sign with a key of their own and are verified."""
    return [f"d{number:05}.example.jp" for number in ALIKE[:count]]


class Readers:
    """Starts what a campaign and its runs are made of."""

    def __init__(self, sandbox: Sandbox, folder: Path, stack: ExitStack) -> None:
        self.sandbox, self.folder, self._stack, self._rate = sandbox, folder, stack, 0
        session = boto3.Session("sandbox", "sandbox", region_name=sandbox.facts.region)
        self.ses = session.client("sesv2", endpoint_url=sandbox.facts.endpoint_url)
        stack.callback(self.ses.close)
        self._pool = stack.enter_context(ThreadPoolExecutor(64))

    def custodian(self, **more: Any) -> Custodian:
        """A custodian; settings for it."""
        made = Custodian()
        self._stack.callback(made.close)
        given = {**settings(self.sandbox.facts.endpoint_url), "requests_per_second": self._rate, **more}
        made.ask("open", settings=given).result()
        return made

    def reader(self, fulls: Fulls, *, custodian: Custodian | None = None, every_s: float = 30.0, **more: Any) -> Reader:
        """A reader of the sandbox's own place, or of what is said otherwise."""
        facts = self.sandbox.facts
        place = {"account": facts.account, "region": facts.region, "endpoint": facts.endpoint_url, **more}
        folder = self.folder / ".running" / "readings"
        made = Reader(custodian or self.custodian(), folder, list(place.values()), fulls, every_s)
        self._stack.callback(made.close)
        return made

    def look(self, custodian: Custodian, name: str, folder: Path | None = None, **more: Any) -> Any:
        """Return who looks at an identity, as far as reading it together needs that."""
        os.environ[shared_reading.VARIABLE] = str(folder or self.folder / ".running" / "readings")
        self._stack.callback(os.environ.pop, shared_reading.VARIABLE, None)
        fresh = float(more.get("fresh_s", 120.0))
        return SimpleNamespace(
            intent=SimpleNamespace(domain=name, language="en"), custodian=custodian, pool=self._pool,
            clock=lambda: datetime.now(UTC), fresh_s=fresh, fresh_from=time.monotonic() - fresh,
        )  # fmt: skip

    def ask(self, custodian: Custodian, name: str, **more: Any) -> Any:
        """Return how an identity stands, as a run asks before its write: identity and reading."""
        return shared_reading.ask(self.look(custodian, name, **more), custodian.ask("caller"))

    def fulls(self, names: Iterable[str]) -> Fulls:
        """Full reads by a custodian of their own, as planning makes them."""
        custodian, at = self.custodian(), datetime.now(UTC) - timedelta(milliseconds=1)
        asked = {name: custodian.ask("identity", name=name) for name in names}
        return {name: (one.result(), at.isoformat(timespec="milliseconds")) for name, one in asked.items()}

    def limit(self, rate: int) -> None:
        """From now on SES allows so many calls a second, and custodians keep to it."""
        time.sleep(1)  # what was called before counts
        self.sandbox.set_knobs(requests_per_second=rate)
        self._rate = rate
        given = {**settings(self.sandbox.facts.endpoint_url), "requests_per_second": rate}
        self.writer = Clients(Settings(**given), state=default_path(os.environ).parent)

    def calls(self) -> dict[str, int]:
        """Return how many calls of each kind SES's control plane served."""
        return {name: sum(call["status"] == 200 for call in self.sandbox.calls(name)) for name in (BATCH, FULL, PUT)}


def unwaited(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.2) -> None:
    """Runs wait no longer than that for an answer before they read by themselves."""
    monkeypatch.setattr(shared_reading, "OBSERVING_S", seconds)
