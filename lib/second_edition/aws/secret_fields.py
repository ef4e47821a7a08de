"""The fields of an entry in the secret, as they are for a new key: derived from it, shared by every key, or refused.

A generator writes more beside a selector than is read here, and others read that. What belongs to one key alone must
not stand beside another key's selector.
"""

from __future__ import annotations

import base64
import hashlib
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, field

from second_edition.aws.key_store import Entry, place_of

Json = dict[str, Any]

# Names without case, "_" and "-".
_MADE: Final = re.compile(
    r"(created|generated|issued|updated|lastupdated|rotated|lastrotated|lastmodified)(at|on|date|time)?"
    r"|creation(date|time)|notbefore|validfrom"
)
_ENDS: Final = re.compile(
    r"(expires|expired?)(at|on|date|time)?|(expiry|expiration)(at|date|time)?|notafter|validuntil"
)
_BITS: Final = re.compile(r"bits|keysize|keybits|keylength")
_OF_ONE_KEY: Final = re.compile(
    r"creat|generat|issu|expir|valid|rotat|updat|before|after|date|time|finger|thumb|hash|sha\d|digest|checksum|serial"
    r"|modul|exponent|versionid|etag|status|state|key|selector|record|csr|cert"
)
_OF_EVERY_KEY: Final = re.compile(
    r".*(kms|bucket|prefix|pattern|template|layout|warn|alert|notif|timezone|timeout).*"
    r"|.*(days|hours|type|algorithm)|dnsrecord"
)
# Values that no two keys have in common, whatever their field is called: a time, a digest, a key.
_TELLING: Final = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?|[0-9A-Fa-f:-]{32,}|[A-Za-z0-9+/_=\s-]{64,}")
_MOST_NAMED: Final = 20
_PIECE: Final = 32  # characters of a key by which a piece of it is known
_TAG: Final = re.compile(r"(?:^|;)\s*p\s*=([^;]*)")
_SECONDS: Final = (1e9, 1e11)  # since 1970, until the year 5138; more are milliseconds
_MILLISECONDS: Final = (1e12, 1e14)


#: A field's name; one of hexadecimal digits, of capitals and digits, or with a token's prefix may be a value.
_NAME: Final = re.compile(
    r"(?![0-9A-Fa-f]{16}|.*[A-Z].*[0-9]|.*[0-9].*[A-Z]|(gh[a-z]|github|glpat|sk|pk|rk|xox[a-z]|hf|npm|pypi|whsec)[_-])"
    r"[A-Za-z0-9_.-]{1,64}"
)
_LONG_NAME: Final = 20  # characters with a sign between: a password may be words too


class FieldUnknown(Exception):
    """Fields of the entry may be one key's own, and what they are for another key is not known."""

    def __init__(self, names: Sequence[str]) -> None:
        more = ["..."] if len(names) > _MOST_NAMED else []
        shown = (".".join(one if may_be_shown(one) else "***" for one in name.split(".")) for name in names)
        self.names = ", ".join([*(name[:80] for name in [*shown][:_MOST_NAMED]), *more])
        super().__init__(self.names)


def may_be_shown(name: str) -> bool:
    """Return whether a field's name is one, and no value that somebody put there: times have names of their own."""
    if not _NAME.fullmatch(name):
        return False
    words = "-" in name or "_" in name
    return not words or len(name) < _LONG_NAME or any(one.fullmatch(_bare(name)) for one in (_MADE, _ENDS, _BITS))


class NewKey(Struct, frozen=True):
    """The key that an entry is to be written for. ``entry.bucket`` is where its object is, ``entry.domain`` whose."""

    entry: Entry
    bits: int
    created: datetime


def renewed(old: Json, said: Entry, new: NewKey, unknown: Sequence[str] = ()) -> Json:
    """Return the fields of the entry ``old`` for a new key.

    A time of making becomes the new key's; a time of expiry is as long after that as the old one's was, and is left out
    where nothing beside it says when the old key was made.

    Args:
        old: the entry, without what stands in it of other selectors.
        said: what ``old`` says.
        new: the key.
        unknown: fields beside them that are not known.

    Raises:
        FieldUnknown: fields may be the old key's own; it names all of them.
    """
    path, bucket = new.entry.key_path, new.entry.bucket
    if said.key_path.startswith("s3://") and bucket and not path.startswith("s3://"):
        path = f"s3://{bucket}/{path}"
    new_entry = Entry(new.entry.selector, new.entry.dns_value, path, new.entry.domain or said.domain, bucket)
    old_entry = Entry(said.selector, said.dns_value, said.key_path, new_entry.domain, said.bucket or bucket)
    # The first of two that are spelled alike wins: the selector above all.
    texts = dict(reversed(list(zip(_derived(old_entry), _derived(new_entry), strict=True))))
    texts.pop("", None)
    renewing = _Renewing(texts, said, new, [*unknown])
    made = renewing.of_parts(old, "")
    if renewing.unknown:
        raise FieldUnknown(renewing.unknown)
    return made if "s3_key_path" in made else {**made, "s3_key_path": path}


