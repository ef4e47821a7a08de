"""Seal, timestamp and archive the record of a closed run, as the profile asks.

A run seals its own journal, once, when it closes. Nobody seals it later: a seal made afterwards would vouch for
whatever stands there by then. The identity's next run adds a missing timestamp or copy to a sealed record. None of
this changes the outcome; the record says what is missing.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from byodkim.custody.client import Custodian, Refused
from byodkim.errors import ByodkimError, CustodyError
from byodkim.evidence import folders, heads, journal, sealing_key, timestamp, upload
from byodkim.evidence.dsse import Signature
from byodkim.evidence.exclusive import append
from byodkim.evidence.journal import Account
from byodkim.evidence.seal import Seal, Sealed, SealError, read_seal, seal, seal_path
from byodkim.evidence.world import World
from byodkim.intent import profile
from byodkim.intent.profile import Keeping
from byodkim.messages import Language
from byodkim.procedure import sign_in
from byodkim.procedure.run import Run
from byodkim.settings import REACHED_BY

MOST = 8  # earlier runs that one run makes up for
LOOKED_AT = 50  # earlier runs, newest first


@dataclass(frozen=True)
class Keeper:
    """Keeps the records of closed runs.

    Attributes:
        keeping: how.
        hands: a custodian, which signs and reaches S3; opened already where a key in KMS or an archive is asked for.
        clock: the run's.
        language: of what is said.
    """

    keeping: Keeping
    hands: Custodian
    clock: Callable[[], datetime]
    language: Language

    def keep(self, path: Path, head: str = "") -> Sealed:
        """Add to the journal at ``path`` what it still lacks.

        Args:
            path: journal of a closed run.
            head: the head that the run itself wrote. Only then is the journal sealed; "" for another run's journal.
        """
        try:
            account = journal.read(path)
            if account.torn or head not in ("", account.head):
                raise self._error("make.journal", path.name, "altered")
            sealed = self._sealed(account, own=bool(head))
        except OSError as error:
            return Sealed(faults=(self._error("make.journal", path.name, error.strerror or error),))
        except Exception as error:  # noqa: BLE001 - whatever is stumbled over, the run's outcome stands
            return Sealed(faults=(self._fault(error, path),))
        found, faults = Sealed(sealed), []
        published = (self._put_head, self._append_head) if head else ()  # a head of later would be no witness's
        for step in (self._stamp, self._archive, *published):
            try:
                found = step(found, account)
            except Exception as error:  # noqa: BLE001
                faults.append(self._fault(error, path))
        return Sealed(found.seal, tuple(faults), found.stamped, found.copies)

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
        if path.exists():
            return read_seal(path, self.language)
        if not own:
            raise self._error("make.late", account.path.name)
        return seal(account, self.sign, self.language)

    def _stamp(self, found: Sealed, _: Account) -> Sealed:
        keeping, sealed = self.keeping, found.seal
        if not keeping.timestamp_url or keeping.timestamp_roots is None or sealed is None:
            return found
        path = timestamp.path_of(sealed.path)
        if not path.exists():
            response = timestamp.fetch(keeping.timestamp_url, sealed.signature, keeping.timestamp_roots, self.language)
            timestamp.write(path, response, self.language)
        at = timestamp.check(
            path.read_bytes(), sealed.signature, keeping.timestamp_roots, path.name, self.language
        )  # fmt: skip
        return Sealed(sealed, (), at, found.copies)

    def _archive(self, found: Sealed, account: Account) -> Sealed:
        if not self.keeping.bucket:
            return found
        begin, listed = account.events[0], upload.path_of(account.path)
        folder = f"{self.keeping.prefix}{upload.below(begin)}"
        try:
            upload.upload(account.path, begin.get("record", ""), folder, self._put)
        except OSError as error:
            raise self._error("archive.unlisted", listed.name, error.strerror or error) from None
        return Sealed(found.seal, (), found.stamped, tuple(upload.copies(account.path)))

    def _put_head(self, found: Sealed, account: Account) -> Sealed:
        if self.keeping.bucket:
            key = f"{self.keeping.prefix}{heads.below(account.events[0])}"
            self._put(key, text=f"{self._head(found, account)}\n", kind="head")
        return found

    def _append_head(self, found: Sealed, account: Account) -> Sealed:
        path = self.keeping.heads_file
        try:
            if path is not None:
                append(path, self._head(found, account).encode())
        except OSError as error:
            raise self._error("head.refused", path, error.strerror or error) from None
        return found

    def _head(self, found: Sealed, account: Account) -> str:
        assert found.seal is not None  # noqa: S101 - what has no seal comes no further
        return heads.line(found.seal, str(account.events[-1]["at"]), self.clock())

    def _put(self, key: str, path: Path | None = None, *, text: str = "", kind: str = "archive") -> dict[str, Any]:
        keeping = self.keeping
        until = self.clock() + timedelta(days=keeping.retention_days) if keeping.retention_days else None
        arguments = {"bucket": keeping.bucket, "key": key, "path": str(path or ""), "text": text}
        place = f"s3://{keeping.bucket}/{key}"
        try:
            retain_until = until.isoformat(timespec="seconds") if until else ""
            copy: dict[str, Any] = self.hands.ask("keep", **arguments, retain_until=retain_until).result()
        except Refused as refused:
            raise self._error(f"{kind}.refused", place, f"{refused.operation} {refused.code}") from None
        except CustodyError:
            raise self._error(f"{kind}.refused", place, "CustodianDied") from None
        if copy["kept"] == "another":
            raise self._error(f"{kind}.another", place)
        return {**copy, "at": self.clock().isoformat(timespec="milliseconds"), "retain_until": retain_until}

    def _fault(self, error: Exception, path: Path) -> ByodkimError:
        if isinstance(error, ByodkimError) and not isinstance(error, journal.JournalError):
            return error
        return self._error("make.journal", path.name, type(error).__name__)  # its text may hold anything

    def _error(self, code: str, where: object, reason: object = "") -> SealError:
        return SealError(code, self.language, where=where, reason=reason)


def keep(run: Run) -> Sealed:
    """Seal, stamp and copy the record of a run whose last event is written. The result has what people should read."""
    with hands_of(run) as hands:
        return Keeper(run.keeping, hands, run.clock, run.intent.language).keep(run.journal.path, run.journal.head)


def make_up(run: Run) -> None:
    """Add the missing timestamps and copies to earlier sealed runs of this identity, and journal the result of each."""
    keeper, count = Keeper(run.keeping, run.custodian, run.clock, run.intent.language), 0
    for path in _unkept(run.journal.path, run.world, run.keeping):
        kept, count = keeper.keep(path), count + 1
        run.write(
            "kept",
            of=path.name.removesuffix(journal.SUFFIX),
            sealed=kept.seal is not None,
            stamped=kept.stamped.isoformat() if kept.stamped else "",
            copies=[copy["place"] for copy in kept.copies],
            faults=[fault.diagnostics() for fault in kept.faults],
        )
        if count == MOST:
            return


def _unkept(own: Path, world: World | None, keeping: Keeping) -> Iterator[Path]:
    """Yield the journals of this identity's closed runs that lack something their own profile asked for."""
    if world is None:
        return
    others = sorted(
        folders.files(own.parent, f"*{journal.SUFFIX}"), key=lambda path: path.name.split(".")[-3], reverse=True
    )
    for path in others[:LOOKED_AT]:
        try:
            begin = journal.first(path)
            if path == own or begin is None or not world.same_identity(World.of(begin)):
                continue
            if _lacks(path, begin, keeping) and journal.read(path).last("closed") is not None:
                yield path
        except (journal.JournalError, OSError, LookupError, TypeError, ValueError, AttributeError):
            continue  # a damaged journal is left as it is, for verification to report


