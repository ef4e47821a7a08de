"""Whose seals and approvals count: named on the command line, listed in ``byodkim.toml``, or this user's own key."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from byodkim.errors import ParameterError
from byodkim.evidence.seal import refused
from byodkim.evidence.sealing_key import KeyDefect, SealingKey, own, parse
from byodkim.evidence.verification import Trust
from byodkim.messages import Language, say

PROFILES: Final = "byodkim.toml"
HEAD: Final = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]+):([0-9a-f]{64})")
APPROVER: Final = re.compile(r"([a-z0-9-]+)=(.+)")


@dataclass(frozen=True)
class Trusted:
    """Whose word counts.

    Attributes:
        keys: sealing keys by ``keyid``.
        sources: where each comes from: ``given``, ``profile`` or ``own``.
        approvers: public keys by name, for the runs of each profile; those under "" for all.
        roots: files with the certificates of timestamp authorities, likewise.
    """

    keys: Mapping[str, SealingKey]
    sources: Mapping[str, str]
    approvers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roots: Mapping[str, Path] = field(default_factory=dict)

    def of(self, profile: str) -> Trust:
        """Whose word counts for the runs of a profile."""
        named = {**self.approvers.get(profile, {}), **self.approvers.get("", {})}
        return Trust(self.keys, named or None, self.roots.get("") or self.roots.get(profile))


def trusted(keys: Sequence[str], approvers: Sequence[str], roots: Path | None, language: Language) -> Trusted:
    """Whose word counts. This user's own key counts only where nobody names another.

    Raises:
        SealError: a key is none.
        ParameterError: an approver is none, or ``byodkim.toml`` cannot be read.
    """
    try:
        found = {key.keyid: (key, "given") for key in (parse(text, Path()) for text in keys)}
        sections, path = _sections(language)
        for text in (text for section in sections.values() for text in section.get("sealing_keys", ())):
            key = parse(str(text), path.parent)
            found.setdefault(key.keyid, (key, "profile"))
        mine = None if found else own()
    except KeyDefect as defect:
        raise refused(defect, language) from None
    if mine is not None:
        found[mine.keyid] = (mine, "own")
    people = {name: dict(section.get("approvers", {})) for name, section in sections.items()}
    people[""] = dict(_approver(text, language) for text in approvers)
    _check(people, path, language)
    named = {
        name: path.parent / str(section["timestamp_roots"])
        for name, section in sections.items()
        if section.get("timestamp_roots")
    }
    return Trusted(
        keys={keyid: key for keyid, (key, _) in found.items()},
        sources={keyid: source for keyid, (_, source) in found.items()},
        approvers=people,
        roots={**named, **({"": roots} if roots else {})},
    )


def heads_of(given: Sequence[str], language: Language) -> dict[str, str]:
    """Heads by run id.

    Raises:
        ParameterError: one is none.
    """
    found = {}
    for text in given:
        match = HEAD.fullmatch(text)
        if match is None:
            raise _wrong("head", language, given=text[:120])
        found[match[1]] = match[2]
    return found


def _sections(language: Language) -> tuple[Mapping[str, Mapping[str, Any]], Path]:
    """The sections of the nearest ``byodkim.toml``. Its other keys are no concern of who only verifies."""
    here = Path.cwd()
    path = next((folder / PROFILES for folder in (here, *here.parents) if (folder / PROFILES).is_file()), None)
    if path is None:
        return {}, here / PROFILES
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _wrong("profile", language, path=path, text=type(error).__name__) from None
    return {name: section for name, section in told.items() if isinstance(section, dict)}, path


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
        return len(base64.b64decode(str(text), validate=True)) == 32
    except ValueError:
        return False


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError(say("verify", f"asked.{key}", language, **values), say("verify", "asked.todo", language))
