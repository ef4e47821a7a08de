"""A world that is described: identities, key store and zones as somebody saw them, without a key or a secret's value.

The description names key pairs by labels, and the world makes them. In a text ``{key:LABEL}`` stands for the public key
of a pair in base64, ``{key:LABEL:260}`` for its first 260 characters, and ``{new}`` for a random word.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import secrets
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from second_edition.ses_sandbox.errors import SandboxError

Count = Annotated[int, Meta(ge=0, lt=2**31)]
Text = Annotated[str, Meta(min_length=1, max_length=1024)]
Host = Annotated[str, Meta(max_length=254, pattern=r"\A(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?\Z")]
Bucket = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")]
Fault = Literal["", "silent", "lame", "refused", "servfail"]
LARGEST: Final = 256 * 1024 * 1024  # bytes
#: What may differ between two descriptions of one world.
OWN: Final = frozenset({"sha256", "verification_seconds"})
_HOLE: Final = re.compile(r"\{new\}|\{key:([^{}:]+)(?::(\d{1,9}))?\}")


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a description: a field that is not known is an error."""


class Identity(Part, frozen=True):
    """An identity as GetEmailIdentity shows it; ``key`` is the label of the pair that SES has, "" for Easy DKIM."""

    name: Text
    selectors: tuple[str, ...] = ()
    key: str = ""
    origin: str = "EXTERNAL"
    status: Literal["NOT_STARTED", "PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE"] = "SUCCESS"
    signing_enabled: bool = True
    verified: bool = True


class Secret(Part, frozen=True):
    """A secret: what each version holds, as JSON with holes in its texts; the version in force last."""

    name: Text
    versions: tuple[Any, ...]


class KeyObject(Part, frozen=True):
    """An object of the key bucket; ``key`` is the label of the pair inside, "" for an object that holds none."""

    bucket: Bucket
    path: Text
    key: str = ""
    form: Literal["PKCS#8 PEM", "PKCS#1 PEM", "PKCS#8 base64", "PKCS#1 base64"] = "PKCS#8 PEM"


class Server(Part, frozen=True):
    """A name server: how it fails, and how slow it is. All servers hold all zones."""

    name: Host
    fault: Fault = ""
    latency_ms: Annotated[float, Meta(ge=0, le=10_000)] = 0


class Zone(Part, frozen=True):
    """A zone. ``serials``: at each server, in their order; fewer leave the world's own to the others."""

    apex: Host
    serials: tuple[Count, ...] = ()
    negative_ttl: Count = 300
    refresh: Count = 7200


class RecordSet(Part, frozen=True):
    """All records of one type at one name, at the servers of these numbers (from 0). A TXT record is one text."""

    name: Host
    values: tuple[str, ...]
    servers: tuple[Count, ...]
    type: Literal["TXT", "CNAME"] = "TXT"
    ttl: Count = 3600


class Description(Part, frozen=True):
    """A world.

    Attributes:
        domain: the world's own; its zone stands in Route 53 too.
        current_selector, next_selector: of that domain, as a client takes them from the facts.
        secret_id, key_bucket: of that domain.
        keys: bits of each key pair, by its label.
        verification_seconds: from a PUT to SES's first look at DNS.
        switched_at: since when SES has signed with the selector in use (ISO 8601), "" where nothing tells.
        about: whatever its maker wants to find again in the facts.
    """

    domain: Host
    current_selector: str
    next_selector: str
    secret_id: str
    key_bucket: str
    servers: Annotated[tuple[Server, ...], Meta(min_length=1, max_length=32)]
    zones: tuple[Zone, ...] = ()
    identities: tuple[Identity, ...] = ()
    secrets: tuple[Secret, ...] = ()
    objects: tuple[KeyObject, ...] = ()
    records: tuple[RecordSet, ...] = ()
    keys: dict[str, Annotated[int, Meta(ge=1024, le=4096)]] = field(default_factory=dict)
    verification_seconds: Annotated[float, Meta(ge=0, le=259_200)] = 0.2
    switched_at: str = ""
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a date that is none.

        Raises:
            ValueError: ``switched_at`` is no time with its zone; msgspec says where it stands.
        """
        try:
            known = not self.switched_at or datetime.fromisoformat(self.switched_at).tzinfo
        except ValueError:
            known = None
        if not known:
            raise ValueError("switched_at must be a time with its zone, such as 2026-09-12T00:00:00+00:00, or empty")


def read(path: Path) -> Description:
    """Return the description in a JSON file.

    Raises:
        SandboxError: it cannot be read, or is none.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise OSError(errno.EINVAL, "no regular file")
        with path.open("rb") as file:
            return of(file.read(LARGEST))
    except OSError as problem:
        raise SandboxError(
            "The description {path} cannot be read ({reason}).", path=path, reason=problem.strerror or ""
        ) from None
    except msgspec.ValidationError as problem:
        raise SandboxError(
            "The file {path} is not a description of a sandbox ({defect}).", path=path, defect=problem
        ) from None
    except (msgspec.MsgspecError, ValueError, RecursionError):  # no UTF-8, or too deep
        raise SandboxError("The file {path} is not a description of a sandbox: it is no JSON.", path=path) from None


def of(data: bytes) -> Description:
    """Return the description in JSON; what its maker said of it (``about``) has the SHA-256 of what it is.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    found, value = msgspec.json.decode(data, type=Description), json.loads(data)
    if not found.about:
        return found
    about = {name: one for name, one in found.about.items() if name not in OWN}
    content = {name: one for name, one in value.items() if name not in OWN} | {"about": about}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return msgspec.structs.replace(found, about={**found.about, "sha256": hashlib.sha256(text.encode()).hexdigest()})


def filled(value: Any, keys: Mapping[str, str]) -> Any:
    """Return JSON with the holes of its texts filled, by the public key of each label in base64."""

    def fill(hole: re.Match[str]) -> str:
        label, length = hole[1], hole[2]
        if label is None:
            return secrets.token_hex(8)
        if label not in keys:
            raise SandboxError(f"The description has no key {label!r}.", todo="Name it under keys.")
        return keys[label][: int(length) if length else None]

    text = json.dumps(value, ensure_ascii=False)
    return json.loads(_HOLE.sub(fill, text))
