"""Seal, timestamp and archive the record of a closed run, as the profile asks.

A run seals its own journal, once, when it closes. Nobody seals it later: a seal made afterwards would vouch for
whatever stands there by then. The identity's next run adds a missing timestamp or copy to a sealed record
(``earlier_records``). None of this changes the outcome; the record says what is missing.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from second_edition.custody.client import Custodian, Refused
from second_edition.engine import sign_in
from second_edition.engine.run import Run
from second_edition.errors import ByodkimError, CustodyError
from second_edition.events.run import Begin
from second_edition.evidence import folders, heads, journal, sealing_key, timestamp, upload
from second_edition.evidence.dsse import Signature
from second_edition.evidence.exclusive import append
from second_edition.evidence.journal import Account
from second_edition.evidence.seal import Seal, Sealed, SealError, check_seal, read_seal, seal, seal_path, write
from second_edition.evidence.sealing_key import SealingKey
from second_edition.intent import profile
from second_edition.intent.profile import Keeping
from second_edition.messages import Language
from second_edition.settings import REACHED_BY

#: What is signed and stamped to see that it can be. It is no JSON, and so the seal of nothing.
TRIAL: Final = "byodkim: whether this can be signed and stamped"
T = TypeVar("T")


class Keeper(Struct, frozen=True):
    """Keeps the records of closed runs.

    Attributes:
        keeping: how.
        hands: a custodian, which signs and reaches S3; opened already where a key in KMS or an archive is asked for.
        clock: the run's.
        language: of what is said.
        trusted: the keys by their ``keyid`` whose records are completed, besides the one that seals now.
    """

    keeping: Keeping
    hands: Custodian
    clock: Callable[[], datetime]
    language: Language
    trusted: Mapping[str, SealingKey] = {}

    def keep(self, path: Path, head: str = "") -> Sealed:
        """Add to the journal at ``path`` what it still lacks.

        Args:
            path: journal of a closed run; of one that was stopped, there are copies alone.
            head: the head that the run itself wrote. Only then is the journal sealed; "" for another run's journal.
        """
        try:
            account = journal.read(path)
            signs = bool(head or account.closed)
            if (account.torn and signs) or head not in ("", account.head):
                raise self._error("make.journal", path.name, "altered")
            sealed = self._sealed(account, own=bool(head)) if signs else None
        except OSError as error:
            return Sealed(faults=(self._error("make.journal", path.name, error.strerror or error),))
        except Exception as error:  # noqa: BLE001 - whatever is stumbled over, the run's outcome stands
            return Sealed(faults=(self._fault(error, path),))
        faults: list[ByodkimError] = []

        def tried(step: Callable[..., T], *given: object) -> T | None:
            try:
                return step(*given)
            except Exception as error:  # noqa: BLE001
                faults.append(self._fault(error, path))
                return None

        stamped = tried(self._stamp, sealed) if sealed else None
        copies, altered = tried(self._archive, account, sealed, stamped is not None) or ((), ())
        faults += [self._error("archive.altered", name) for name in altered]
        if head and sealed:  # a head of later would be no witness's
            line = heads.line(sealed, account.ended.isoformat(timespec="milliseconds"), self.clock())
            tried(self._put_head, account, line)
            tried(self._append_head, line)
        return Sealed(sealed, tuple(faults), stamped, copies)

    def sign(self, statement: str) -> Signature:
        """Sign a statement.

        Raises:
            SealError: there is no key, or it did not sign.
        """
        key = self.keeping.seal_key
        where = key or sealing_key.default_path(os.environ)
        try:
            signed = self.hands.ask("seal", statement=statement, key=key).result()
        except Refused as refused:
            known = refused.code.startswith(("key.", "make."))
            code, reason = (refused.code, refused.message) if known else ("make.refused", refused.code)
            raise self._error(code, where, reason) from None
        except CustodyError:
            raise self._error("make.refused", where, "CustodianDied") from None
        return Signature(base64.b64decode(signed["signature"]), base64.b64decode(signed["public_key"]))

    def _sealed(self, account: Account, *, own: bool) -> Seal:
        path = seal_path(account.path)
        if os.path.lexists(path):  # what a stranger signed gets neither a timestamp nor a copy
            return self.seal_of(account)
        if not own:
            raise self._error("make.late", account.path.name)
        return seal(account, self.sign, self.language)

    def seal_of(self, account: Account) -> Seal:
        """Return the seal of a run, which is of that very journal, by a key that is trusted or that seals now.

        Raises:
            SealError: there is none, or it is another one; or the key that seals now does not sign.
        """
        found, known = read_seal(seal_path(account.path), self.language), dict(self.trusted)
        if found.keyid not in known:
            key = SealingKey(self.sign(TRIAL).public_key)
            known[key.keyid] = key
        check_seal(found, account, known, self.language)
        return found

    def vouches(self, account: Account) -> bool:
        """Return whether a key that is trusted, or that seals now, has sealed that very journal."""
        try:
            return bool(self.seal_of(account))
        except SealError:
            return False

    def _stamp(self, sealed: Seal) -> datetime | None:
        url, roots = self.keeping.timestamp_url, self.keeping.timestamp_roots
        if not url or roots is None:
            return None
        path = timestamp.path_of(sealed.path)
        if not path.exists():
            response = timestamp.fetch(url, sealed.signature, roots, self.language)
            write(path, response, self.language, "stamp.unwritable")
        return timestamp.check(folders.contents(path), sealed.signature, roots, path.name, self.language)

    def _archive(
        self, account: Account, sealed: Seal | None, stamped: bool
    ) -> tuple[tuple[upload.Copy, ...], list[str]]:  # fmt: skip
        """Copy what is missing of a record. Return the copies, and the names of files that somebody altered.

        Of a run that was stopped the journal alone is copied.
        """
        if not self.keeping.bucket:
            return (), []
        listed, folder = upload.path_of(account.path), f"{self.keeping.prefix}{upload.below(account.begin)}"
        try:
            missing = [one for one in upload.missing(account) if sealed or one == account.path]
            fit = missing if sealed is None else self._fit(account, sealed, missing, stamped=stamped)
            upload.upload(account.path, fit, folder, self._put)
            return tuple(upload.copies(account.path)), [one.name for one in missing if one not in fit]
        except OSError as error:
            raise self._error("archive.unlisted", listed.name, error.strerror or error) from None

    def _fit(self, account: Account, sealed: Seal, missing: list[Path], *, stamped: bool) -> list[Path]:
        """Return the files that are what is signed."""
        keys, stamp = {**self.trusted, sealed.keyid: sealed.public_key}, timestamp.path_of(sealed.path)
        return [one for one in missing if (stamped if one == stamp else upload.holds(account, one, keys))]

    def _put_head(self, account: Account, line: str) -> None:
        if self.keeping.bucket:
            self._put(f"{self.keeping.prefix}{heads.below(account.begin)}", text=f"{line}\n", kind="head")

    def _append_head(self, line: str) -> None:
        if self.keeping.heads_file is not None:
            with self._heads_file() as path:
                append(path, line.encode())

    def _put(self, key: str, path: Path | None = None, *, text: str = "", kind: str = "archive") -> dict[str, Any]:
        retain_until = self._retain_until()
        copy: dict[str, Any] = self._ask_s3("keep", key, kind, path=str(path or ""), text=text, until=retain_until)
        if copy["kept"] == "another":
            raise self._error(f"{kind}.another", f"s3://{self.keeping.bucket}/{key}")
        held = retain_until if copy["kept"] == "made" else ""  # what was there has the lock that it was given
        return {**copy, "at": self.clock().isoformat(timespec="milliseconds"), "retain_until": held}

    def _ask_s3(self, operation: str, key: str, kind: str, *, until: str, **more: str) -> Any:
        bucket, reason = self.keeping.bucket, "CustodianDied"
        try:
            return self.hands.ask(operation, bucket=bucket, key=key, retain_until=until, **more).result()
        except Refused as refused:
            reason = f"{refused.operation} {refused.code}"
        except CustodyError:
            pass
        raise self._error(f"{kind}.refused", f"s3://{bucket}/{key}", reason)

    def _retain_until(self) -> str:
        days = self.keeping.retention_days
        return (self.clock() + timedelta(days=days)).isoformat(timespec="seconds") if days else ""

    @contextmanager
    def _heads_file(self) -> Iterator[Path]:
        path = self.keeping.heads_file or Path()
        try:
            yield path
        except OSError as error:
            raise self._error("head.refused", path, error.strerror or error) from None

    def trials(self, begin: Begin, name: str) -> dict[str, Callable[[], object]]:
        """Return what tries, before a write, what the record of a run will need; nothing is left by it.

        Args:
            begin: the run's first event.
            name: of its journal.
        """
        keeping, trials = self.keeping, dict[str, Callable[[], object]]()
        key = f"{keeping.prefix}{upload.below(begin)}/{name}"
        if keeping.timestamp_url and (roots := keeping.timestamp_roots) is not None:
            trials["timestamp"] = lambda: timestamp.fetch(keeping.timestamp_url, TRIAL.encode(), roots, self.language)
        if keeping.bucket:
            trials["archive"] = lambda: self._ask_s3("keepable", key, "archive", until=self._retain_until())
        if keeping.heads_file:
            trials["heads"] = self._try_heads_file
        return trials

    def _try_heads_file(self) -> None:
        with self._heads_file() as path:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644))

    def _fault(self, error: Exception, path: Path) -> ByodkimError:
        if isinstance(error, ByodkimError) and not isinstance(error, journal.JournalError):
            return error
        return self._error("make.journal", path.name, type(error).__name__)  # its text may hold anything

    def _error(self, code: str, where: object, reason: object = "") -> SealError:
        return SealError(code, self.language, where=where, reason=reason)


def keep(run: Run) -> Sealed:
    """Seal, stamp and copy the record of a run whose last event is written. The result has what people should read."""
    with hands_of(run) as hands:
        return keeper(run, hands).keep(run.journal.path, run.journal.head)


def keeper(run: Run, hands: Custodian) -> Keeper:
    """Return who keeps the record of a run, and completes those of others, by its profile."""
    section = run.intent.section
    known = sealing_key.trusted(section.sealing_keys, section.folder)
    return Keeper(run.keeping, hands, run.clock, run.intent.language, known)


def key_in_kms(run: Run) -> dict[str, SealingKey]:
    """Return the key in KMS that seals now, by its ``keyid``; {} where the profile names none, or it does not sign."""
    if not run.keeping.seal_key:
        return {}
    try:
        key = SealingKey(keeper(run, run.custodian).sign(TRIAL).public_key)
    except SealError:
        return {}
    return {key.keyid: key}


@contextmanager
def keeper_of(begin: Begin, language: Language) -> Iterator[Keeper]:
    """Open a keeper for the record of a run that another process made, by its profile as it stands now.

    Args:
        begin: the run's first event.
        language: of what is said.

    Raises:
        ParameterError: the profile is gone or wrong.
        AccessError: no session with AWS can be made.
    """
    keeping, hands, known = Keeping(), Custodian(), dict[str, SealingKey]()
    try:
        if begin.target == "aws":
            section = profile.load(begin.profile, Path.cwd(), language)
            keeping = profile.keeping_of(section, language)
            known = sealing_key.trusted(section.sealing_keys, section.folder)
        if keeping.seal_key or keeping.bucket:
            settings = {name: begin.value(name) for name in REACHED_BY}
            hands.ask("open", settings=settings).result()
        yield Keeper(keeping, hands, lambda: datetime.now(UTC), language, known)
    except Refused as refused:
        raise sign_in.error(refused, begin.value("aws_profile"), language, "") from None
    finally:
        hands.close()


@contextmanager
def hands_of(run: Run) -> Iterator[Custodian]:
    """Yield the run's custodian, or another one in its place where it has died."""
    if run.custodian.alive:
        yield run.custodian
        return
    fresh = Custodian()
    try:
        if run.settings:
            fresh.ask("open", settings=run.settings)
        yield fresh
    finally:
        fresh.close()
