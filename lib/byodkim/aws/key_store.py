"""The key store: the secret that names a selector, and the S3 object with its private key.

Only ``selector``, ``dns_record.value`` (nested, or one flat key) and ``s3_key_path`` of a secret are relied on: they
are parsed strictly, what stands beside them is tolerated. A secret may hold one such entry or several, at the top or
nested. ``domain`` (or a map's key that is a domain) and ``s3_bucket`` hold for what they stand beside and all below it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any, Final

from byodkim.dkim.names import check_domain
from byodkim.dkim.secrecy import looks_private
from byodkim.errors import ParameterError
from byodkim.rotation.observation import KeyObject

MAX_OBJECT = 64 * 1024
MAX_DEPTH = 6
BOM: Final = "\ufeff"
# Layouts seen with generators; tried only where the secret names no path.
LAYOUTS = (
    ("dkim-keys/{domain}/{selector}/", r"private_key\.pem"),
    ("private_keys/{domain}/{selector}/", r"private_key_\d{8}_\d{6}\.pem"),
    ("dkim-certificates/{domain}/{selector}/", r"private_key\.pem"),
)


@dataclass(frozen=True)
class Entry:
    """Hold what a secret says of one selector. ``key_path``, ``domain`` and ``bucket`` are "" where it names none."""

    selector: str
    dns_value: str
    key_path: str
    domain: str = ""
    bucket: str = ""

    def is_of(self, domain: str) -> bool:
        """Return whether the entry is the domain's: it names that one, or none. Any is where ``domain`` is ""."""
        return not domain or self.domain in ("", domain)


@dataclass(frozen=True)
class Version:
    """One version of a secret, by stage. ``others`` are the entries of other domains than the one asked for.

    ``defect`` is "", ``not-json``, ``binary``, ``no-entry`` or ``private-key-inside``.
    """

    stage: str
    version_id: str
    created: str
    entries: tuple[Entry, ...]
    defect: str = ""
    others: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Place:
    """Hold where a key object lies."""

    bucket: str
    key: str


def read_version(client: Any, secret_id: str, stage: str, domain: str = "") -> Version:
    """Return the version of the secret that carries ``stage`` (AWSCURRENT, AWSPREVIOUS or AWSPENDING).

    Its ``entries`` are those of ``domain``; all of them where that is "".

    Raises:
        botocore.exceptions.ClientError: ``ResourceNotFoundException`` where secret or stage does not exist.
    """
    answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
    created = answer.get("CreatedDate")
    found, defect = parse_secret(text_of(answer))
    entries = [replace(one, dns_value=public_part(one.dns_value)) for one in found]
    return Version(
        stage=stage,
        version_id=answer.get("VersionId", ""),
        created=created.isoformat(timespec="seconds") if isinstance(created, datetime) else "",
        entries=tuple(one for one in entries if one.is_of(domain)),
        defect=defect,
        others=tuple(one for one in entries if not one.is_of(domain)),
    )


def text_of(answer: Mapping[str, Any]) -> str | bytes:
    """Return the secret of a GetSecretValue answer: text, or the bytes of ``SecretBinary``."""
    found: str | bytes = answer.get("SecretString") or answer.get("SecretBinary", "")
    return found


def mark_of(text: str | bytes) -> str:
    """Return the byte order mark that a secret's text begins with, as PowerShell writes one; "" where it has none."""
    found = text.startswith(BOM) if isinstance(text, str) else text.startswith(BOM.encode())
    return BOM if found else ""


