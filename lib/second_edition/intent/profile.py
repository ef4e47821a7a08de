"""Profiles: sections of ``byodkim.toml`` with the defaults of one identity, found from the working folder upwards.

A profile says, too, how a closed run's record is kept (``Keeping``), and how key records get into DNS (``Way``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from second_edition.dkim.names import bare_name, check_selector
from second_edition.dkim.published import Server
from second_edition.dkim.secrecy import may_be_key
from second_edition.dns.server_names import parse_nameservers
from second_edition.errors import ParameterError
from second_edition.evidence.sealing_key import KeyDefect, parse
from second_edition.intent.parameters import error, is_address, place
from second_edition.intent.profile_file import FILE, POLICY, find, sections
from second_edition.messages import Language, ambient, say
from second_edition.plain import from_plain
from second_edition.rotation.naming import Pattern
from second_edition.sandbox.client import Facts
from second_edition.settings import KEYS, REGIONS, Approver, Profile, PublicKey

# What each publisher publishes by.
NEEDED: Final = {"route53": ("hosted_zone_id",), "rfc2136": ("update_server", "tsig_secret_id")}


def of(section: Mapping[str, Any], name: str, language: Language) -> Profile:
    """Return the profile that a section of the file is.

    Raises:
        ParameterError: the value of a key has not the form it must have.
    """
    if held := next((key for key, value in section.items() if may_be_key(str(value))), ""):
        raise error("profile.private-key", language, name=name, key=held, file=FILE)
    try:
        found = from_plain(Profile, dict(section))
    except msgspec.ValidationError as problem:
        key = place(problem)
        if key == "approvers" and (who := _no_approver(section[key])):
            raise error("profile.approver", language, name=name, file=FILE, who=who[:40]) from None
        raise _wrong(key, name, language) from None
    texts = {key: value for key in section if isinstance(value := getattr(found, key), str)}
    if nul := next((key for key, text in texts.items() if "\0" in text), ""):
        raise _wrong(nul, name, language)
    if not is_address(found.endpoint_url):
        raise _wrong("endpoint_url", name, language)
    if isinstance(found.regions, str) and not re.fullmatch(REGIONS, found.regions):
        raise _wrong("regions", name, language)
    if not _names(found.selector_pattern):
        raise error("profile.pattern", language, name=name, file=FILE)
    if len(set(found.approvers.values())) < len(found.approvers):
        raise error("profile.approvers", language, name=name, file=FILE)
    _check_publisher(found, name, language)
    return msgspec.structs.replace(found, domain=bare_name(found.domain), says=frozenset(section))


def _no_approver(people: object) -> str:
    """Return the first name among approvers that is none, or whose key is none; "" where they are no table."""
    for who, key in people.items() if isinstance(people, dict) else ():
        try:
            from_plain(dict[Approver, PublicKey], {who: key})
        except msgspec.ValidationError:
            return str(who)
    return ""


def _check_publisher(found: Profile, name: str, language: Language) -> None:
    """Refuse a publisher that lacks what it publishes by, and a server that is no address."""
    values = {"name": name, "file": FILE, "publisher": found.publisher}
    for key in NEEDED.get(found.publisher, ()):
        if not getattr(found, key):
            raise error("profile.publisher", language, key=key, **values)
    server = found.update_server
    if server and len(parse_nameservers(server, language, where="update_server")) > 1:
        raise error("profile.update-server", language, **values)


def _sealing_keys(tables: Mapping[str, Mapping[str, Any]], folder: Path, language: Language) -> list[str]:
    """Return the public keys that all sections list, as texts or as names of PEM files from the file's folder.

    Runs of one profile follow those of others, and a verifier knows them all: a key that counts for one counts for all.

    Raises:
        ParameterError: one is no key that can seal a run.
    """
    found: dict[str, None] = {}
    for name, section in tables.items():
        named = section.get("sealing_keys", [])
        if not isinstance(named, list):
            raise _wrong("sealing_keys", name, language)
        for text in map(str, named):
            try:
                parse(text, folder)
            except KeyDefect as defect:
                why = say("seal", defect.code, language, where=defect.where, reason=defect.reason)
                raise error("profile.sealing-keys", language, name=name, file=FILE, why=why) from None
            found[text] = None
    return list(found)


def listed(written: str | list[str]) -> tuple[str, ...]:
    """Return the names of a list, or of a text with commas between them, each once, in their order."""
    parts = written.split(",") if isinstance(written, str) else written
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in parts))))


def _names(pattern: str) -> bool:
    """Return whether what the pattern gives are selectors, for dates and numbers of any length that come about."""
    try:
        return bool(check_selector(Pattern(pattern).name("20261124", 1000)))
    except (ValueError, ParameterError):
        return False


def _wrong(key: str, name: str, language: Language) -> ParameterError:
    form = KEYS[key].form(language)
    return error("profile.wrong", language, name=name, key=key, file=FILE, form=form)


def archive_of(section: Profile, archive: str = "") -> Path:
    """Return the folder of the records: from that of byodkim.toml, else from the project's."""
    return (section.folder if section.file else project()) / (archive or section.archive)


