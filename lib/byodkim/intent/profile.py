"""Profiles: sections of ``byodkim.toml`` with the defaults of one identity, found from the working folder upwards."""

from __future__ import annotations

import base64
import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from byodkim.dkim.names import check_selector
from byodkim.dns.lookup import parse_nameservers
from byodkim.errors import ParameterError
from byodkim.evidence.sealing_key import KeyDefect, parse
from byodkim.intent.parameters import error, place
from byodkim.messages import Language, say
from byodkim.rotation.approval import VALID_DAYS
from byodkim.rotation.naming import Pattern

FILE = "byodkim.toml"
# Plain characters, with {selector} once and {domain} where it is wanted.
LAYOUT = r"^(?!.*//)([\w.=+-]+/|[\w.=+-]*\{domain\}[\w.=+-]*/)*[\w.=+-]*\{selector\}[\w.=+-]*(/[\w.=+-]+)*$"
APPROVER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")  # a name that can stand in a file's name

REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")


class Profile(Struct, frozen=True, kw_only=True):
    """One section. ``account`` (12 digits) is what keeps a run out of the wrong account.

    ``says``: the keys that stand in the section. ``others``: the sections that ``same_key_in`` names.
    """

    account: Annotated[str, Meta(pattern=r"\A([0-9]{12})?\Z")] = ""
    region: str = ""
    domain: str = ""
    secret_id: str = ""
    key_bucket: str = ""
    aws_profile: str = ""
    store_region: str = ""
    store_profile: str = ""
    endpoint_url: str = ""
    nameservers: str = ""
    resolvers: str = ""
    encrypted_resolvers: str = ""
    encrypted_dns_is_evidence: bool = False
    wait_dns_minutes: Annotated[int, Meta(ge=0, le=14 * 24 * 60)] = 0
    wait_minutes: Annotated[int, Meta(ge=0, le=72 * 60)] = 10
    rollback_after_hours: Annotated[int, Meta(ge=0, le=72)] = 0
    late_write_seconds: Annotated[int, Meta(ge=0, le=900)] = 60
    language: Literal["en", "ja"] = "en"
    timezone: str = ""
    archive: str = "outputs"
    ttl: Annotated[int, Meta(ge=60, le=86400)] = 3600
    ses_requests_per_second: Annotated[float, Meta(gt=0, le=100)] = 1.0
    lock: Literal["local", "s3"] = "local"
    lock_dir: str = ""
    rotate_after_days: Annotated[int, Meta(ge=1, le=3650)] = 365
    approvals: Annotated[int, Meta(ge=0, le=9)] = 0
    approvals_valid_days: Annotated[int, Meta(ge=1, le=366)] = VALID_DAYS
    approvers: dict[str, str] = {}
    seal_key: Annotated[str, Meta(pattern=r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/[\w/-]+)?$")] = ""
    sealing_keys: list[str] = []
    timestamp_url: Annotated[str, Meta(pattern=r"^(https?://[^\s]+)?$")] = ""
    timestamp_roots: str = ""
    archive_s3: Annotated[str, Meta(pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/[\w!.*'()/-]*)?)?$")] = ""
    archive_retention_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    heads_file: str = ""
    publisher: Literal["request", "route53", "rfc2136", "octodns"] = "request"
    hosted_zone_id: Annotated[str, Meta(pattern=r"^([A-Z0-9]{1,32})?$")] = ""
    update_server: str = ""
    tsig_secret_id: str = ""
    proof_from: str = ""
    proof_to: str = ""
    inbox: Annotated[str, Meta(pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/[\w!.*'()/-]*)?)?$")] = ""
    proof_messages: Annotated[int, Meta(ge=1, le=20)] = 1
    proof_wait_seconds: Annotated[int, Meta(ge=1, le=900)] = 120
    selector_pattern: str = "mail-{date}-{number}"
    key_layout: Annotated[str, Meta(pattern=LAYOUT)] = "dkim-keys/{domain}/{selector}/private_key.pem"
    key_kms: Annotated[str, Meta(pattern=r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/[\w/-]+)?$")] = ""
    regions: str | list[str] = ""
    overlap_days: Annotated[int, Meta(ge=0, le=366)] = 7
    retire_by: Literal["revoke", "remove"] = "revoke"
    retire_key: Literal["keep", "delete", "expire"] = "keep"
    retire_secret: Literal["keep", "remove"] = "keep"  # noqa: S105 - what becomes of it, not its value
    dmarc_reports: str = ""
    same_key_in: list[str] = []
    says: frozenset[str] = frozenset()
    others: tuple[Profile, ...] = ()


KEYS: Final = tuple(field.name for field in msgspec.structs.fields(Profile) if field.name not in ("says", "others"))


# What each publisher publishes by.
NEEDED: Final = {"route53": ("hosted_zone_id",), "rfc2136": ("update_server", "tsig_secret_id")}


def of(section: Mapping[str, Any], name: str, language: Language) -> Profile:
    """The profile that a section of the file is.

    Raises:
        ParameterError: a key is unknown, or its value not of the form it must have.
    """
    if unknown := [key for key in section if key not in KEYS]:
        near = ", ".join(difflib.get_close_matches(unknown[0], KEYS, 1)) or ", ".join(KEYS)
        raise error("profile.unknown", language, name=name, key=unknown[0][:40], known=near, file=FILE)
    try:
        found = msgspec.convert(dict(section), Profile)
    except msgspec.ValidationError as problem:
        raise error("profile.wrong", language, name=name, key=place(problem), file=FILE) from None
    if not _names(found.selector_pattern):
        raise error("profile.wrong", language, name=name, key="selector_pattern", file=FILE)
    if not _people(found.approvers):
        raise error("profile.wrong", language, name=name, key="approvers", file=FILE)
    if any(not REGION.fullmatch(region) for region in listed(found.regions)):
        raise error("profile.wrong", language, name=name, key="regions", file=FILE)
    _check_publisher(found, name, language)
    return msgspec.structs.replace(found, says=frozenset(section))


def _check_publisher(found: Profile, name: str, language: Language) -> None:
    """Refuses a publisher that lacks what it publishes by, and a server that is no address."""
    values = {"name": name, "file": FILE, "publisher": found.publisher}
    for key in NEEDED.get(found.publisher, ()):
        if not getattr(found, key):
            raise error("profile.publisher", language, key=key, **values)
    server = found.update_server
    if server and len(parse_nameservers(server, language, where="update_server")) > 1:
        raise error("profile.update-server", language, **values)


def _check_sealing_keys(found: Profile, name: str, folder: Path, language: Language) -> None:
    """Refuses what is no public key that can seal a run: as text, or a PEM file's name from the profile's folder."""
    for text in found.sealing_keys:
        try:
            parse(text, folder)
        except KeyDefect as defect:
            why = say("seal", defect.code, language, where=defect.where, reason=defect.reason)
            raise error("profile.sealing-keys", language, name=name, file=FILE, why=why) from None


def listed(written: str | list[str]) -> tuple[str, ...]:
    """The names of a list, or of a text with commas between them, each once, in their order."""
    parts = written.split(",") if isinstance(written, str) else written
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in parts))))


def _names(pattern: str) -> bool:
    """Return whether what the pattern gives are selectors, for dates and numbers of any length that come about."""
    try:
        return bool(check_selector(Pattern(pattern).name("20261124", 1000)))
    except (ValueError, ParameterError):
        return False


def _people(approvers: Mapping[str, str]) -> bool:
    """Return whether they are Ed25519 public keys (base64 of 32 bytes) by name, one a person."""
    try:
        keys = [base64.b64decode(key, validate=True) for key in approvers.values()]
    except ValueError:
        return False
    sound = all(map(APPROVER.fullmatch, approvers)) and all(len(key) == 32 for key in keys)
    return sound and len(set(keys)) == len(keys)


def find(start: Path) -> Path | None:
    """The nearest ``byodkim.toml``, from ``start`` up to the root."""
    return next((folder / FILE for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def load(name: str, start: Path, language: Language) -> tuple[Profile, Path | None]:
    """The section ``name`` of the nearest ``byodkim.toml``, and where that is.

    Without a file, ``default`` is an empty profile.

    Raises:
        ParameterError: the file is not TOML, lacks the section, or a key of it is wrong.
    """
    path = find(start)
    if path is None:
        if name != "default":
            raise error("profile.no-file", language, name=name, file=FILE)
        return Profile(), None
    try:
        sections = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise error("profile.not-toml", language, file=FILE, problem=str(problem)) from None
    section = sections.get(name, {} if name == "default" else None)
    if not isinstance(section, dict):
        raise error("profile.no-section", language, name=name, file=FILE, known=", ".join(sections))
    found = of(section, name, language)
    _check_sealing_keys(found, name, path.parent, language)
    return msgspec.structs.replace(found, others=_others(found, name, sections, language)), path


def _others(found: Profile, name: str, sections: Mapping[str, Any], language: Language) -> tuple[Profile, ...]:
    """The sections that sign with the same key.

    Raises:
        ParameterError: there is no such section, it lacks its account or Region, or has those of another one.
    """
    others = [of(one, other, language) for other in found.same_key_in if isinstance(one := sections.get(other), dict)]
    named = [(one.account, one.region) for one in (found, *others)]
    whole = len(others) == len(found.same_key_in) and len(set(named)) == len(named) and all(map(all, named))
    if (others and not whole) or len(others) < len(found.same_key_in):
        raise error("profile.same-key", language, name=name, file=FILE)
    return tuple(others)