def _derived(entry: Entry) -> Iterator[str]:
    """Yield what stands in an entry of one key alone, and can be computed: always as many texts, in the same order."""
    place = place_of(entry.key_path, entry.bucket)
    bare = _key(entry.dns_value)
    yield from (entry.selector, entry.dns_value, entry.key_path, bare)
    yield place.key if place else ""
    yield f"s3://{place.bucket}/{place.key}" if place else ""
    lines = ("-----BEGIN PUBLIC KEY-----", *textwrap.wrap(bare, 64), "-----END PUBLIC KEY-----")
    for end in ("\n", "\r\n"):
        pem = end.join(lines)
        yield from (pem, f"{pem}{end}") if bare else ("", "")
    try:
        yield hashlib.sha256(base64.b64decode(bare, validate=True)).hexdigest() if bare else ""
    except ValueError:
        yield ""
    name = f"{entry.selector}._domainkey"
    yield from (name, f"{name}.{entry.domain}", f"{name}.{entry.domain}.")


class _Renewing(Struct, frozen=True):
    """Hold what one entry's fields become.

    Attributes:
        texts: of the old key, with what they are for the new one.
        said: what the entry says.
        new: the key.
        unknown: fields that may be the old key's own; more are added.
    """

    texts: Mapping[str, str]
    said: Entry
    new: NewKey
    unknown: list[str] = field(default_factory=list)

    def of_parts(self, parts: Json, within: str) -> Json:
        made = next(
            (at for name, value in parts.items() if _MADE.fullmatch(_bare(name)) and (at := _time(value))), None
        )
        found = {}
        for name, value in parts.items():
            full = f"{within}{name}"
            if _ENDS.fullmatch(_bare(name)) and value is not None:
                at = _time(value)
                if at is None:
                    self.unknown.append(full)
                elif made is not None:
                    found[name] = _spelled(self.new.created + (at - made), value)
            else:
                found[name] = self.of_value(value, full)
        return found

    def of_value(self, value: Any, full: str) -> Any:
        name = _bare(full)
        if isinstance(value, dict):
            return self.of_parts(value, f"{full}.")
        if isinstance(value, list):
            return [self.of_value(one, full) for one in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value in self.texts:
            return self.texts[value]
        if _MADE.fullmatch(name) and _time(value) is not None:
            return _spelled(self.new.created, value)
        if _BITS.fullmatch(name) and str(value).isdecimal():
            return type(value)(self.new.bits)
        if self.is_of_one_key(name, value):
            self.unknown.append(full)
        return value

    def is_of_one_key(self, name: str, value: float | str) -> bool:
        if _OF_ONE_KEY.search(name) and not _OF_EVERY_KEY.fullmatch(name):
            return True
        if not isinstance(value, str):
            return _time(value) is not None
        if re.search(rf"(?<![A-Za-z0-9-]){re.escape(self.said.selector)}(?![A-Za-z0-9-])", value):
            return True
        if _OF_EVERY_KEY.fullmatch(name):
            return False
        bare, key = "".join(value.split()), _key(self.said.dns_value)
        if len(key) >= _PIECE <= len(bare) and (key[:_PIECE] in bare or bare in key):
            return True
        return bool(_TELLING.fullmatch(value.strip())) or "PUBLIC KEY" in value


def _key(value: str) -> str:
    """Return the public key of a key record, "" where it has none."""
    return "".join(found[1].split()) if (found := _TAG.search(value)) else ""


def _bare(name: str) -> str:
    """Return the last part of a field's name, without case and separators."""
    return re.sub(r"[_\s-]", "", name.rpartition(".")[2]).lower()


def _time(value: Any) -> datetime | None:
    """Return the time that a value tells, however it is spelled; in UTC where it names no zone."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for (least, most), unit in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if least <= value < most:
            return datetime.fromtimestamp(0, UTC) + timedelta(seconds=value / unit)
    return None


def _spelled(at: datetime, like: Any) -> Any:
    """Return a time, spelled as another one is."""
    if not isinstance(like, str):
        seconds = at.timestamp() * (1 if like < _MILLISECONDS[0] else 1000)
        return type(like)(seconds)
    model = datetime.fromisoformat(like)
    local = at.astimezone(model.tzinfo or UTC)
    if len(like) == len("2026-11-24"):
        return date.isoformat(local)
    digits = len(found[1]) if (found := re.search(r"[.,](\d+)", like)) else 0
    spec = "microseconds" if digits > 3 else "milliseconds" if digits else "seconds"
    text = local.replace(tzinfo=local.tzinfo if model.tzinfo else None).isoformat(like[10], spec)
    return text.replace("+00:00", "Z") if like.endswith("Z") else text
