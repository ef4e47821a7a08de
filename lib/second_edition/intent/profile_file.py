"""The file ``byodkim.toml``: where it stands, its sections, and the language and contacts it states. Loads little."""

from __future__ import annotations

import difflib
import errno
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from second_edition.errors import ParameterError
from second_edition.evidence import folders
from second_edition.intent.parameters import error
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.settings import KEYS

FILE: Final = "byodkim.toml"
DEFAULT: Final = "default"  # the profile where none is named
POLICY: Final = "policy"  # the section that is no profile


def find(start: Path) -> Path | None:
    """Return the nearest ``byodkim.toml``, from ``start`` up to the root.

    Whatever has that name is one, and so is what cannot be looked at: ``content`` says of each why it is not read.
    """
    return next((path for folder in (start, *start.parents) if not _is_absent(path := folder / FILE)), None)


def _is_absent(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as problem:
        return problem.errno in (errno.ENOENT, errno.ENOTDIR)
    return False


def language_here(profile: str = "default") -> Language | None:
    """Return the language of a profile here or above; ``None`` where it says none that is known."""
    stated = _section_here(profile).get("language")
    return stated if stated in LANGUAGES else None


def spoken(given: object = "") -> Language:
    """Return the language until a run's is known: the one given, the default profile's, else the environment's."""
    return next((one for one in LANGUAGES if one == given), None) or language_here() or ambient()


def contacts_here(profile: str = "default") -> Mapping[str, str]:
    """Return the contacts of a profile here or above."""
    found = _section_here(profile).get("contacts")
    named = found.items() if isinstance(found, dict) else ()
    return {who: where for who, where in named if isinstance(where, str)}


def _section_here(profile: str) -> Mapping[str, Any]:
    path = find(Path.cwd())
    try:
        section = content(path, "en").get(profile) if path else None
    except ParameterError:  # what needs the profile says so
        return {}
    return section if isinstance(section, dict) else {}


def sections(path: Path, language: Language) -> dict[str, dict[str, Any]]:
    """Return the sections of a ``byodkim.toml``: profiles, whose names are free, and ``policy``.

    Raises:
        ParameterError: it cannot be read, or holds what would count for no run: a key outside of a section, one that no
            profile has, or a policy or the default under a name that is misspelt.
    """
    found = content(path, language)
    for name, section in found.items():
        if not isinstance(section, dict):
            tables = isinstance(section, list) and all(isinstance(one, dict) for one in section)
            raise error("profile.list" if tables else "profile.no-table", language, name=name[:40], file=FILE)
        if name == POLICY:
            continue
        folded = unicodedata.normalize("NFKC", name).strip().lower()
        if name != DEFAULT and (not folded or difflib.get_close_matches(folded, [DEFAULT], 1, 0.84)):
            raise error("profile.default", language, name=name, file=FILE)
        if difflib.get_close_matches(folded, [POLICY], 1, 0.7):
            raise error("profile.policy", language, name=name, file=FILE)
        if unknown := next((key for key in section if key not in KEYS), ""):
            near = ", ".join(difflib.get_close_matches(unknown, KEYS, 1)) or ", ".join(KEYS)
            raise error("profile.unknown", language, name=name[:40], key=unknown[:40], known=near, file=FILE)
    return found


def content(path: Path, language: Language) -> dict[str, Any]:
    """Return what stands in a file of TOML.

    Raises:
        ParameterError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(folders.whole(path).decode("utf-8-sig"))
    except OSError as problem:
        raise error("profile.unread", language, path=path, reason=problem.strerror or problem) from None
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        raise error("profile.not-utf8", language, file=path.name, line=line) from None
    except (ValueError, RecursionError) as problem:  # no TOML, or lists without end
        raise error("profile.not-toml", language, file=path.name, reason=_broken(problem, language)) from None


def _broken(problem: Exception, language: Language) -> str:
    """Return what is wrong with a file of TOML: in English what the parser says, else where it is."""
    place = re.search(r"line (\d+), column (\d+)", str(problem))
    if language == "en" or place is None:
        return str(problem)
    return say("reasons", "place", language, line=place[1], column=place[2])
