"""Which runs lie where: records, journals and seals of folders, put together by their names."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from byodkim.errors import ByodkimError
from byodkim.evidence import publication, seal
from byodkim.evidence.journal import SUFFIX
from byodkim.evidence.verification import Files
from byodkim.messages import Language, say

NOTEBOOK: Final = ".ipynb"
MESSAGE: Final = ".message."
# What only a notebook holds that a run has written to.
_EXECUTED: Final = ("application/vnd.byodkim.", '"papermill": {\n')
_IMPORTS: Final = re.compile(r"\bfrom\s+byodkim\s+import\s+steps\b")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


class NothingToVerify(ByodkimError):
    """What was named cannot be read, or is of no run."""


def collect(paths: Iterable[Path], language: Language) -> list[Files]:
    """The runs of folders and files. A file stands for its run; a folder for all that lie in it, at any depth.

    Raises:
        NothingToVerify: a path does not exist, cannot be read, or is of no run.
    """
    # A run counts once by however many links, and each notebook that lies beside one of them is looked at.
    found: dict[tuple[Path, Path | None], Files] = {}
    resolved = cache(Path.resolve)  # a folder of thousands is followed once

    def real(path: Path) -> Path:
        here: Path = resolved(path.parent) / path.name
        try:
            return path.resolve() if path.is_symlink() else here
        except (OSError, RuntimeError):  # a link that leads to itself
            return here

    for path in paths:
        some = list(_in_folder(path, language)) if path.is_dir() else [_of_file(path, language)]
        if not some:
            raise _nothing(path, "empty", language)
        for files in some:
            key = real(files.journal or files.notebook or path), real(files.notebook) if files.notebook else None
            found[key] = files if key not in found or files.whole else found[key]
    shown = {run for run, notebook in found if notebook}
    return [files for (run, notebook), files in found.items() if notebook or run not in shown]


def _in_folder(folder: Path, language: Language) -> Iterator[Files]:
    def fail(error: OSError) -> None:
        raise _nothing(Path(error.filename), "unread", language, reason=error.strerror or str(error)) from None

    for name, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        yield from _together(Path(name), sorted(names))


def _together(folder: Path, names: list[str]) -> Iterator[Files]:
    """The runs of one folder."""
    present = set(names)
    journals = [name for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
    newest: dict[str, tuple[bool, str]] = {}
    for name in journals:
        stem, _, run = name.removesuffix(SUFFIX).rpartition(".")
        # A notebook that was overwritten is that of the newest run of its name that did anything, if one did.
        if stem:
            newest[stem] = max((not _is_empty(folder / name), run), newest.get(stem, (False, "")))
    messages = _messages(names)
    for name in journals:
        stem, _, run = name.removesuffix(SUFFIX).rpartition(".")
        notebook = f"{stem}{NOTEBOOK}"
        beside = notebook in present and newest.get(stem, (False, ""))[1] == run
        later = tuple(folder / one for one in messages[name.removesuffix(SUFFIX)])
        yield Files(folder / name, folder / notebook if beside else None, messages=later)
    for name in names:
        if name.startswith("."):
            continue
        if name.endswith(publication.SUFFIX):
            yield Files(folder / name)
        alone = name.removesuffix(NOTEBOOK) if name.endswith(NOTEBOOK) else ""
        if alone and alone not in newest and _is_record(folder / name):
            yield Files(None, folder / name)
        if name.endswith(publication.SEAL_SUFFIX) and name.removesuffix(seal.SUFFIX) not in present:
            yield Files(None, folder / name)
        if _is_seal(name) and name.removesuffix(seal.SUFFIX) + SUFFIX not in present:
            yield Files(None, folder / name)


def _is_empty(journal: Path) -> bool:
    try:
        with journal.open("rb") as file:
            return not file.readline().endswith(b"\n")
    except OSError:
        return False


def _messages(names: list[str]) -> defaultdict[str, list[str]]:
    """Statements on messages, by how their names begin; a record's own name may hold what sets them apart too."""
    found = defaultdict(list)
    for name in names:
        if MESSAGE in name and name.endswith(".json"):
            parts = name.split(MESSAGE)
            for count in range(1, len(parts)):
                found[MESSAGE.join(parts[:count])].append(name)
    return found


def _is_seal(name: str) -> bool:
    return name.endswith(seal.SUFFIX) and not name.endswith((seal.PAGE_SUFFIX, publication.SEAL_SUFFIX))


def _of_file(path: Path, language: Language) -> Files:
    """The run that a file is of."""
    name, folder = path.name, path.parent
    if not path.is_file():
        raise _nothing(path, "absent", language)
    if name.endswith((publication.SUFFIX, publication.SEAL_SUFFIX)):
        account = folder / name.removesuffix(seal.SUFFIX)
        return Files(account if account.is_file() else None, None if account.is_file() else path, whole=False)
    if _is_seal(name):
        path = folder / (name.removesuffix(seal.SUFFIX) + SUFFIX)
        if not path.exists():
            return Files(None, folder / name, whole=False)
    if path.name.endswith(SUFFIX):
        stem = path.name.removesuffix(SUFFIX).rpartition(".")[0]
        return _beside(folder, stem, path.name)
    if name.endswith(NOTEBOOK) and _is_record(path):
        return _beside(folder, path.stem, "")
    raise _nothing(path, "foreign", language)


def _beside(folder: Path, stem: str, name: str) -> Files:
    """The journal ``name`` and its notebook; without a name, the notebook and the newest journal of its stem."""
    same = [one.name for one in folder.iterdir() if one.name.startswith(f"{stem}.")] if stem else [name]
    for files in _together(folder, sorted(same)):
        mine = files.journal.name == name if files.journal and name else files.notebook is not None and not name
        if mine:
            return replace(files, whole=False)
    return Files(folder / name if name else None, folder / f"{stem}{NOTEBOOK}", whole=False)


def _is_record(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return True  # what cannot be read is said, not passed over
    text = data.decode("utf-8", "replace")
    if "\\u" in text:  # JSON has two ways to spell a character
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return _IMPORTS.search(text) is not None and any(mark in text for mark in _EXECUTED)


def _nothing(path: Path, key: str, language: Language, **values: object) -> NothingToVerify:
    return NothingToVerify(
        say("verify", f"nothing.{key}", language, path=path, **values), todo=say("verify", "nothing.todo", language)
    )
