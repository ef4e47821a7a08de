"""The seal of a run: a signed statement of what its journal says, which cannot be made anew by who alters the journal.

An in-toto Statement about the journal's file, in a DSSE envelope beside it: ``<name>.<run id>.seal.json``. The envelope
carries the public key of its signature, which is a hint and no more: what is trusted comes from elsewhere.
Source: in-toto attestation framework, Statement version 1; secure-systems-lab/dsse, version 1.0.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from second_edition.errors import ByodkimError
from second_edition.evidence import dsse, journal
from second_edition.evidence.dsse import PAYLOAD, STATEMENT, Signature, pae
from second_edition.evidence.exclusive import create
from second_edition.evidence.folders import contents
from second_edition.evidence.journal import Account, canonical
from second_edition.evidence.sealing_key import KeyDefect, SealingKey
from second_edition.messages import Language, say

SUFFIX: Final = ".seal.json"
PAGE_SUFFIX: Final = ".page.seal.json"
RUN: Final = "urn:byodkim:run:1"
PAGE: Final = "urn:byodkim:page:1"
LARGEST: Final = 64 * 1024  # bytes of a seal's file

# What an error means, by the first word of its code; "" for one that means no more than it says.
MEANS: Final = {
    "key": "make.means",
    "make": "make.means",
    "left-open": "left-open.means",
    "stamp": "stamp.means",
    "archive": "archive.means",
    "head": "head.means",
    "public": "",
    "unkept": "unkept.means",
    "unknown-key": "check.means",
}

Json = dict[str, Any]


Signer = Callable[[str], Signature]
"""Signs a statement's text (canonical JSON), in DSSE's encoding."""


class SealError(ByodkimError):
    """A seal cannot be made, read or relied on. ``code`` says why, as a key of the catalogue ``seal``."""

    def __init__(self, code: str, language: Language, **values: object) -> None:
        self.code = code
        kind = code.partition(".")[0]
        means = MEANS.get(kind, "check.means")
        todo = f"{code}.todo" if kind in MEANS else "check.todo"
        super().__init__(
            say("seal", code, language, **values),
            say("seal", means, language) if means else "",
            say("seal", todo, language, **values),
        )


class Seal(Struct, frozen=True):
    """A seal as its file tells it. Nothing of it is to be relied on before ``check_seal``.

    Attributes:
        path: of the file.
        stated: the statement.
        message: what was signed.
        signature: over ``message``.
        keyid: the key's name in the envelope.
        public_key: the key that the envelope says it was.
    """

    path: Path
    stated: Json
    message: bytes
    signature: bytes
    keyid: str
    public_key: SealingKey

    @property
    def predicate(self) -> Json:
        """Return what is stated of the run."""
        return dict(self.stated["predicate"])

    @property
    def run(self) -> str:
        """Return the run's id."""
        return str(self.predicate["run"])

    @property
    def head(self) -> str:
        """Return the SHA-256 of the journal's last line, in hex."""
        return str(self.predicate["head"])

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the journal's file, in hex."""
        return str(self.stated["subject"][0]["digest"]["sha256"])


class Sealed(Struct, frozen=True):
    """Hold what came of keeping a run's record.

    Attributes:
        seal: the seal, if there is one.
        faults: what could not be done, and why.
        stamped: when a timestamp authority saw the seal.
        copies: in the archive, as they are written down beside the journal.
    """

    seal: Seal | None = None
    faults: tuple[ByodkimError, ...] = ()
    stamped: datetime | None = None
    copies: tuple[Json, ...] = ()


def seal_path(journal_path: Path) -> Path:
    """Return where the seal of a journal lies."""
    return journal_path.with_name(journal_path.name.removesuffix(journal.SUFFIX) + SUFFIX)


def page_seal_path(journal_path: Path) -> Path:
    """Return where the seal of the page beside a journal lies."""
    return journal_path.with_name(journal_path.name.removesuffix(journal.SUFFIX) + PAGE_SUFFIX)


def statement(account: Account) -> Json:
    """Return the statement about a run's journal as it was read.

    Raises:
        LookupError, TypeError: it is no run's journal.
    """
    return dsse.statement(RUN, account.path.name, account.sha256, _predicate(account))


def _predicate(account: Account) -> Json:
    begin, closed, caller = account.begin, account.closed, account.caller
    earlier = begin.previous
    return {
        "run": begin.run,
        "domain": begin.domain,
        "region": caller.region,
        "account": caller.account,
        "outcome": closed.outcome if closed else "",
        "head": account.head,
        "events": len(account.events),
        "previous": {"run": earlier.run, "head": earlier.head} if earlier else None,
    }


def envelope(stated: Mapping[str, Any], sign: Signer) -> bytes:
    """Return the file around a statement, with the one signature of ``sign``."""
    text = canonical(stated)
    signed = sign(text)
    key = SealingKey(signed.public_key)
    return _file(text.encode(), key.keyid, signed.signature, key.der)


