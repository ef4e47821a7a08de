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
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.aws.object_names import is_bucket, is_path
from second_edition.dkim.names import LONGEST_LABEL, check_domain
from second_edition.dkim.secrecy import holds_private, may_be_piece
from second_edition.errors import ParameterError
from second_edition.plain import plain
from second_edition.rotation.observation import KeyObject

MAX_OBJECT = 64 * 1024
MAX_DEPTH = 6
BOM: Final = "\ufeff"
# Layouts seen with generators; tried only where the secret names no path.
LAYOUTS = (
    ("dkim-keys/{domain}/{selector}/", r"private_key\.pem"),
    ("private_keys/{domain}/{selector}/", r"private_key_\d{8}_\d{6}\.pem"),
    ("dkim-certificates/{domain}/{selector}/", r"private_key\.pem"),
)


class Entry(Struct, frozen=True):
    """Hold what a secret says of one selector. ``key_path``, ``domain`` and ``bucket`` are "" where it names none.

    ``defect`` is "" or names a field that does not look like what it is meant to be (``unlike-selector``,
    ``unlike-path``, ``unlike-bucket``): such a value may be anything, and "" stands in its place.
    """

    selector: str
    dns_value: str
    key_path: str
    domain: str = ""
    bucket: str = ""
    defect: str = ""

    def is_of(self, domain: str) -> bool:
        """Return whether the entry is the domain's: it names that one, or none. Any is where ``domain`` is ""."""
        return not domain or self.domain in ("", domain)


class Version(Struct, frozen=True):
    """One version of a secret, by stage. ``others`` are the entries of other domains than the one asked for.

    ``defect`` is "", ``not-json``, ``binary``, ``no-entry``, ``no-path`` (an entry whose ``s3_key_path`` is no text),
    ``private-key-inside``, or that of one of its ``entries``.
    """

    stage: str
    version_id: str
    created: str
    entries: tuple[Entry, ...]
    defect: str = ""
    others: tuple[Entry, ...] = ()


class Place(Struct, frozen=True):
    """Hold where a key object lies."""

    bucket: str
    key: str


