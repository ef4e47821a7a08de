"""Define what a description names, put into SES, the key store and the zones: with key pairs of the world's own."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta

from dns.name import from_text

from second_edition.ses_sandbox import dkim_state, seed
from second_edition.ses_sandbox.description import Description, Identity, KeyObject, filled
from second_edition.ses_sandbox.dkim_state import PATIENCE, STANDING, DkimState, SigningKey
from second_edition.ses_sandbox.dns_records import DnsRecords
from second_edition.ses_sandbox.dns_server import NameServer, Zone
from second_edition.ses_sandbox.errors import SandboxError
from second_edition.ses_sandbox.keys import KeyPair, make_key_pair
from second_edition.ses_sandbox.mail import AMAZON
from second_edition.ses_sandbox.moto_aws import Moto
from second_edition.ses_sandbox.ses import Ses

NO_KEY = b"no private key\n"


class Described:
    """Seeds a world from its description.

    Args:
        description: the world.
        pairs: the key pairs that there are, by label; those that it names besides are made.
    """

    def __init__(self, description: Description, pairs: dict[str, KeyPair]) -> None:
        for label in description.keys.keys() - pairs.keys():
            pairs[label] = make_key_pair(description.keys[label])
        self._world, self._pairs = description, pairs
        self._public = {label: base64.b64encode(pair.public_der).decode() for label, pair in pairs.items()}

    def store(self, moto: Moto) -> None:
        """Make buckets, key objects and secrets."""
        seed.make_buckets(moto, {self._world.key_bucket, *(one.bucket for one in self._world.objects)} - {""})
        for one in self._world.objects:
            seed.put_object(moto, one.bucket, one.path, self._body(one))
        for secret in self._world.secrets:
            texts = [json.dumps(filled(one, self._public), ensure_ascii=False) for one in secret.versions]
            seed.put_versions(moto, secret.name, texts)

    def serve(self, servers: list[NameServer], dns: DnsRecords) -> None:
        """Have the name servers hold the zones. Serials come last, as each record moves them."""
        for zone in self._world.zones:
            for server in servers:
                made = Zone(from_text(zone.apex), 1, servers[0].name, {}, zone.negative_ttl, zone.refresh)
                server.zones.setdefault(made.apex, made)
                server.zones[made.apex].negative_ttl, server.zones[made.apex].refresh = zone.negative_ttl, zone.refresh
        for one in self._world.records:
            values = [filled(value, self._public) for value in one.values]
            for number in one.servers:
                if number >= len(servers):
                    raise SandboxError(f"The description has no server {number}.")
                dns.set_record(one.name, one.type, values, ttl=one.ttl, server=servers[number].name)
        for zone in self._world.zones:
            for server, serial in zip(servers, zone.serials, strict=False):
                server.zones[from_text(zone.apex)].serial = serial

    def verify(self, ses: Ses, dns: DnsRecords, now: datetime, interval: timedelta) -> None:
        """Have SES know the identities."""
        for one in self._world.identities:
            ses.identities[one.name] = self._state(one, self._key(one, ses, dns), now, interval)

    def _key(self, one: Identity, ses: Ses, dns: DnsRecords) -> SigningKey:
        if one.origin == "EXTERNAL":
            return SigningKey(one.selectors, self._pairs.get(one.key))
        key = ses.easy_key()
        for selector in key.selectors:  # the three CNAMEs that its owner publishes
            dns.set_record(f"{selector}._domainkey.{one.name}", "CNAME", [f"{selector}.dkim.{AMAZON}."])
        return key

    def _state(self, one: Identity, key: SigningKey, now: datetime, interval: timedelta) -> DkimState:
        switched = self._world.switched_at if one.name == self._world.domain else ""
        since = datetime.fromisoformat(switched) if switched else now - timedelta(days=100)
        waits = one.status not in (*STANDING, "FAILED")
        state = dkim_state.put(None, one.name, one.origin, key, now if waits else since, interval)
        if one.status in STANDING:
            state = dkim_state.verified(state, now, interval)
        lost = now if one.status == "TEMPORARY_FAILURE" else None
        state = replace(state, status=one.status, lost=lost, signing_enabled=one.signing_enabled, verified=one.verified)
        if one.status != "FAILED":
            return state
        return replace(state, next_check=None, last_checked=since + PATIENCE, error="HOST_NOT_FOUND")

    def _body(self, one: KeyObject) -> bytes:
        pair = self._pairs.get(one.key)
        if pair is None:
            return NO_KEY
        pem = pair.pkcs8_pem() if one.form.startswith("PKCS#8") else pair.pkcs1_pem()
        return pem if one.form.endswith("PEM") else b"".join(pem.splitlines()[1:-1])