def records(name: str = "outputs") -> Path:
    """Return a folder of records as named from that of byodkim.toml here or above, else from the project's."""
    found = find(Path.cwd())
    return (found.parent if found else project()) / name


def project() -> Path:
    """Return the project's folder: JupyterLab's kernel stands in the notebook's, one below it."""
    here = Path.cwd()
    return here.parent if here.name == "notebooks" else here


def load(name: str, start: Path, language: Language) -> Profile:
    """Return the section ``name`` of the nearest ``byodkim.toml``, with the sealing keys of all its sections.

    Without a file, or one that has no profile, ``default`` is an empty profile: without a file, in the environment's
    language.

    Raises:
        ParameterError: the file is wrong, lacks the section, or a value in it or any section's sealing key is wrong.
    """
    path = find(start)
    if path is None:
        if name != "default":
            raise error("profile.no-file", language, name=name, file=FILE)
        return Profile(language=ambient())
    tables = {one: section for one, section in sections(path, language).items() if one != POLICY}
    if name not in tables and (tables or name != "default"):
        raise error("profile.no-section", language, name=name, file=FILE, known=", ".join(tables) or "-")
    found = of(tables.get(name, {}), name, language)
    others, keys = _others(found, name, tables, language), _sealing_keys(tables, path.parent, language)
    beside = {
        other: (bare_name(str(one["domain"])), str(one.get("account", "")), str(one.get("region", "")))
        for other, one in tables.items()
        if other != name and one.get("domain")
    }
    return msgspec.structs.replace(found, others=others, sealing_keys=keys, beside=beside, file=str(path))


def section_of(domain: str, region: str, section: Profile) -> str:
    """Return the other section that names a domain, in this section's account and the Region.

    An account or a Region that one of the two does not name is no difference. "" where there is none, or the section
    itself names the domain.
    """
    if (asked := bare_name(domain)) == section.domain:
        return ""
    here = (section.account, region)
    for name, (named, *there) in section.beside.items():
        if named == asked and all(one == other or not (one and other) for one, other in zip(here, there, strict=True)):
            return name
    return ""


def _others(
    found: Profile, name: str, sections: Mapping[str, Mapping[str, Any]], language: Language
) -> tuple[Profile, ...]:
    """Return the sections that sign with the same key; their ``domain`` is "" where it is this section's.

    Raises:
        ParameterError: there is no such section, it lacks its account or Region, or has another one's identity.
    """
    others = [of(sections[other], other, language) for other in found.same_key_in if other in sections]
    named = [(one.account, one.region, one.domain or found.domain) for one in (found, *others)]
    placed = all(one.account and one.region for one in (found, *others))
    whole = len(others) == len(found.same_key_in) and len(set(named)) == len(named) and placed
    if (others and not whole) or len(others) < len(found.same_key_in):
        raise error("profile.same-key", language, name=name, file=FILE)
    domains = ("" if one.domain == found.domain else one.domain for one in others)
    return tuple(msgspec.structs.replace(one, domain=named) for one, named in zip(others, domains, strict=True))


