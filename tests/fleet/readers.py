"""Readers and the custodians of runs, as a campaign has them: processes of their own, a real socket, a real sandbox."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from byodkim.aws.session import Clients, Settings
from byodkim.custody.client import Custodian
from byodkim.custody.reader_client import VARIABLE
from byodkim.evidence.sealing_key import default_path
from byodkim.fleet.reader import Reader
from byodkim.sandbox.client import Sandbox
from tests.custody.forms import settings
from tests.dkim import keys
from tests.sandbox.outside import NEXT as NEXT

BATCH, FULL, PUT = "GetIdentityDkimAttributes", "GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes"
PRIVATE = base64.b64encode(keys.pkcs8(1024)).decode()  # as SES takes it; small, so that its record is one string
PUBLIC = base64.b64encode(keys.spki(1024)).decode()
ALIKE = [number for number in range(1000) if number % 10 not in (7, 8)]  # of a crowd: own key, verified


def names(count: int) -> list[str]:
    """Identities of a crowd that sign with a key of their own and are verified."""
    return [f"d{number:05}.example.jp" for number in ALIKE[:count]]


def publish(sandbox: Sandbox, domains: Iterable[str]) -> None:
    """The key record of the next selector, in each domain: all have one key."""
    for domain in domains:
        sandbox.set_record(f"{NEXT}._domainkey.{domain}", "TXT", [f"v=DKIM1; k=rsa; p={PUBLIC}"])


class Readers:
    """Starts what a campaign and its runs are made of."""

    def __init__(self, sandbox: Sandbox, folder: Path, stack: ExitStack) -> None:
        self.sandbox, self.folder, self._stack, self._rate = sandbox, folder, stack, 0
        session = boto3.Session("sandbox", "sandbox", region_name=sandbox.facts.region)
        self.ses = session.client("sesv2", endpoint_url=sandbox.facts.endpoint_url)
        stack.callback(self.ses.close)

    def custodian(self, address: str = "", **more: Any) -> Custodian:
        """A custodian whose run has a reader at ``address``; settings for it."""
        before = os.environ.pop(VARIABLE, None)
        if address:
            os.environ[VARIABLE] = address
        try:
            made = Custodian()
        finally:
            os.environ.pop(VARIABLE, None)
            if before is not None:
                os.environ[VARIABLE] = before
        self._stack.callback(made.close)
        given = {**settings(self.sandbox.facts.endpoint_url), "requests_per_second": self._rate, **more}
        made.ask("open", settings=given).result()
        return made

    def reader(self, custodian: Custodian | None = None, **more: Any) -> Reader:
        """A reader of the sandbox's own place, or of what is said otherwise."""
        facts = self.sandbox.facts
        place = {"account": facts.account, "region": facts.region, "endpoint": facts.endpoint_url, **more}
        made = Reader(custodian or self.custodian(), self.folder, clock=lambda: datetime.now(UTC), **place)
        self._stack.callback(made.close)
        return made

    def seeds(self, names: Iterable[str]) -> list[tuple[Mapping[str, Any], str]]:
        """Full reads by a custodian of their own, as planning makes them."""
        custodian = self.custodian()
        asked = [custodian.ask("full", name=name) for name in names]
        return [(one.result()["identity"], one.result()["call"]["at"]) for one in asked]

    def limit(self, rate: int) -> None:
        """From now on SES allows so many calls a second, and custodians keep to it."""
        time.sleep(1)  # what was called before counts
        self.sandbox.set_knobs(requests_per_second=rate)
        self._rate = rate
        given = {**settings(self.sandbox.facts.endpoint_url), "requests_per_second": rate}
        self.writer = Clients(Settings(**given), state=default_path(os.environ).parent)

    def calls(self) -> dict[str, int]:
        """How many calls of each kind SES's control plane served."""
        return {name: sum(call["status"] == 200 for call in self.sandbox.calls(name)) for name in (BATCH, FULL, PUT)}