def load(text: str | bytes) -> Any:
    """Return a secret's text as JSON, without its byte order mark. RFC 8259 section 8.1 lets a reader ignore it.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(text.removeprefix(BOM) if isinstance(text, str) else text)  # of bytes json takes it off


def parse_secret(text: str | bytes) -> tuple[tuple[Entry, ...], str]:
    """Return the entries of a secret's text, and a defect ("" where there is none).

    With the defect ``private-key-inside`` there are entries where the key stands beside what is public: one of them can
    be taken out of such a secret. There are none where it stands in an entry's own fields.
    """
    try:
        data = load(text)
        json.dumps(data, ensure_ascii=False).encode()  # half a character (a lone surrogate) fits into no record
    except (ValueError, RecursionError):
        bare = text if isinstance(text, str) else base64.b64encode(text).decode()
        return (), "private-key-inside" if _holds_private(bare) else "not-json" if isinstance(text, str) else "binary"
    entries = tuple(_entries(data, MAX_DEPTH))
    if _holds_private([[*astuple(one)] for one in entries]):
        return (), "private-key-inside"
    if _holds_private(data):
        return entries, "private-key-inside"
    return entries, "" if entries else "no-entry"


def _holds_private(data: object) -> bool:
    """Return whether a private key stands anywhere in a secret: in a value or name at any depth, or as a JWK."""
    parts = [data]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if isinstance(part.get("d"), str) and isinstance(part.get("n"), str):  # RFC 7517, RFC 7518 section 6.3.2
                return True
            parts += [*part, *part.values()]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, str) and any(map(looks_private, _readings(part))):
            return True
    return False


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as the base64 or hexadecimal spelling of another one, three deep."""
    for _ in range(4):
        yield text
        bare = "".join(text.split())
        try:
            found = bytes.fromhex(bare) if _HEX.fullmatch(bare) else base64.b64decode(bare.translate(_URL_SAFE) + "==")
        except ValueError:
            return
        yield base64.b64encode(found).decode()  # DER is recognised by its base64
        text = found.decode("latin-1")


def _entries(data: object, depth: int, domain: str = "", bucket: str = "") -> Iterator[Entry]:
    if depth and isinstance(data, list):
        for part in data:
            yield from _entries(part, depth - 1, domain, bucket)
    if depth and isinstance(data, dict):
        domain, named = domain_of(data.get("domain")) or domain, data.get("s3_bucket")
        bucket = named if isinstance(named, str) and named else bucket
        for value in dns_values(data):
            yield Entry(data["selector"], value, data.get("s3_key_path", ""), domain, bucket)
        for name, part in data.items():
            yield from _entries(part, depth - 1, domain_of(name) or domain, bucket)


def dns_values(data: object) -> list[str]:
    """Return what a part of a secret says as ``dns_record.value``, nested or flat; nothing where it is no entry.

    Where it says both, and different values, it is two entries of one selector, which is refused.
    """
    if not isinstance(data, dict) or not isinstance(data.get("s3_key_path", ""), str):
        return []
    if not isinstance(data.get("selector"), str) or not data["selector"]:
        return []
    record = data.get("dns_record")
    found = (record.get("value") if isinstance(record, dict) else None, data.get("dns_record.value"))
    return list(dict.fromkeys(value for value in found if isinstance(value, str) and value))


def public_part(value: str) -> str:
    """Return a key record's value, without what stands for a key in it and does not begin as a public one.

    What stands there may be a piece of a private key, by mistake. RSA's public keys in DER begin with the type
    (RFC 5280 section 4.1.2.7) or with the modulus (RFC 8017 appendix A.1.1); one of Ed25519 has 32 bytes (RFC 8463).
    """
    return _KEYS.sub(lambda found: found[0] if _begins_public(found[0]) else f"({len(found[0])} characters)", value)


def _begins_public(text: str) -> bool:
    bare = "".join(text.split())
    return len(bare) == _ED25519 or _PUBLIC.match(base64.b64decode(bare[:24])) is not None


def domain_of(name: object) -> str:
    """Return the domain that a name in a secret is, in lower case and as A-labels; "" where it is none."""
    try:
        found = check_domain(name.encode("idna").decode()) if isinstance(name, str) else ""
    except (ValueError, ParameterError):
        return ""
    return "" if found.rpartition(".")[2].isdecimal() else found


#: What may be a key in a key record, with white space between; and how public ones begin.
_KEYS: Final = re.compile(r"[A-Za-z0-9+/](?:\s*[A-Za-z0-9+/]){23,}")
_PUBLIC: Final = re.compile(
    rb"0(\x82..|\x81.)(0\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01|\x02(\x82..|\x81.)\0)", re.DOTALL
)
_ED25519: Final = 43  # characters of base64, without the closing sign
_HEX: Final = re.compile("([0-9A-Fa-f]{2})+")
_URL_SAFE: Final = str.maketrans("-_", "+/")