class Keeping(Struct, frozen=True):
    """Hold what the profile says of it.

    Attributes:
        seal_key: ARN of the key in KMS; "" for the user's local key.
        timestamp_url: of the RFC 3161 authority, "" for none.
        timestamp_roots: file with the certificates (PEM) that an authority's own must lead to.
        bucket: S3 bucket of the archive, "" for none.
        prefix: of the keys there, "" or ending in a slash.
        retention_days: how long S3 Object Lock holds a copy, in days; 0 for no lock.
        heads_file: file to which each run's head is added; ``None`` for none.
    """

    seal_key: str = ""
    timestamp_url: str = ""
    timestamp_roots: Path | None = None
    bucket: str = ""
    prefix: str = ""
    retention_days: int = 0
    heads_file: Path | None = None

    def plain(self) -> dict[str, Any]:
        """Return what the run's first event says of it."""
        return {
            "seal_key": self.seal_key,
            "timestamp_url": self.timestamp_url,
            "archive_s3": f"s3://{self.bucket}/{self.prefix}" if self.bucket else "",
            "archive_retention_days": self.retention_days,
        }


def keeping_of(section: Profile, language: Language) -> Keeping:
    """Return how the profile wants it.

    Raises:
        ParameterError: an authority without the certificates by which to judge it, or a lock without an archive.
    """
    if bool(section.timestamp_url) != bool(section.timestamp_roots):
        raise error("profile.timestamp", language)
    found = re.fullmatch(r"s3://([^/]+)/?(.*?)/*", section.archive_s3)
    if section.archive_retention_days and not found:
        raise error("profile.retention", language)
    folder = section.folder
    return Keeping(
        seal_key=section.seal_key,
        timestamp_url=section.timestamp_url,
        timestamp_roots=folder / section.timestamp_roots if section.timestamp_roots else None,
        bucket=found[1] if found else "",
        prefix=f"{found[2]}/" if found and found[2] else "",
        retention_days=section.archive_retention_days,
        heads_file=folder / section.heads_file if section.heads_file else None,
    )


WRITING: Final = ("route53", "rfc2136")


class Way(Struct, frozen=True):
    """The way into DNS.

    Attributes:
        publisher: ``request`` (the DNS team gets a sheet), ``route53`` or ``rfc2136``.
        hosted_zone_id: of Route 53.
        update_server: the zone's primary server.
        tsig_secret_id: of the secret in Secrets Manager that holds the TSIG key.
    """

    publisher: str = "request"
    hosted_zone_id: str = ""
    update_server: Server | None = None
    tsig_secret_id: str = ""

    @property
    def writes(self) -> bool:
        """Return whether DNS is written from here; else other people do."""
        return self.publisher in WRITING

    def plain(self) -> dict[str, Any]:
        """Return it as the custodian takes it."""
        server = self.update_server
        return {
            "publisher": self.publisher,
            "hosted_zone_id": self.hosted_zone_id,
            "update_server": {"address": server.address, "port": server.port} if server else None,
            "tsig_secret_id": self.tsig_secret_id,
        }


def way_of(section: Profile, language: Language) -> Way:
    """Return the way of a profile, whose keys have been checked."""
    servers = parse_nameservers(section.update_server, language) if section.update_server else (None,)
    return Way(section.publisher, section.hosted_zone_id, servers[0], section.tsig_secret_id)


def way_of_sandbox(facts: Facts) -> Way:
    """Return the way of a rehearsal: the sandbox's own hosted zone, whatever the profile says."""
    return Way("route53", facts.hosted_zone_id)


def zone_of(name: str, language: Language) -> tzinfo:
    """Return the profile's time zone, this machine's where it names none.

    Raises:
        ParameterError: there is no such zone.
    """
    if not name:
        return datetime.now(UTC).astimezone().tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder's name, such as Asia
        raise error("timezone", language, value=name) from None
