"""Many identities beside the world's own, as a large account has them: what inventory and fleet are rehearsed on.

Their key pairs are all one, since making thousands would take hours. Those of the inventory neither change nor are
looked at by SES; those of the scenario ``fleet`` have a secret, key objects and key records each, and can be switched.
"""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dns.name import from_text
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType

from ses_sandbox import seed
from ses_sandbox.dkim_state import DkimState, SigningKey
from ses_sandbox.dns_records import DnsRecords
from ses_sandbox.dns_server import Key, text_set
from ses_sandbox.keys import KeyPair
from ses_sandbox.moto_aws import Moto

TENTHS: Final = 10  # of ten, the eighth has Easy DKIM, and the ninth has failed for want of a key record
_EASY, _FAILED = 7, 8
#: Of a fleet's ten, besides: whose next key record is not published, whose next key pair is not made, and which signs
#: with the next selector already.
UNPUBLISHED, UNPREPARED, THERE, EASY, FAILED = 3, 5, 6, _EASY, _FAILED


def names(count: int, domain: str) -> list[str]:
    """Return the names of the identities: subdomains of the world's own domain."""
    return [f"d{number:05}.{domain}" for number in range(count)]


@dataclass(frozen=True)
class Crowd:
    """Hold who they are.

    Attributes:
        domain: of the world; theirs are its subdomains.
        selectors: the current one and the next one, the same for all.
        pairs: theirs.
        now: when they are made.
    """

    domain: str
    selectors: tuple[str, ...]
    pairs: tuple[KeyPair, ...]
    now: datetime

    def stand(self, count: int, identities: MutableMapping[str, DkimState], _: Moto, dns: DnsRecords) -> None:
        """Put ``count`` of them into SES, and their key records into DNS; there is nothing else of them."""
        value = text_set(self.pairs[0].dns_value)
        found = dict(enumerate(names(count, self.domain)))
        identities.update({name: self._state(number, name) for number, name in found.items()})
        served = [name for number, name in found.items() if number % TENTHS not in (_EASY, _FAILED)]
        dns.add({self._key(self.selectors[0], name): value for name in served})

    def settle(self, count: int, identities: MutableMapping[str, DkimState], moto: Moto, dns: DnsRecords) -> None:
        """Make those of the first ``count`` that are not there yet, each with what a switch needs; some lack of it."""
        pems = [pair.pkcs8_pem() for pair in self.pairs]
        values = [pair.dns_value for pair in self.pairs]
        sets = [text_set(value) for value in values]
        found: dict[Key, Rdataset] = {}
        for number, name in enumerate(names(count, self.domain)):
            if name in identities:
                continue
            kind = number % TENTHS
            stored = 1 if kind == UNPREPARED else 2
            for selector, pem in list(zip(self.selectors, pems, strict=True))[:stored]:
                seed.put_object(moto, seed.KEY_BUCKET, seed.key_path(name, selector), pem)
            seed.put_secret(moto, name, list(zip(self.selectors, values, strict=True))[:stored])
            served = [kind != FAILED, kind not in (UNPUBLISHED, UNPREPARED)]
            for selector, records, there in zip(self.selectors, sets, served, strict=True):
                if there:
                    found[self._key(selector, name)] = records
            identities[name] = self._state(number, name, which=int(kind == THERE))
        dns.add(found)

    @staticmethod
    def _key(selector: str, name: str) -> Key:
        return from_text(f"{selector}._domainkey.{name}"), RdataType.TXT

    def _state(self, number: int, name: str, which: int = 0) -> DkimState:
        """Return the state of an identity that has stood for a hundred days."""
        since, pair = self.now - timedelta(days=100), self.pairs[which]
        if number % TENTHS == _EASY:
            tokens = tuple(hashlib.sha256(f"{name} {token}".encode()).hexdigest()[:32] for token in range(3))
            return DkimState(name, "AWS_SES", SigningKey(tokens, pair), since, "SUCCESS", verified=True)
        failed = number % TENTHS == _FAILED
        key = SigningKey((self.selectors[which],), pair)
        return DkimState(name, "EXTERNAL", key, since, "FAILED" if failed else "SUCCESS", verified=not failed)