def place_of(path: str, default_bucket: str) -> Place | None:
    """Return where ``s3_key_path`` points: an ``s3://bucket/key`` address, or a key in ``default_bucket``."""
    if match := re.fullmatch(r"s3://([^/]+)/(.+)", path):
        return Place(match[1], match[2])
    return Place(default_bucket, path.removeprefix("/")) if path and default_bucket and "://" not in path else None


def contradiction(path: str, bucket: str, named: str) -> KeyObject | None:
    """Return a ``KeyObject`` with the defect ``two-buckets`` where the secret's ``s3_bucket`` is contradicted.

    Args:
        path: the secret's ``s3_key_path``.
        bucket: the parameter's or the profile's; "" where there is none.
        named: the secret's ``s3_bucket``; "" where there is none.
    """
    place = place_of(path, named)
    others = {bucket, place.bucket if place else ""} - {named, ""}
    if not named or not others:
        return None
    both = tuple(f"s3://{one}" for one in (named, *sorted(others)))
    return KeyObject(named, path, candidates=both, defect="two-buckets")


def candidates(client: Any, bucket: str, domain: str, selector: str, layout: str = "") -> tuple[Place, ...]:
    """Return every object that one of the known layouts, or ``layout``, gives for ``selector``, sorted by key."""
    found = []
    for prefix, name in _layouts(layout):
        start = prefix.format(domain=domain, selector=selector)
        answer = client.list_objects_v2(Bucket=bucket, Prefix=start, MaxKeys=1000)
        found += [
            Place(bucket, item["Key"])
            for item in answer.get("Contents", ())
            if re.fullmatch(name, item["Key"].removeprefix(start))
        ]
    return tuple(sorted(found, key=lambda place: place.key))


def dated(client: Any, bucket: str, path: str, domain: str, selector: str, named: str = "") -> KeyObject:
    """Return when the key object was last written, by HeadObject: its body is not asked for.

    ``path`` is the secret's ``s3_key_path``; where it is "", the known layouts in ``bucket`` are tried. ``named`` is
    the secret's ``s3_bucket``.

    Raises:
        botocore.exceptions.ClientError: it is not there, or may not be read.
    """
    if found := contradiction(path, bucket, named):
        return found
    bucket = named or bucket
    place = place_of(path, bucket)
    if place is None:
        listed = () if path or not bucket else candidates(client, bucket, domain, selector)
        if len(listed) != 1:
            names = tuple(one.key for one in listed)
            return KeyObject(bucket, path, candidates=names, defect="ambiguous" if listed else "absent")
        place = listed[0]
    head = client.head_object(Bucket=place.bucket, Key=place.key)
    modified = head.get("LastModified")
    return KeyObject(
        place.bucket,
        place.key,
        version_id=head.get("VersionId", ""),
        last_modified=modified.isoformat(timespec="seconds") if isinstance(modified, datetime) else "",
        size=int(head.get("ContentLength", 0)),
    )


def selectors(client: Any, bucket: str, domain: str, layout: str = "") -> set[str]:
    """Return every selector for which one of the known layouts, or ``layout``, gives an object."""
    found = set()
    for prefix, name in _layouts(layout):
        start, _, rest = prefix.format(domain=domain, selector="{selector}").partition("{selector}")
        form = re.compile(rf"{re.escape(start)}([A-Za-z0-9-]{{1,63}}){re.escape(rest)}{name}")
        token: dict[str, str] = {}
        while True:
            answer = client.list_objects_v2(Bucket=bucket, Prefix=start, MaxKeys=1000, **token)
            found |= {match[1] for item in answer.get("Contents", ()) if (match := form.fullmatch(item["Key"]))}
            if not answer.get("IsTruncated"):
                break
            token = {"ContinuationToken": answer["NextContinuationToken"]}
    return found


def _layouts(own: str) -> tuple[tuple[str, str], ...]:
    """Return the known layouts, and one's own: the part with the selector in it, and the form of what follows."""
    prefix, selector, rest = own.rpartition("{selector}")
    folder, slash, name = rest.rpartition("/")
    mine = (f"{prefix}{selector}{folder}{slash}", re.escape(name))
    return LAYOUTS if not own or mine in LAYOUTS else (*LAYOUTS, mine)
