"""The resources of one profile as ARNs, the conditions, and which of the options it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byodkim.access.needs import ALWAYS

#: Below which key objects lie in the key bucket, where nothing else is said; generators have these layouts.
LAYOUTS: Final = ("dkim-keys/{domain}/*", "private_keys/{domain}/*", "dkim-certificates/{domain}/*")
LOCKS: Final = "byodkim-locks"
PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
ANY_VERSION: Final = "-??????"  # Secrets Manager adds six characters of its own to a secret's name


@dataclass(frozen=True)
class Values:
    """What a profile says, as far as policies depend on it; placeholders will do as well.

    Attributes:
        keys: patterns of key objects, in ``key_bucket`` or ``s3://BUCKET/PATTERN``; none: the known layouts.
        lock: whether the operator lock is an object in ``key_bucket``.
        seal_key: ARN of a key or an alias in KMS, "" for none.
        archive_bucket: "" for none.
        archive_prefix: of the copies, "" or ending in a slash.
        retention: whether copies are held by S3 Object Lock.
        encryption_key: ARN of the key that bucket and secret are encrypted with, "" where AWS has it.
        archive_key: the same for the archive.
    """

    account: str
    region: str
    domain: str
    secret_id: str
    key_bucket: str
    partition: str = "aws"
    keys: tuple[str, ...] = ()
    lock: bool = False
    seal_key: str = ""
    archive_bucket: str = ""
    archive_prefix: str = ""
    retention: bool = False
    encryption_key: str = ""
    archive_key: str = ""


def partition_of(region: str) -> str:
    """The partition that a Region belongs to. Source: AWS General Reference, "Amazon Resource Names"."""
    return next((partition for start, partition in PARTITIONS.items() if region.startswith(start)), "aws")


def arns(name: str, values: Values) -> tuple[str, ...]:
    """The resource ``name`` as the ``Resource`` of a statement has it.

    Raises:
        KeyError: there is no such resource.
    """
    v, s3 = values, f"arn:{values.partition}:s3:::"
    here = f"{v.region}:{v.account}"
    archive = f"{s3}{v.archive_bucket}"
    return {
        "identity": (f"arn:{v.partition}:ses:{here}:identity/{v.domain}",),
        "secret": (_secret(values),),
        "keys": tuple(f"{s3}{place}" for place in key_places(values)),
        "key-bucket": tuple(f"{s3}{bucket}" for bucket in _buckets(values)),
        "lock": (f"{s3}{v.key_bucket}/{LOCKS}/{v.region}/{v.domain}.json",),
        "seal-key": (_key(v.seal_key),),
        "archive": (f"{archive}/{v.archive_prefix}{v.domain}/*",),
        "archive-bucket": (archive,),
        "encryption-key": (v.encryption_key,),
        "archive-key": (v.archive_key,),
    }[name]


def key_places(values: Values) -> tuple[str, ...]:
    """Bucket and pattern of each place of key objects; "" before the slash where the bucket is not known."""
    patterns = values.keys or tuple(layout.format(domain=values.domain) for layout in LAYOUTS)
    return tuple(_place(pattern, values.key_bucket) for pattern in patterns)


def asked(when: str, values: Values) -> bool:
    """Whether a profile asks for the option ``when``.

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
    }[when]


def condition(only: str, on: str, values: Values) -> dict[str, dict[str, object]]:
    """The ``Condition`` of a statement, empty for none.

    Sources: AWS KMS Developer Guide, "kms:ViaService", "kms:SigningAlgorithm", and "Use aliases to control access":
    an alias is no resource of a statement, so a key that is named by its alias is told by the request.
    """
    known: dict[str, dict[str, object]] = {
        "": {},
        "via-s3": {"kms:ViaService": [f"s3.{values.region}.{_host(values)}"]},
        "via-store": {"kms:ViaService": [f"{one}.{values.region}.{_host(values)}" for one in ("s3", "secretsmanager")]},
        "signing": {"kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "RAW"},
    }
    equals = known[only]
    if on == "seal-key" and ":alias/" in values.seal_key:
        equals["kms:RequestAlias"] = values.seal_key.rpartition(":")[2]
    return {"StringEquals": equals} if equals else {}


def _host(values: Values) -> str:
    return "amazonaws.com.cn" if values.partition == "aws-cn" else "amazonaws.com"


def _secret(values: Values) -> str:
    if values.secret_id.startswith("arn:"):
        return values.secret_id
    return (
        f"arn:{values.partition}:secretsmanager:{values.region}:{values.account}:secret:{values.secret_id}{ANY_VERSION}"
    )


def _place(pattern: str, bucket: str) -> str:
    return pattern.removeprefix("s3://") if pattern.startswith("s3://") else f"{bucket}/{pattern.removeprefix('/')}"


def _buckets(values: Values) -> tuple[str, ...]:
    buckets = [place.partition("/")[0] for place in key_places(values)]
    return tuple(dict.fromkeys([*buckets, values.key_bucket] if values.lock else buckets))


def _key(arn: str) -> str:
    """What a statement names for a key in KMS: itself, or any key of the account where only an alias is known."""
    return f"{arn.partition(':alias/')[0]}:key/*" if ":alias/" in arn else arn
