"""The seal of a run: a signed statement about its files as bytes, and what later runs need to know.

It lies beside them as ``NAME.seal.json``. The kernel seals journal, page and DNS request when it
closes the run; the process that outlives it adds the notebook, once papermill has saved it.
"""

from collections.abc import Mapping, Sequence
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
        run: what later runs need to know. ``signer`` stays empty.
        previous_record, previous_head: as in the journal's last line; "" for the first run.
    """

    run: PastRun
    previous_record: str = ""
    previous_head: str = ""


class Seal(Struct, frozen=True):
    """A seal whose signature is valid.

    Attributes:
        key: the public key that signed it, trusted or not.
        stated: of the run. Without a trusted key, nothing of it is to be believed.
        digests: SHA-256 by name, of the files that it covers.
    """

    key: str
    stated: RunStatement
    digests: dict[str, str]

    @property
    def run(self) -> PastRun:
        """Return what it tells later runs."""
        return self.stated.run

    @property
    def name(self) -> str:
        """Return the name of the run."""
        return self.stated.run.name

    @property
    def head(self) -> str:
        """Return the SHA-256 of the journal, which the next run names."""
        return self.digests[self.name + journal.SUFFIX]


_decoder: Final = msgspec.json.Decoder(Statement[RunStatement])


def seal_run(folder: Path, stated: RunStatement, files: Sequence[str], key: SealingKey) -> Path:
    """Seal a run that has closed its journal, and return the seal's file.

    ``chain_lock`` must be held.

    Args:
        folder: of the archive.
        stated: of the run.
        files: names of the run's files that are to be covered; the journal is one of them.
        key: that signs.

    Raises:
        RecordError: a name is none of this run's, a file cannot be read, or the disk does not take
            the seal.
    """
    require_names(stated.run.name, files)
    path = folder / (stated.run.name + SUFFIX)
    if path.exists():
        raise RecordError(_("{file} exists already: a run is sealed once.", file=path.name))
    write_seal(path, stated, {name: digest_of(folder / name) for name in files}, key)
    return path


def write_seal(
    path: Path, stated: RunStatement, digests: Mapping[str, str], key: SealingKey
) -> None:
    """Write the seal of a run, over files that are given as digests by name.

    Raises:
        RecordError: the disk does not take it.
    """
    write_file(path, sign(statement(digests, PREDICATE, stated), key))


def read_seal(path: Path) -> Seal:
    """Return the validly signed seal of a run. Whether its key is trusted, the caller decides.

    Raises:
        RecordError: it is no valid seal, or the seal of another run.
    """
    signed = read_signed(path, PREDICATE, _decoder)
    seal = Seal(signed.key, signed.statement.predicate, signed.statement.digests)
    if path.name != seal.name + SUFFIX:
        raise RecordError(
            _("{file} is the seal of another run, {name}.", file=path.name, name=seal.name)
        )
    require_names(seal.name, list(seal.digests))
    return seal


def changed_files(folder: Path, seal: Seal) -> list[str]:
    """Return the names of covered files that are not as they were when they were sealed.

    Raises:
        RecordError: a file is missing or cannot be read.
    """
    return [name for name, sha256 in seal.digests.items() if digest_of(folder / name) != sha256]


def require_names(name: str, files: Sequence[str]) -> None:
    """Require that files are of a run, and the journal one of them.

    Raises:
        RecordError: they are not.
    """
    own = [name + suffix for suffix in COVERED]
    is_name = name not in ("", INDEX) and "/" not in name and not name.startswith(".")
    if not is_name or own[0] not in files or len(set(files)) < len(files) or set(files) - set(own):
        raise RecordError(
            _("A seal of {name} covers its journal and other files of that run, not {files}.",
              name=name, files=list(files)),
        )  # fmt: skip