def _file(payload: bytes, keyid: str, signature: bytes, public_key: bytes) -> bytes:
    """Return the one spelling of an envelope: whatever else stands in a seal's file was changed."""
    sealed = {
        "payloadType": PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
        "publicKey": base64.b64encode(public_key).decode(),
    }
    return msgspec.json.format(msgspec.json.encode(sealed), indent=1) + b"\n"


def seal(account: Account, sign: Signer, language: Language = "en") -> Seal:
    """Seal a run: make the file beside its journal, on the disk when this returns. One that is there may stay.

    Raises:
        SealError: the disk does not take it, or there is another one of something else.
    """
    path = seal_path(account.path)
    write(path, envelope(statement(account), sign), language)
    made = read_seal(path, language)
    if made.head != account.head:
        raise SealError("make.another", language, where=path.name)
    return made


def write(path: Path, data: bytes, language: Language, code: str = "make.unwritable") -> None:
    """Write an envelope, or a timestamp, to a file that did not exist before; one that exists is left as it is.

    Raises:
        SealError: of this code: the disk does not take it.
    """
    try:
        create(path, data)
    except OSError as error:
        raise SealError(code, language, where=path.name, reason=error.strerror or error) from error


def read_seal(path: Path, language: Language = "en") -> Seal:
    """Return a seal read from its file; nothing of it is verified.

    Raises:
        SealError: ``absent``, ``unreadable`` or ``malformed``.
    """
    found = _read(path, language)
    try:
        (subject,) = found.stated["subject"]
        stated = (*(found.predicate[name] for name in ("run", "head", "outcome")), subject["digest"]["sha256"])
        if all(isinstance(text, str) for text in stated) and len(found.message) <= LARGEST:
            return found
    except (LookupError, TypeError, ValueError, AttributeError):
        pass
    raise SealError("malformed", language, where=path.name)


def signed_statement(path: Path, trusted: Mapping[str, SealingKey], language: Language) -> Json:
    """Return the statement in an envelope that a trusted key signed, as it does a seal: of a page.

    Raises:
        SealError: none did, or it is no statement, or it is spelled otherwise than written.
    """
    found = _read(path, language)
    check_signature(found, trusted, language)
    return found.stated


def _read(path: Path, language: Language) -> Seal:
    """Return any statement in its envelope, which is spelled as it was written; nothing of it is verified.

    Raises:
        SealError: ``absent``, ``unreadable`` or ``malformed``.
    """
    try:
        return _parsed(path, contents(path))
    except FileNotFoundError:
        raise SealError("absent", language, where=path.name) from None
    except OSError as error:
        raise SealError("unreadable", language, where=path.name, reason=error.strerror or error) from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise SealError("malformed", language, where=path.name) from None


def _parsed(path: Path, data: bytes) -> Seal:
    outer = journal.decode(data)
    payload, key = (base64.b64decode(outer[name]) for name in ("payload", "publicKey"))
    (signed,) = outer["signatures"]
    signature, keyid = base64.b64decode(signed["sig"]), signed["keyid"]
    named = SealingKey(key)
    if data != _file(payload, keyid, signature, key) or keyid != named.keyid:
        raise ValueError("not as it was written")
    read = Seal(path, journal.decode(payload), pae(PAYLOAD, payload), signature, keyid, named)
    if read.stated["_type"] != STATEMENT:
        raise ValueError("no statement")
    return read


def check_seal(found: Seal, account: Account, trusted: Mapping[str, SealingKey], language: Language = "en") -> None:
    """Hold a seal against the journal as it was read.

    Args:
        found: the seal.
        account: the journal, its chain checked.
        trusted: the keys whose word counts, by their ``keyid``.
        language: of the error.

    Raises:
        SealError: ``unknown-key``, ``forged``, ``other-run``, ``other-journal`` or ``other-statement``.
    """
    check_signature(found, trusted, language)
    defect = ""
    if not account.events or found.stated["predicateType"] != RUN or found.run != account.begin.run:
        defect = "other-run"
    elif found.head != account.head or found.sha256 != account.sha256:
        defect = "other-journal"
    elif found.predicate != _predicate(account):
        defect = "other-statement"
    if defect:
        raise _off(defect, found, language)


def is_sealed_by(trusted: Mapping[str, SealingKey], account: Account) -> bool:
    """Return whether one of these keys has sealed that very journal."""
    try:
        check_seal(read_seal(seal_path(account.path)), account, trusted)
    except SealError:
        return False
    return True


def check_signature(found: Seal, trusted: Mapping[str, SealingKey], language: Language) -> None:
    """Hold a seal against the keys whose word counts.

    Raises:
        SealError: ``unknown-key`` or ``forged``.
    """
    key = trusted.get(found.keyid)
    if key is None:
        raise _off("unknown-key", found, language)
    if key.der != found.public_key.der or not key.verifies(found.signature, found.message):
        raise _off("forged", found, language)


def _off(code: str, found: Seal, language: Language) -> SealError:
    return SealError(code, language, where=found.path.name, reason=found.keyid, key=found.public_key.text)


def refused(defect: KeyDefect, language: Language) -> SealError:
    """Return the error for a key that cannot be used."""
    return SealError(defect.code, language, where=defect.where, reason=defect.reason)