def _lacks(path: Path, begin: dict[str, Any], keeping: Keeping) -> bool:
    if not seal_path(path).exists():
        return False
    wanted = begin.get("keeping") or {}
    if keeping.timestamp_url and wanted.get("timestamp_url") and not timestamp.path_of(seal_path(path)).exists():
        return True
    return bool(keeping.bucket and wanted.get("archive_s3") and upload.missing(path, begin.get("record", "")))


@contextmanager
def keeper_of(begin: Mapping[str, Any], clock: Callable[[], datetime], language: Language) -> Iterator[Keeper]:
    """Open a keeper for the record of a run that another process made, by its profile as it stands now.

    Args:
        begin: the run's first event.
        clock: for how long copies are held.
        language: of what is said.

    Raises:
        ParameterError: the profile is gone or wrong.
        AccessError: no session with AWS can be made.
    """
    keeping, hands = Keeping(), Custodian()
    try:
        if begin["target"] == "aws":
            section = profile.load(begin["profile"], Path.cwd(), language)
            keeping = profile.keeping_of(section, language)
        if keeping.seal_key or keeping.bucket:
            parameters = begin["parameters"]
            settings = {name: parameters[name]["value"] for name in REACHED_BY}
            hands.ask("open", settings=settings).result()
        yield Keeper(keeping, hands, clock, language)
    except Refused as refused:
        raise sign_in.error(refused, str(begin["parameters"]["aws_profile"]["value"]), language, "") from None
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
