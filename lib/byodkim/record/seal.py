"""The seal of a run: a signed statement about its files as bytes, and what later runs need to know.

It lies beside them as ``NAME.seal.json``. The kernel seals journal, page and DNS request when it
closes the run; the process that outlives it adds the notebook, once papermill has saved it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from byodkim.checks.world import PastRun
from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.envelope import Statement, digest_of, read_signed, sign, statement
from byodkim.record.files import write_file
from byodkim.record.sealing_key import SealingKey
from byodkim.words import _

SUFFIX: Final = ".seal.json"
PREDICATE: Final = "urn:byodkim:run:1"
#: What the files of a run are called, after its name. A seal covers no others.
COVERED: Final = (journal.SUFFIX, ".ipynb", ".html", ".csv", ".zone", ".txt")
#: The name of the archive's own page, which no run can have.
INDEX: Final = "index"


class RunStatement(Struct, frozen=True, forbid_unknown_fields=True):
    """What is stated of a run's files.

    Attributes:
        run: what later runs need to know.
        previous_record, previous_head: as in the journal's last line.
    """

    run: PastRun
    previous_record: str = ""
    previous_head: str = ""


class Seal(Struct, frozen=True):
    """A seal whose signature is valid.

    Attributes:
        name: of the run.
        key: the public key that signed it, trusted or not.
        run: what it tells later runs. Without a trusted key, nothing of it is to be believed.
        digests: SHA-256 by name, of the files that it covers.
        previous_record, previous_head: the run before it in the folder; "" for the first.
    """

    name: str
    key: str
    run: PastRun
    digests: dict[str, str]
    previous_record: str
    previous_head: str

    @property
    def head(self) -> str:
        """Return the SHA-256 of the journal, which the next run names."""
        return self.digests[self.name + journal.SUFFIX]


_decoder: Final = msgspec.json.Decoder(Statement[RunStatement])


def seal_run(
    folder: Path,
    past: PastRun,
    previous_record: str,
    previous_head: str,
    files: Sequence[str],
    key: SealingKey,
) -> Path:
    """Seal a run that has closed its journal, and return the seal's file.

    ``chain_lock`` must be held.

    Args:
        folder: of the archive.
        past: what later runs need to know. ``signer`` stays empty.
        previous_record: as in the journal's last line.
        previous_head: as in the journal's last line.
        files: names of the run's files that are to be covered; the journal is one of them.
        key: that signs.

    Raises:
        RecordError: a name is none of this run's, a file cannot be read, or the disk does not take
            the seal.
    """
    _require_names(past.name, files)
    path = folder / (past.name + SUFFIX)
    if path.exists():
        raise RecordError(_("{file} exists already: a run is sealed once.", file=path.name))
    digests = {name: digest_of(folder / name) for name in files}
    predicate = RunStatement(past, previous_record, previous_head)
    write_file(path, sign(statement(digests, PREDICATE, predicate), key))
    return path


def cover(folder: Path, name: str, extra_file: str, key: SealingKey) -> None:
    """Make the seal of a run cover one more file of it. Nothing else in it changes.

    Raises:
        RecordError: the seal is of another key, a file that it covers has changed, or the file is
            none of this run's.
    """
    seal = read_seal(folder / (name + SUFFIX))
    if seal.key != key.public:
        raise RecordError(
            _("{name} was signed with another key than yours, so you cannot add to it.", name=name)
        )
    if changed := changed_files(folder, seal):
        raise RecordError(_("{files} changed after {name} was signed.", files=changed, name=name))
    _require_names(name, [*seal.digests, extra_file])
    digests = seal.digests | {extra_file: digest_of(folder / extra_file)}
    predicate = RunStatement(seal.run, seal.previous_record, seal.previous_head)
    write_file(folder / (name + SUFFIX), sign(statement(digests, PREDICATE, predicate), key))


def read_seal(path: Path) -> Seal:
    """Return the validly signed seal of a run. Whether its key is trusted, the caller decides.

    Raises:
        RecordError: it is no valid seal, or the seal of another run.
    """
    signed = read_signed(path, PREDICATE, _decoder)
    name, stated = path.name.removesuffix(SUFFIX), signed.statement.predicate
    if stated.run.name != name:
        raise RecordError(
            _("{file} is the seal of another run, {name}.", file=path.name, name=stated.run.name)
        )
    _require_names(name, list(signed.statement.digests))
    return Seal(
        name,
        signed.key,
        stated.run,
        signed.statement.digests,
        stated.previous_record,
        stated.previous_head,
    )


def changed_files(folder: Path, seal: Seal) -> list[str]:
    """Return the names of covered files that are not as they were when they were sealed.

    Raises:
        RecordError: a file is missing or cannot be read.
    """
    return [name for name, sha256 in seal.digests.items() if digest_of(folder / name) != sha256]


def _require_names(name: str, files: Sequence[str]) -> None:
    own = [name + suffix for suffix in COVERED]
    is_name = name not in ("", INDEX) and "/" not in name and not name.startswith(".")
    if not is_name or own[0] not in files or len(set(files)) < len(files) or set(files) - set(own):
        raise RecordError(
            _("A seal of {name} covers its journal and other files of that run, not {files}.",
              name=name, files=list(files)),
        )  # fmt: skip
