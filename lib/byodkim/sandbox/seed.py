"""What a sandbox begins with: keys, secrets, identities and key records, as a scenario has them."""

import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto.route53.exceptions import ResourceRecordAlreadyExists, Route53ClientError
from moto.route53.models import Route53Backend, route53_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend, secretsmanager_backends
from msgspec import Struct

from byodkim.sandbox.name_servers import Dns, DnsChange, strings_of
from byodkim.sandbox.ses import SES, Identity, base64_of, identities_in, identity
from byodkim.sandbox.world import CURRENT, NEW, Order

ACCOUNT: Final = "123456789012"
REGION: Final = "ap-northeast-1"
SECOND_REGION: Final = "us-west-2"
DOMAIN: Final = "example.jp"
SUBDOMAIN: Final = "sub.example.jp"
KEY_BUCKET: Final = "example-jp-dkim-keys"
TTL: Final = 300
LONGEST_STRING: Final = 255
#: How the identities at a fleet's end are not ready, in turn.
FAULTS: Final = ("dns-absent", "wrong-key", "no secret entry", "Easy DKIM", "identity gone")


class Key(Struct):
    """A key pair: the private key as PEM (PKCS#8), the public key as ``p`` of a key record."""

    pem: bytes
    public_key: str

    @property
    def record(self) -> str:
        """Return the key record's value."""
        return f"v=DKIM1; k=rsa; p={self.public_key}"


def make_key() -> Key:
    """Return a new RSA-2048 key pair."""
    private_key = rsa.generate_private_key(65537, 2048)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Key(pem, base64_of(private_key.public_key()))


def make_keys(count: int) -> list[Key]:
    """Return new key pairs, made by a process for each processor. Call it before threads start."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        return [each.result() for each in [pool.submit(make_key) for _ in range(count)]]


class Seed:
    """Puts identities into the world, ready to be rotated.

    Attributes:
        domains: the identities that can be switched.
        keys: the key pairs that were made, by domain and selector.
        hosted_zone_id: Route 53's zone for the domain.
    """

    def __init__(self, dns: Dns, spare_keys: list[Key]) -> None:
        self.domains: list[str] = []
        self._spare_keys = spare_keys
        self.keys: dict[tuple[str, str], Key] = {}
        self._s3 = s3_backends[ACCOUNT]["aws"]
        self._s3.create_bucket(KEY_BUCKET, REGION)
        self._s3.put_bucket_versioning(KEY_BUCKET, "Enabled")
        ServedZones.dns = dns
        self._route53 = route53_backends[ACCOUNT]["aws"]
        self.hosted_zone_id = self._route53.create_hosted_zone(f"{DOMAIN}.", False).resource_id

    def add(self, domain: str, region: str = REGION, new_record: str | None = None) -> None:
        """Add an identity that signs with ``CURRENT`` and can be switched to ``NEW``.

        Args:
            domain: the identity, within the zone.
            region: of the identity and of its secret.
            new_record: key record to publish for ``NEW`` instead of the right one; "" for none.
        """
        self.plant(domain, region, new_record)
        entries = [
            {**entry, "domain": domain, "s3_key_path": key_path(domain, entry["selector"])}
            for entry in self.entries(domain)
        ]
        self.create_secret(secret_id(domain), region, {"selectors": entries})

    def plant(self, domain: str, region: str, new_record: str | None = None) -> None:
        """Add an identity that ``add`` describes, without its secret."""
        self.domains.append(domain)
        for selector in (NEW, CURRENT):
            key = self._spare_keys.pop() if self._spare_keys else make_key()
            self.keys[domain, selector] = key
            self.store(domain, selector, key)
        new_key, current_key = self.keys[domain, NEW], self.keys[domain, CURRENT]
        self._publish(domain, CURRENT, current_key.record)
        if new_record != "":
            self._publish(domain, NEW, new_record or new_key.record)
        self.sign(domain, region, CURRENT).set_status("SUCCESS")

    def sign(self, domain: str, region: str, selector: str) -> Identity:
        """Give SES a selector and its key. A selector without a key of ours never verifies."""
        key = self.keys.get((domain, selector))
        signing = identity(domain, region, ACCOUNT)
        signing.sign_with(selector, key.public_key if key else "")
        return signing

    def store(self, domain: str, selector: str, key: Key) -> None:
        """Store a private key in the key bucket."""
        self._s3.put_object(KEY_BUCKET, key_path(domain, selector), key.pem)

    def _publish(self, domain: str, selector: str, record: str) -> None:
        name = f"{selector}._domainkey.{domain}."
        rows = [{"Value": " ".join(f'"{each.decode()}"' for each in strings_of(record))}]
        record_set = {"Name": name, "Type": "TXT", "TTL": TTL, "ResourceRecords": rows}
        change = {"Action": "CREATE", "ResourceRecordSet": record_set}
        self._route53.change_resource_record_sets(self.hosted_zone_id, [change])

    def entries(self, domain: str) -> list[dict[str, Any]]:
        """Return the entries of both selectors for a secret, as short as they may be."""
        return [
            {"selector": selector, "dns_record": {"value": self.keys[domain, selector].record}}
            for selector in (NEW, CURRENT)
        ]

    def create_secret(self, name: str, region: str, content: dict[str, Any]) -> None:
        """Create a secret that holds JSON."""
        text = msgspec.json.encode(content).decode()
        secrets = secretsmanager_backends[ACCOUNT][region]
        secrets.create_secret(name, text, None, None, None, None, None, [], False)


def secret_id(domain: str) -> str:
    """Return the name of a domain's secret."""
    return f"byodkim/{domain}"


