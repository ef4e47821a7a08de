"""Whose seals and approvals count, and what an archive must satisfy, by the command line, a policy or ``byodkim.toml``.

A policy is a TOML file, or the table ``policy`` of ``byodkim.toml``. Where nobody names a key, this user's own counts.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from byodkim.errors import ParameterError
from byodkim.evidence.seal import refused
from byodkim.evidence.sealing_key import KINDS, KeyDefect, SealingKey, default_path, own, parse, public_path
from byodkim.evidence.verification_case import Trust
from byodkim.evidence.verification_policy import Policy
from byodkim.intent import profile
from byodkim.intent.templates import CODE, TEMPLATES
from byodkim.messages import Language
from byodkim.settings import PublicKey

SHIPPED: Final = "shipped"
Template = Annotated[str, Meta(pattern=r"\A(shipped|[0-9a-f]{64})\Z")]


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy as it is written."""

    trusted_keys: list[str] = []
    approvals: Annotated[int, Meta(ge=0, le=9)] = 0
    approvers: dict[str, PublicKey] = {}
    timestamps: bool = False
    timestamp_roots: str = ""
    templates: list[Template] = []
    newest_run_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    waivers: list[str] = []
    witness: Literal["", "required"] = ""
    pages: Literal["", "signed"] = ""
    code: Literal["", "committed"] = ""

    @property
    def required(self) -> Policy:
        """Return what each run must satisfy."""
        known = frozenset(code for one in self.templates for code in (CODE.values() if one == SHIPPED else (one,)))
        waivers = frozenset(self.waivers)
        return Policy(
            self.approvals, self.timestamps, known, self.newest_run_days, waivers,
            witness=bool(self.witness), pages=bool(self.pages), committed=bool(self.code),
        )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A policy, and the file that it stands in: names of other files lead from its folder."""

    path: Path
    written: Written


def read_policy(path: Path, language: Language) -> Found:
    """Read a policy's file.

    Raises:
        ParameterError: it cannot be read, or is no policy.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _wrong("policy", language, path=path, text=error.strerror or str(error)) from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise _wrong("policy", language, path=path, text=str(error)) from None
    return policy_of(content, path, language)


def policy_of(content: Mapping[str, Any], path: Path, language: Language) -> Found:
    """Return the policy in a table.

    Raises:
        ParameterError: it is none, or could never be satisfied.
    """
    try:
        written = msgspec.convert(dict(content), Written)
    except msgspec.ValidationError as error:
        raise _wrong("policy", language, path=path, text=str(error)) from None
    if lacking := _lacking(written):
        raise _wrong("policy", language, path=path, text=lacking)
    return Found(path, written)


def _lacking(written: Written) -> str:
    """Return the key without which another one means nothing; "" where none lacks."""
    if len(set(written.approvers.values())) < max(len(written.approvers), written.approvals):
        return "approvers"
    return "timestamp_roots" if written.timestamps and not written.timestamp_roots else ""


POLICY: Final = "policy"  # the table of that file that is no profile
Sections = dict[str, dict[str, Any]]
APPROVER: Final = re.compile(r"([a-z0-9-]+)=(.+)")


@dataclass(frozen=True)
class Source:
    """Something that is trusted: what it is (a key of the catalogue after ``trusted.``), and where it stands."""

    what: str
    where: str


@dataclass(frozen=True)
class Trusted:
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

    ``byodkim.toml`` is read only where neither a key nor a policy is given; this user's own key counts only where
    nobody names another.

    Raises:
        SealError: a key is none.
        ParameterError: keys are named twice, an approver is none, or the policy or ``byodkim.toml`` cannot be read.
    """
    alone = bool(keys) or policy is not None
    sections, path = ({}, None) if alone else _sections(language)
    held = read_policy(policy, language) if policy else None
    if (table := sections.pop(POLICY, None)) is not None and path is not None:
        held = policy_of(table, path, language)
    if keys and held and held.written.trusted_keys:
        raise _wrong("both", language, path=held.path)
    found = _keys(keys, held, sections, path, language)
    people = {name: dict(section.get("approvers", {})) for name, section in sections.items()}
    people[""] = dict(_approver(text, language) for text in approvers) or dict(held.written.approvers if held else {})
    _check(people, path or Path(), language)
    named = {
        name: (path or Path()).parent / str(section["timestamp_roots"])
        for name, section in sections.items()
        if section.get("timestamp_roots")
    }
    if held and held.written.timestamp_roots:
        named[""] = held.path.parent / held.written.timestamp_roots
    if roots:
        named[""] = roots
    read = [Source("policy", str(policy))] if policy else [Source("profile", str(path))] if path else []
    read += [Source("key", where) for _, _, where in found]
    read += [Source("approver", name) for name in (people[""] if approvers else ())]
    read += [Source("roots", str(one)) for one in ([named[""]] if "" in named else dict.fromkeys(named.values()))]
    return Trusted(
        keys={key.keyid: key for key, _, _ in found},
        sources={key.keyid: source for key, source, _ in found},
        approvers=people,
        roots=named,
        policy=held.written.required if held else None,
        read=tuple(read),
        heads_files=tuple(
            (path or Path()).parent / str(one["heads_file"]) for one in sections.values() if one.get("heads_file")
        ),
    )


def _keys(
    given: Sequence[str], held: Found | None, sections: Sections, path: Path | None, language: Language
) -> list[tuple[SealingKey, str, str]]:
    """Return each sealing key that counts, where it comes from, and the file or text that it was read from."""
    if given:
        source, named, folder = "given", list(given), Path()
    elif held and held.written.trusted_keys:
        source, named, folder = "policy", held.written.trusted_keys, held.path.parent
    else:
        listed = [one for section in sections.values() for one in section.get("sealing_keys", ())]
        source, named, folder = "profile", list(map(str, listed)), (path or Path()).parent
    try:
        found = [(parse(text, folder), source, _where(text, folder)) for text in dict.fromkeys(named)]
        mine = None if found else own()
    except KeyDefect as defect:
        raise refused(defect, language) from None
    return [(mine, "own", str(public_path(default_path(os.environ))))] if mine else found


def _where(text: str, folder: Path) -> str:
    """Return where a key stands: the path of its file, or itself."""
    return text if text.partition(":")[0] in KINDS else str((folder / text).resolve())


def _sections(language: Language) -> tuple[Sections, Path | None]:
    """Return the sections of the nearest ``byodkim.toml``, and its path. Its other keys do not concern a verifier."""
    path = profile.find(Path.cwd())
    tables = profile.sections(path, language) if path else {}
    return {name: section for name, section in tables.items() if isinstance(section, dict)}, path


def _approver(text: str, language: Language) -> tuple[str, str]:
    match = APPROVER.fullmatch(text)
    if match is None or not _is_key(match[2]):
        raise _wrong("approver", language, given=text[:120])
    return match[1], match[2]


def _check(people: Mapping[str, Mapping[str, str]], path: Path, language: Language) -> None:
    for named in people.values():
        for name, key in named.items():
            if not _is_key(key):
                raise _wrong("profile", language, path=path, text=name)


def _is_key(text: object) -> bool:
    try:
        msgspec.convert(text, PublicKey)
    except msgspec.ValidationError:
        return False
    return True


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("verify", f"asked.{key}", language, "asked.todo", **values)
