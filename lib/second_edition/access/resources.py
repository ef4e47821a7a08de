"""The resources of one profile as ARNs, the conditions, and which of the options it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct

from second_edition.access.needs import ALWAYS

#: Below which key objects lie in the key bucket, where nothing else is said; generators have these layouts.
LAYOUTS: Final = ("dkim-keys/{domain}/*", "private_keys/{domain}/*", "dkim-certificates/{domain}/*")
LAYOUT: Final = "dkim-keys/{domain}/{selector}/private_key.pem"  # where prepare stores, where nothing else is said
LOCKS: Final = "byodkim-locks"
PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
ANY_VERSION: Final = "-??????"  # Secrets Manager adds six characters of its own to a secret's name
Conditions = dict[str, dict[str, object]]


class Values(Struct, frozen=True):
    """Hold what a profile says, as far as policies depend on it; placeholders will do as well.

    Attributes:
        keys: patterns of key objects, in ``key_bucket`` or ``s3://BUCKET/PATTERN``; none: the known layouts and
            ``layout``.
        layout: where prepare stores private keys in ``key_bucket``.
        key_kms: ARN of the key or an alias in KMS that it encrypts them with, "" for the bucket's setting.
        lock: whether the operator lock is an object in ``key_bucket``.
        seal_key: ARN of a key or an alias in KMS, "" for none.
        archive_bucket: "" for none.
        archive_prefix: of the copies, "" or ending in a slash.
        retention: whether copies are held by S3 Object Lock.
        encryption_key: ARN of the key that bucket and secret are encrypted with, "" where AWS has it.
        archive_key: the same for the archive.
        hosted_zone_id: of Route 53, "" where it does not publish.
        tsig_secret_id: of the secret with the TSIG key, "" where no dynamic update publishes.
        proof_from, proof_to: addresses of the message that proves a switch, "" for none.
        inbox_bucket, inbox_prefix: where that message arrives.
        store_region: of secrets and keys, "" for that of the identity.
        lock_places: other accounts and Regions (``ACCOUNT/REGION``) whose locks are in ``key_bucket``.
        elsewhere: where else in the account retire looks whether a selector is in use: Regions, or Region/domain.
        retire_key: what retire does with a private key, ``keep``, ``delete`` or ``expire``.
    """

    account: str
    region: str
    domain: str
    secret_id: str
    key_bucket: str
    partition: str = "aws"
    keys: tuple[str, ...] = ()
    layout: str = LAYOUT
    key_kms: str = ""
    lock: bool = False
    seal_key: str = ""
    archive_bucket: str = ""
    archive_prefix: str = ""
    retention: bool = False
    encryption_key: str = ""
    archive_key: str = ""
    hosted_zone_id: str = ""
    tsig_secret_id: str = ""
    proof_from: str = ""
    proof_to: str = ""
    inbox_bucket: str = ""
    inbox_prefix: str = ""
    store_region: str = ""
    lock_places: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    retire_key: str = "keep"


def partition_of(region: str) -> str:
    """Return the partition that a Region belongs to. Source: AWS General Reference, "Amazon Resource Names"."""
    return next((partition for start, partition in PARTITIONS.items() if region.startswith(start)), "aws")


def arns(name: str, values: Values) -> tuple[str, ...]:
    """Return the resource ``name`` as the ``Resource`` of a statement has it.

    Raises:
        KeyError: there is no such resource.
    """
    v, s3 = values, f"arn:{values.partition}:s3:::"
    here = f"{v.region}:{v.account}"
    archive, locks = f"{s3}{v.archive_bucket}", f"{s3}{v.key_bucket}/{LOCKS}"
    return {
        "identity": (_identity(values, v.region),),
        "identity-elsewhere": tuple(_identity(values, region) for region in _elsewhere(values)),
        "every-identity": (f"arn:{v.partition}:ses:{here}:identity/*",),
        "identities": ("*",),  # the action takes no resource
        "secret": (_secret(v.secret_id, values),),
        "new-key": (f"{s3}{new_key_place(values)}",),
        "object-key": (_key(v.key_kms),),
        "keys": tuple(f"{s3}{place}" for place in key_places(values)),
        "key-bucket": tuple(f"{s3}{bucket}" for bucket in _buckets(values)),
        "lock": tuple(f"{locks}/{at}/{v.domain}.json" for at in _lock_places(v)),
        "seal-key": (_key(v.seal_key),),
        "archive": tuple(f"{archive}/{v.archive_prefix}{below}{v.domain}/*" for below in ("", "heads/")),
        "archive-bucket": (archive,),
        "encryption-key": (v.encryption_key,),
        "archive-key": (v.archive_key,),
        "hosted-zone": (f"arn:{v.partition}:route53:::hostedzone/{v.hosted_zone_id}",),
        "change": (f"arn:{v.partition}:route53:::change/*",),  # Route 53 names it when it is made
        "tsig-secret": (_secret(v.tsig_secret_id, values),),
        "inbox-bucket": (f"{s3}{v.inbox_bucket}",),
        "inbox": (f"{s3}{v.inbox_bucket}/{v.inbox_prefix}*",),
    }[name]


def _lock_places(values: Values) -> tuple[str, ...]:
    """Return account and Region of each lock; of any account, where every identity is meant."""
    places = (f"{values.account}/{values.region}", *values.lock_places)
    return tuple(dict.fromkeys(f"*/{one.partition('/')[2]}" for one in places)) if values.domain == "*" else places


def key_places(values: Values) -> tuple[str, ...]:
    """Return bucket and pattern of each place of key objects; "" before the slash where the bucket is not known."""
    if values.keys:
        return tuple(_place(pattern, values.key_bucket) for pattern in values.keys)
    known = tuple(_place(layout.format(domain=values.domain), values.key_bucket) for layout in LAYOUTS)
    return known if covered(new_key_place(values), known) else (*known, new_key_place(values))


def new_key_place(values: Values) -> str:
    """Return bucket and pattern of the objects that prepare writes."""
    return _place(values.layout.format(domain=values.domain, selector="*"), values.key_bucket)


def covered(place: str, places: Iterable[str]) -> bool:
    """Return whether what fits the pattern ``place`` fits one of ``places`` too, as far as their beginnings show it."""
    return any(place == one or (one.endswith("*") and place.startswith(one[:-1])) for one in places)


def enabled(when: str, values: Values) -> bool:
    """Return whether a profile asks for the option ``when``.

    Raises:
        KeyError: there is no such option.
    """
    return {
        ALWAYS: True,
        "lock": values.lock,
        "seal-key": bool(values.seal_key),
        "archive": bool(values.archive_bucket),
        "retention": bool(values.archive_bucket) and values.retention,
        "encryption-key": bool(values.encryption_key),
        "encrypted-lock": bool(values.encryption_key) and values.lock,
        "archive-key": bool(values.archive_bucket) and bool(values.archive_key),
        "object-key": values.key_kms not in ("", values.encryption_key),
        "mailbox": bool(values.inbox_bucket),
        "regions": bool(_elsewhere(values)),
        "erasing": values.retire_key != "keep",
        "deleting": values.retire_key == "delete",
        "expiring": values.retire_key == "expire",
        "route53": bool(values.hosted_zone_id),
        "rfc2136": bool(values.tsig_secret_id),
        "encrypted-tsig": bool(values.tsig_secret_id) and bool(values.encryption_key),
    }[when]


def condition(only: str, on: str, values: Values) -> Conditions:
    """Return the ``Condition`` of a statement, empty for none.

    Sources: AWS KMS Developer Guide, "kms:ViaService", "kms:SigningAlgorithm", and "Use aliases to control access": an
    alias is no resource of a statement, so a key that is named by its alias is told by the request, or where a service
    makes that, by the key's aliases. Amazon Route 53 Developer Guide, "Using IAM policy conditions for fine-grained
    access control": names are in lower case without a last dot. Amazon SES Developer Guide, "Controlling access to
    Amazon SES". Amazon S3 User Guide, "Enforce conditional writes on Amazon S3 buckets", and "Bucket policy examples
    using condition keys" (s3:prefix).
    """
    found = _CONDITIONS[only](values)
    if on == "seal-key" and ":alias/" in values.seal_key:
        found["StringEquals"] = {**found.get("StringEquals", {}), "kms:RequestAlias": _alias(values.seal_key)}
    if on == "object-key" and ":alias/" in values.key_kms:
        found["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": [_alias(values.key_kms)]}
    return found


def _via(values: Values, *services: str) -> Conditions:
    host = "amazonaws.com.cn" if values.partition == "aws-cn" else "amazonaws.com"
    return {
        "StringEquals": {"kms:ViaService": [f"{one}.{values.store_region or values.region}.{host}" for one in services]}
    }


def _key_records(values: Values) -> Conditions:
    asked_for = "route53:ChangeResourceRecordSets"
    return {
        "ForAllValues:StringLike": {f"{asked_for}NormalizedRecordNames": [f"*._domainkey.{values.domain}"]},
        "ForAllValues:StringEquals": {f"{asked_for}RecordTypes": ["TXT"], f"{asked_for}Actions": ["CREATE", "DELETE"]},
    }


def _of_keys(values: Values) -> Conditions:
    return {"StringLike": {"s3:prefix": [place.partition("/")[2] for place in key_places(values)]}}


def _addressed(values: Values) -> Conditions:
    return {
        "StringEquals": {"ses:FromAddress": values.proof_from},
        "ForAllValues:StringEquals": {"ses:Recipients": [values.proof_to]},
    }


_CONDITIONS: Final[Mapping[str, Callable[[Values], Conditions]]] = {
    "": lambda _: {},
    "via-s3": lambda values: _via(values, "s3"),
    "via-secrets": lambda values: _via(values, "secretsmanager"),
    "via-store": lambda values: _via(values, "s3", "secretsmanager"),
    "signing": lambda _: {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "RAW"}},
    "if-absent": lambda _: {"Null": {"s3:if-none-match": "false"}},
    "key-records": _key_records,
    "of-keys": _of_keys,
    "addressed": _addressed,
    "in-inbox": lambda values: {"StringEquals": {"s3:prefix": values.inbox_prefix}} if values.inbox_prefix else {},
}


def _identity(values: Values, region: str) -> str:
    at, _, domain = region.partition("/")
    return f"arn:{values.partition}:ses:{at}:{values.account}:identity/{domain or values.domain}"


def _elsewhere(values: Values) -> tuple[str, ...]:
    """Return the Regions beside the run's own."""
    return tuple(region for region in values.elsewhere if region != values.region)


def _secret(name: str, values: Values) -> str:
    if name.startswith("arn:"):
        return name
    region = values.store_region or values.region
    return f"arn:{values.partition}:secretsmanager:{region}:{values.account}:secret:{name}{ANY_VERSION}"


def _alias(arn: str) -> str:
    return arn.rpartition(":")[2]


def _place(pattern: str, bucket: str) -> str:
    return pattern.removeprefix("s3://") if pattern.startswith("s3://") else f"{bucket}/{pattern.removeprefix('/')}"


def _buckets(values: Values) -> tuple[str, ...]:
    buckets = [place.partition("/")[0] for place in key_places(values)]
    return tuple(dict.fromkeys([*buckets, values.key_bucket] if values.lock else buckets))


def _key(arn: str) -> str:
    """Return what a statement names for a key in KMS: the key, or any of the account where only an alias is known."""
    return f"{arn.partition(':alias/')[0]}:key/*" if ":alias/" in arn else arn