def key_path(domain: str, selector: str) -> str:
    """Return where the private key of a selector is, in the key bucket."""
    return f"dkim-keys/{domain}/{selector}/private_key.pem"


def build(order: Order, dns: Dns, spare_keys: list[Key]) -> Seed:
    """Fill an empty world, as a scenario has it."""
    seed, scenario = Seed(dns, spare_keys), order.scenario
    if order.throttled:
        SES.calls_per_second, SES.verify_after_s = 1.0, 8.0
    if scenario == "fleet":
        _build_fleet(seed, order)
        return seed
    seed.add(DOMAIN, new_record=_new_record(scenario))
    seed.add(SUBDOMAIN)
    seed.sign(DOMAIN, SECOND_REGION, CURRENT).set_status("SUCCESS")
    if scenario == "stale-name-server":
        name, stale = f"{NEW}._domainkey.{DOMAIN}", dns.servers["ns2"]
        stale.change(DnsChange(name=name, texts=[], frozen=True))
        stale.serial -= 2
    elif scenario == "other-key-in-s3":
        seed.store(DOMAIN, NEW, make_key())
    elif scenario == "pending":
        seed.sign(DOMAIN, REGION, NEW)
    return seed


def _build_fleet(seed: Seed, order: Order) -> None:
    """Add the identities of a fleet and one secret for all of them, in the layout ``domains``."""
    first_faulty = order.identities - order.faulty
    secret: dict[str, Any] = {}
    for number in range(order.identities):
        domain = f"d{number + 1:04}.{DOMAIN}"
        is_faulty = number >= first_faulty
        fault = FAULTS[(number - first_faulty) % len(FAULTS)] if is_faulty else ""
        seed.plant(domain, REGION, _new_record(fault))
        entries = seed.entries(domain)
        secret[domain] = {"selectors": entries[1:] if fault == "no secret entry" else entries}
        if fault == "Easy DKIM":
            identity(domain, REGION, ACCOUNT).sign_with_easy_dkim()
        elif fault == "identity gone":
            del identities_in(ACCOUNT, REGION)[domain]
    seed.create_secret(secret_id(DOMAIN), REGION, secret)


def _new_record(scenario: str) -> str | None:
    """Return the new record of a scenario or fault; ``None`` for the right one, "" for none."""
    if scenario == "wrong-key":
        return make_key().record
    if scenario == "placeholder":
        return "v=DKIM1; k=rsa; p=customerProvidedPublicKey"
    return "" if scenario in ("dns-absent", "pending") else None


class ServedZones(Route53Backend):
    """moto's Route 53, whose TXT records reach the sandbox's name servers at once."""

    dns: Dns
    __module__ = Route53Backend.__module__

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        """Make the changes here and at every name server that is not frozen."""
        record_sets = [(change["Action"], change["ResourceRecordSet"]) for change in change_list]
        served = [_served(*each) for each in record_sets if each[1]["Type"] == "TXT"]
        held = {(each.name.rstrip("."), each.type) for each in self.get_hosted_zone(zoneid).rrsets}
        for action, record_set in record_sets:
            owner = (record_set["Name"].rstrip("."), record_set["Type"])
            if action == "DELETE":
                held.discard(owner)
            elif action == "CREATE" and owner in held:
                raise ResourceRecordAlreadyExists(*owner)
        super().change_resource_record_sets(zoneid, change_list)
        for change in served:
            self.dns.change(change)


def _served(action: str, record_set: dict[str, Any]) -> DnsChange:
    """Return what a change of Route 53 means at the name servers.

    Raises:
        Route53ClientError: a character-string is longer than 255 bytes.
    """
    texts: list[str | list[str]] = [
        re.findall(r'"((?:[^"\\]|\\.)*)"', row["Value"])
        for row in record_set.get("ResourceRecords") or []
        if action != "DELETE"
    ]
    if any(len(string) > LONGEST_STRING for strings in texts for string in strings):
        raise Route53ClientError("InvalidChangeBatch", "CharacterStringTooLong")
    ttl = int(record_set.get("TTL") or 0)
    return DnsChange(name=str(record_set["Name"]), texts=texts, ttl=ttl)


route53_backends.backend = ServedZones


class StagedSecrets(SecretsManagerBackend):
    """moto's Secrets Manager, in which a moved AWSCURRENT is what is read and replaced."""

    __module__ = SecretsManagerBackend.__module__

    def update_secret_version_stage(
        self,
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> tuple[str, str]:
        """Move a stage."""
        moved: tuple[str, str] = super().update_secret_version_stage(
            secret_id, version_stage, remove_from_version_id, move_to_version_id
        )
        secret = self.secrets[secret_id]
        if version_stage == "AWSCURRENT" and isinstance(secret, FakeSecret):
            secret.set_default_version_id(move_to_version_id)
        return moved


secretsmanager_backends.backend = StagedSecrets