def read_version(client: Any, secret_id: str, stage: str, domain: str = "") -> Version:
    """Return the version of the secret that carries ``stage`` (AWSCURRENT, AWSPREVIOUS or AWSPENDING).

    Its ``entries`` are those of ``domain``; all of them where that is "".

    Raises:
        botocore.exceptions.ClientError: ``ResourceNotFoundException`` where secret or stage does not exist.
        ValueError, LookupError, TypeError, AttributeError: the answer lacks what Secrets Manager says of every version.
    """
    answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
    if stage not in answer["VersionStages"] or not answer["VersionId"]:
        raise ValueError("another version than the one asked for")
    found, defect = parse_secret(text_of(answer))
    entries = [replace(one, dns_value=public_part(one.dns_value)) for one in found]
    own = tuple(one for one in entries if one.is_of(domain))
    if defect in UNLIKE:  # another domain's entry stands in nobody's way
        defect = next((one.defect for one in own if one.defect), "")
    return Version(
        stage=stage,
        version_id=answer["VersionId"],
        created=answer["CreatedDate"].isoformat(timespec="seconds"),
        entries=own,
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
    be taken out of such a secret. There are none where it stands in an entry's own fields. The defect of an entry is
    the secret's where it has no other.
    """
    try:
        data = load(text)
        json.dumps(data, ensure_ascii=False).encode()  # half a character (a lone surrogate) fits into no record
    except (ValueError, RecursionError):
        bare = text if isinstance(text, str) else base64.b64encode(text).decode()
        return (), "private-key-inside" if holds_private(bare) else "not-json" if isinstance(text, str) else "binary"
    entries = tuple(Part(data).within())
    if holds_private(plain(entries)):
        return (), "private-key-inside"
    entries = tuple(map(_shown, entries))
    if holds_private(data):
        return entries, "private-key-inside"
    if not entries:
        return (), "no-path" if _lacks_path(data) else "no-entry"
    return entries, next((one.defect for one in entries if one.defect), "")


def _lacks_path(data: Any, depth: int = MAX_DEPTH) -> bool:
    """Return whether an entry stands there that is none because its ``s3_key_path`` is null, or no text."""
    if isinstance(data, dict) and dns_values({**data, "s3_key_path": ""}):
        return True
    within = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return depth > 1 and any(_lacks_path(one, depth - 1) for one in within)


def _shown(entry: Entry) -> Entry:
    """Return the entry without what does not look like a selector, a path or a bucket."""
    one_case = entry.selector in (entry.selector.lower(), entry.selector.upper())
    if may_be_piece(entry.selector) and not (one_case and len(entry.selector) <= LONGEST_LABEL):
        entry = replace(entry, selector="", defect="unlike-selector")
    if entry.key_path and not is_path(entry.key_path):
        entry = replace(entry, key_path="", defect="unlike-path")
    if entry.bucket and not is_bucket(entry.bucket):
        entry = replace(entry, bucket="", defect="unlike-bucket")
    return entry


class Part(Struct, frozen=True):
    """A part of the secret, how deep entries are looked for in it, and the domain and bucket that hold for it."""

    data: Any
    depth: int = MAX_DEPTH
    domain: str = ""
    bucket: str = ""

    @property
    def own(self) -> tuple[str, str]:
        """Return the domain and the bucket, by its own fields or by what it stands in."""
        data = self.data if isinstance(self.data, dict) else {}
        named = data.get("s3_bucket")
        return domain_of(data.get("domain")) or self.domain, named if isinstance(named, str) and named else self.bucket

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what the part itself says: nothing where it is no entry, and several where it contradicts itself."""
        values = dns_values(self.data) if self.depth else []
        return tuple(
            Entry(self.data["selector"], value, self.data.get("s3_key_path", ""), *self.own) for value in values
        )

    @property
    def entry(self) -> Entry | None:
        """Return what the part itself says, if it is one entry."""
        return self.entries[0] if len(self.entries) == 1 else None

    def is_of(self, domain: str) -> bool:
        """Return whether the part itself is an entry, and the domain's."""
        return self.entry is not None and self.entry.is_of(domain)

    def parts(self) -> Iterator[tuple[Any, Part]]:
        """Yield what stands in it, by name or number."""
        domain, bucket = self.own
        if self.depth and isinstance(self.data, list):
            yield from ((at, Part(one, self.depth - 1, domain, bucket)) for at, one in enumerate(self.data))
        if self.depth and isinstance(self.data, dict):
            for name, one in self.data.items():
                yield name, Part(one, self.depth - 1, domain_of(name) or domain, bucket)

    def within(self) -> Iterator[Entry]:
        """Yield what it says, and all that stands in it."""
        yield from self.entries
        for _, one in self.parts():
            yield from one.within()


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
        found = check_domain(name) if isinstance(name, str) else ""
    except ParameterError:
        return ""
    return "" if found.rpartition(".")[2].isdecimal() else found


UNLIKE: Final = ("unlike-selector", "unlike-path", "unlike-bucket")
#: What may be a key in a key record, with white space between; and how public ones begin.
_KEYS: Final = re.compile(r"[A-Za-z0-9+/](?:\s*[A-Za-z0-9+/]){23,}")
_PUBLIC: Final = re.compile(
    rb"0(\x82..|\x81.)(0\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01|\x02(\x82..|\x81.)\0)", re.DOTALL
)
_ED25519: Final = 43  # characters of base64, without the closing sign


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
    return KeyObject(
        place.bucket,
        place.key,
        version_id=head.get("VersionId", ""),
        last_modified=head["LastModified"].isoformat(timespec="seconds"),
        size=int(head["ContentLength"]),
    )


def selectors(client: Any, bucket: str, domain: str, layout: str = "") -> set[str]:
    """Return every selector for which one of the known layouts, or ``layout``, gives an object."""
    found = set()
    for prefix, name in _layouts(layout):
        start, _, rest = prefix.format(domain=domain, selector="{selector}").partition("{selector}")
        form = re.compile(rf"{re.escape(start)}([A-Za-z0-9-]{{1,63}}){re.escape(rest)}{name}")
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start):
            found |= {match[1] for item in page.get("Contents", ()) if (match := form.fullmatch(item["Key"]))}
    return {one for one in found if not may_be_piece(one)}


def _layouts(own: str) -> tuple[tuple[str, str], ...]:
    """Return the known layouts, and one's own: the part with the selector in it, and the form of what follows."""
    prefix, selector, rest = own.rpartition("{selector}")
    folder, slash, name = rest.rpartition("/")
    mine = (f"{prefix}{selector}{folder}{slash}", re.escape(name))
    return LAYOUTS if not own or mine in LAYOUTS else (*LAYOUTS, mine)
