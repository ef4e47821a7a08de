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

from second_edition.ses_sandbox import seed
from second_edition.ses_sandbox.dkim_state import DkimState, SigningKey
from second_edition.ses_sandbox.dns_records import DnsRecords
from second_edition.ses_sandbox.dns_server import Key, text_set
from second_edition.ses_sandbox.keys import KeyPair
from second_edition.ses_sandbox.moto_aws import Moto
from second_edition.ses_sandbox.scenarios import KEY_BUCKET, key_path

TENTHS: Final = 10  # of ten, the eighth has Easy DKIM, and the ninth has failed for want of a key record
#: Of a fleet's ten, besides: whose next key record is not published, whose next key pair is not made, and which signs
#: with the next selector already.
UNPUBLISHED, UNPREPARED, THERE, EASY, FAILED = 3, 5, 6, 7, 8


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

    def settle(
        self, count: int, identities: MutableMapping[str, DkimState], moto: Moto, dns: DnsRecords, *, whole: bool
    ) -> None:
        """Make those of the first ``count`` that are not there yet; ``whole``: each with what a switch needs.

        Some lack of it. Of the others there is an identity and a key record, and nothing else.
        """
        sets = [text_set(pair.dns_value) for pair in self.pairs]
        found: dict[Key, Rdataset] = {}
        for number, name in enumerate(names(count, self.domain)):
            if name in identities:
                continue
            kind = number % TENTHS
            if whole:
                self._store(moto, name, 1 if kind == UNPREPARED else 2)
            served = [kind not in (EASY, FAILED), whole and kind not in (UNPUBLISHED, UNPREPARED)]
            for selector, records, there in zip(self.selectors, sets, served, strict=True):
                if there:
                    found[self._key(selector, name)] = records
            identities[name] = self._state(number, name, which=int(whole and kind == THERE))
        dns.add(found)

    def _store(self, moto: Moto, name: str, versions: int) -> None:
        """Store the first key pairs of an identity, each in the bucket and in the secret."""
        stored = list(zip(self.selectors, self.pairs, strict=True))[:versions]
        for selector, pair in stored:
            seed.put_object(moto, KEY_BUCKET, key_path(name, selector), pair.pkcs8_pem())
        seed.put_secret(moto, name, [(selector, pair.dns_value) for selector, pair in stored])

    @staticmethod
    def _key(selector: str, name: str) -> Key:
        return from_text(f"{selector}._domainkey.{name}"), RdataType.TXT

    def _state(self, number: int, name: str, which: int = 0) -> DkimState:
        """Return the state of an identity that has stood for a hundred days."""
        since, pair = self.now - timedelta(days=100), self.pairs[which]
        if number % TENTHS == EASY:
            tokens = tuple(hashlib.sha256(f"{name} {token}".encode()).hexdigest()[:32] for token in range(3))
            return DkimState(name, "AWS_SES", SigningKey(tokens, pair), since, "SUCCESS", verified=True)
        failed = number % TENTHS == FAILED
        key = SigningKey((self.selectors[which],), pair)
        return DkimState(name, "EXTERNAL", key, since, "FAILED" if failed else "SUCCESS", verified=not failed)
