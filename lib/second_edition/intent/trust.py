"""Decide whose seals and approvals count, and what an archive must satisfy: by options, a policy or ``byodkim.toml``.

A policy is a TOML file, or the table ``policy`` of ``byodkim.toml``. Where neither it nor the command line names a key,
those of ``byodkim.toml`` count, and this user's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from second_edition.contributions import procedures
from second_edition.errors import ParameterError
from second_edition.evidence.seal import refused
from second_edition.evidence.sealing_key import KINDS, KeyDefect, SealingKey, default_path, own, parse, public_path
from second_edition.evidence.verification_case import Policy, Trust
from second_edition.intent import profile_file
from second_edition.intent.parameters import hint, place
from second_edition.intent.profile_file import POLICY
from second_edition.intent.templates import CODE, TEMPLATES
from second_edition.messages import Language
from second_edition.rotation.checks import checks_of
from second_edition.settings import PublicKey

SHIPPED: Final = "shipped"
Sections = dict[str, dict[str, Any]]
#: Keys of a section that a verifier reads, and what stands there.
KINDS_OF: Final[Mapping[str, type]] = {
    "approvers": dict, "sealing_keys": list, "timestamp_roots": str, "heads_file": str,
}  # fmt: skip
APPROVER: Final = re.compile(r"([a-z0-9-]+)=(.+)")


class Source(Struct, frozen=True):
    """Something that is trusted: what it is (a key of the catalogue after ``trusted.``), and where it stands."""

    what: str
    where: str


class Trusted(Struct, frozen=True):
    """Whose word counts.

    Attributes:
        keys: sealing keys by ``keyid``.
        sources: where each comes from: ``given``, ``policy``, ``profile`` or ``own``.
        approvers: public keys by name, for the runs of each profile; those under "" for all.
        roots: files with the certificates of timestamp authorities, likewise.
        policy: what each run must satisfy besides.
        read: all of it, each with the path of its file.
        heads_files: files in which the profiles' runs leave their heads.
    """

    keys: Mapping[str, SealingKey]
    sources: Mapping[str, str]
    approvers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roots: Mapping[str, Path] = field(default_factory=dict)
    policy: Policy | None = None
    read: tuple[Source, ...] = ()
    heads_files: tuple[Path, ...] = ()

    def of(self, profile: str) -> Trust:
        """Return whose word counts for the runs of a profile."""
        named = self.approvers.get("") or self.approvers.get(profile)
        roots = self.roots.get("") or self.roots.get(profile)
        return Trust(self.keys, named or None, roots, self.policy, frozenset(TEMPLATES.values()))


def trusted(
    keys: Sequence[str], approvers: Sequence[str], roots: Path | None, language: Language, policy: Path | None = None
) -> Trusted:
    """Return whose word counts. Keys that are given exclude all others, and so do approvers and roots.

    ``byodkim.toml`` is read only where neither a key nor a policy is given; this user's own key counts beside those
    that it lists.

    Raises:
        SealError: a key is none.
        ParameterError: keys are named twice, an approver is none, or the policy or ``byodkim.toml`` cannot be read.
    """
    sections, path = ({}, None) if keys or policy else _sections(language)
    where = policy or path or Path()
    held = read_policy(policy, language) if policy else None
    if POLICY in sections:
        held = policy_of(sections.pop(POLICY), where, language)
    asked = held or Policy()
    if keys and asked.trusted_keys:
        raise wrong("both", language, path=where)
    found = _keys(keys, asked, sections, where.parent, language)
    people = {name: dict(section.get("approvers", {})) for name, section in sections.items()}
    people[""] = dict(_approver(text, language) for text in approvers) or dict(asked.approvers)
    _check(people, where, language)
    named = _files(sections, "timestamp_roots", where.parent)
    if roots or asked.timestamp_roots:
        named[""] = roots or where.parent / asked.timestamp_roots
        if not named[""].is_file():
            raise wrong("roots", language, path=named[""])
    read = [Source("policy", str(policy))] if policy else [Source("profile", str(path))] if path else []
    read += [Source("key", f"{key.keyid} ({text})") for key, _, text in found]
    read += [Source("approver", name) for name in (people[""] if approvers else ())]
    read += [Source("roots", str(one)) for one in ([named[""]] if "" in named else dict.fromkeys(named.values()))]
    return Trusted(
        keys={key.keyid: key for key, _, _ in found},
        sources={key.keyid: source for key, source, _ in found},
        approvers=people,
        roots=named,
        policy=held,
        read=tuple(read),
        heads_files=tuple(_files(sections, "heads_file", where.parent).values()),
    )


def read_policy(path: Path, language: Language) -> Policy:
    """Read a policy's file.

    Raises:
        ParameterError: it cannot be read, or is no policy.
    """
    try:
        content = profile_file.content(path, language)
    except ParameterError as error:
        raise wrong("policy", language, path=path, text=error.what.rstrip(".。")) from None
    return policy_of(content, path, language)


def policy_of(content: Mapping[str, Any], path: Path, language: Language) -> Policy:
    """Return the policy in a table, with the digests of the notebooks that this version ships where it names them.

    Raises:
        ParameterError: it is none, or could never be satisfied.
    """
    fields = Policy.__struct_fields__
    if unknown := next((key for key in content if key not in fields), ""):
        raise wrong("policy-unknown", language, path=path, name=unknown[:40], known=", ".join(fields))
    try:
        written = msgspec.convert(content, Policy)
    except msgspec.ValidationError as error:
        raise wrong("policy-key", language, path=path, name=place(error)) from None
    if len(set(written.approvers.values())) < max(len(written.approvers), written.approvals):
        raise wrong("policy-approvers", language, path=path)
    if written.timestamps and not written.timestamp_roots:
        raise wrong("policy-roots", language, path=path)
    checks = [one for procedure in procedures() for one in checks_of(procedure).checks]
    if unknown := next((one for one in written.waivers if one not in checks), ""):
        near = hint(unknown.upper(), checks, language)
        raise wrong("policy-waiver", language, path=path, name=unknown[:40], hint=near)
    known = (digest for one in written.templates for digest in (CODE.values() if one == SHIPPED else (one,)))
    return replace(written, templates=tuple(known))


def _files(sections: Sections, key: str, folder: Path) -> dict[str, Path]:
    """Return the file that each section names under a key, where it names one."""
    return {name: folder / str(section[key]) for name, section in sections.items() if section.get(key)}


def _keys(
    given: Sequence[str], asked: Policy, sections: Sections, folder: Path, language: Language
) -> list[tuple[SealingKey, str, str]]:
    """Return each sealing key that counts, where it comes from, and the file or text that it was read from."""
    if given:
        source, named, folder = "given", given, Path()
    elif asked.trusted_keys:
        source, named = "policy", asked.trusted_keys
    else:
        source, named = "profile", [str(key) for one in sections.values() for key in one.get("sealing_keys", ())]
    try:
        found = [(parse(text, folder), source, _where(text, folder)) for text in dict.fromkeys(named)]
        mine = own() if source == "profile" else None
    except KeyDefect as defect:
        raise refused(defect, language) from None
    if mine and mine.keyid not in (key.keyid for key, _, _ in found):
        found.append((mine, "own", str(public_path(default_path(os.environ)))))
    return found


def _where(text: str, folder: Path) -> str:
    """Return where a key stands: the path of its file, or itself."""
    return text if text.partition(":")[0] in KINDS else str((folder / text).resolve())


def _sections(language: Language) -> tuple[Sections, Path | None]:
    """Return the sections of the nearest ``byodkim.toml``, and its path."""
    path = profile_file.find(Path.cwd())
    found = profile_file.sections(path, language) if path else {}
    for section in found.values():
        for key, kind in KINDS_OF.items():
            if not isinstance(section.get(key, kind()), kind):
                raise wrong("profile-key", language, path=path, name=key)
    return found, path


def _approver(text: str, language: Language) -> tuple[str, str]:
    match = APPROVER.fullmatch(text)
    if match is None or not _is_key(match[2]):
        raise wrong("approver", language, given=text[:120])
    return match[1], match[2]


def _check(people: Mapping[str, Mapping[str, str]], path: Path, language: Language) -> None:
    for name in (name for named in people.values() for name, key in named.items() if not _is_key(key)):
        raise wrong("profile", language, path=path, text=name)


def _is_key(text: object) -> bool:
    try:
        msgspec.convert(text, PublicKey)
    except msgspec.ValidationError:
        return False
    return True


def wrong(key: str, language: Language, **values: object) -> ParameterError:
    """Return the error on something that was given to be trusted, or compared with."""
    return ParameterError.said("verify", f"asked.{key}", language, "asked.todo", **values)
