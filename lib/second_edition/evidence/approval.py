"""Approvals as files: an in-toto Statement about a plan's digest, in a DSSE envelope that its approver signed.

The statement carries the plan itself, whose digest is its subject: from this one file, what was approved can be read
and compared with what is about to be done.
Source: in-toto attestation framework, Statement version 1.
"""

from __future__ import annotations

import base64
import glob
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.dkim.secrecy import looks_private, may_be_key
from second_edition.errors import ByodkimError
from second_edition.evidence import dsse, exclusive, folders
from second_edition.evidence.dsse import PAYLOAD, STATEMENT
from second_edition.evidence.folders import RUN_ID
from second_edition.evidence.journal import canonical, digest
from second_edition.evidence.record import Record
from second_edition.evidence.sealing_key import KeyDefect, load_private, private_pem, user_folder
from second_edition.messages import Language
from second_edition.plain import from_plain
from second_edition.rotation.approval import Approval, Presented
from second_edition.rotation.fleet_plan import FleetPlan, Membership
from second_edition.rotation.plan import Plan

PREDICATE: Final = "byodkim:approval/v1"
FLEET: Final = "byodkim:fleet-approval/v1"  # of a campaign
MEMBER: Final = "byodkim:fleet-member/v1"  # an identity's place in a campaign's plan; it is proved, not signed
_COMMON: Final = ("at", "run", "comment")
_NAMES: Final = {FLEET: _COMMON, PREDICATE: (*_COMMON, "identity", "selector", "account", "region")}
LARGEST: Final = 256 * 1024  # bytes of an approval's file


def statement(record: Record, plan: Plan, approver: str, comment: str, at: datetime) -> dict[str, Any]:
    """Return the Statement that ``approver`` agrees to the plan of a run, or of a campaign."""
    own = {
        "identity": record.begin.domain,
        "selector": record.begin.selector,
        "account": record.caller.account,
        "region": record.caller.region,
    }
    of_campaign = isinstance(plan, FleetPlan)
    predicate = {
        **({} if of_campaign else own),
        "run": record.begin.run,
        "approver": approver,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "comment": comment,
        "plan": plan.content(),
    }
    return dsse.statement(FLEET if of_campaign else PREDICATE, "plan", plan.digest, predicate)


def sign(stated: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the approval's file: the envelope as JSON."""
    envelope = dsse.seal(PAYLOAD, canonical(stated).encode(), key)
    return json.dumps(envelope, indent=1).encode() + b"\n"


def file_name(stem: str, run: str, approver: str) -> str:
    """Return what an approval's file is called, beside the record ``<stem>.ipynb``."""
    return f"{stem}.{run}.approval.{approver}.json"


def find(given: str, folder: Path) -> list[Path]:
    """Return the files that the parameter ``approved`` names: paths with commas between, or ids of plan runs.

    For a run's id, the files of the archive of ``folder`` that are named for it; where there is none, a path that does
    not exist.
    """
    found: list[Path] = []
    for part in filter(None, (part.strip() for part in given.split(","))):
        if not RUN_ID.fullmatch(part):
            found.append(Path(part))
            continue
        beside = sorted(folders.files(folder, f"*.{glob.escape(part)}.approval.*.json"))
        found += beside or [folder / f"{part}.approval.json"]
    return found


def present(path: Path, approvers: Mapping[str, str]) -> Presented:
    """Return what a file is worth as an approval.

    Args:
        path: of the file.
        approvers: public keys (base64 of 32 bytes) by their owners' names.
    """
    try:
        with folders.opened(path) as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Presented(path.name, defect="absent")
    except OSError:
        return Presented(path.name, defect="unread")
    try:
        return weigh(path.name, _object(data), approvers)
    except (TypeError, ValueError, RecursionError):
        return Presented(path.name, defect="malformed")


def weigh(name: str, envelope: Mapping[str, Any], approvers: Mapping[str, str]) -> Presented:
    """Return what an envelope is worth as an approval: that of a file, or the copy of it in a journal.

    Args:
        name: of the file.
        envelope: its JSON.
        approvers: public keys (base64 of 32 bytes) by their owners' names.
    """
    names = {base64.b64decode(key): owner for owner, key in approvers.items()}
    try:
        if _holds_key(envelope):
            raise ValueError("a private key")
        if envelope.get("kind") == MEMBER:
            return Presented(name, envelope=envelope, member=_member(envelope))
        payload, key = dsse.open_envelope(envelope, PAYLOAD, names)
        stated = _object(payload)
        return Presented(name, _approval(stated, names[key]), "", envelope)
    except dsse.EnvelopeDefect as defect:
        return Presented(name, defect=defect.code, envelope=envelope)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return Presented(name, defect="malformed")


def _holds_key(envelope: Mapping[str, Any]) -> bool:
    """Return whether a private key stands in an envelope or in its payload: nothing of it goes into a journal."""
    payload = base64.b64decode(str(envelope.get("payload", "")) + "==").decode("utf-8", "replace")
    return looks_private(canonical(envelope)) or looks_private(payload)


def _object(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST:
        raise ValueError("too large")
    value = json.loads(data)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _approval(stated: Mapping[str, Any], approver: str) -> Approval:
    """Return the approval in a Statement whose signature has been verified.

    Raises:
        LookupError, TypeError, ValueError: it is a Statement of something else, or its subject is not the plan inside.
    """
    (subject,) = stated["subject"]
    signed = subject["digest"]["sha256"]
    predicate, kind = stated["predicate"], stated["predicateType"]
    names = _NAMES[kind]
    plan = from_plain(Plan, {**predicate["plan"], "digest": signed})
    if stated["_type"] != STATEMENT or digest(plan.content()) != signed:
        raise ValueError("no approval of the plan inside")
    texts = {name: predicate[name] for name in names}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("no text")
    if any(map(may_be_key, texts.values())):
        raise ValueError("a private key")
    if datetime.fromisoformat(texts["at"]).tzinfo is None:
        raise ValueError("a time of no zone")
    if kind == PREDICATE and not texts["identity"]:
        raise ValueError("an approval of no identity")
    return Approval(approver=approver, plan=plan, **texts)


def _member(fields: Mapping[str, Any]) -> Membership:
    """Return a place in a campaign's plan, whose digests are those of what it holds.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: it is none.
    """
    member = from_plain(Membership, {name: value for name, value in fields.items() if name != "kind"})
    if digest(member.plan.content()) != member.plan.digest or digest(member.fleet.content()) != member.fleet.digest:
        raise ValueError("digests of something else")
    return member


class ApproverKeyError(ByodkimError):
    """The approver's key cannot be made, read or trusted. Nothing was signed."""


def key_path(environment: Mapping[str, str]) -> Path:
    """Return where an approver's key lies unless told otherwise: in the user's own configuration folder."""
    return user_folder(environment, "XDG_CONFIG_HOME", ".config") / "approver.pem"


def make_key(path: Path, passphrase: str, language: Language) -> Ed25519PrivateKey:
    """Make a new key and write it to ``path`` (PKCS#8 PEM, mode 0600), encrypted where there is a passphrase.

    Raises:
        ApproverKeyError: the file exists, or the disk does not take it.
    """
    key = Ed25519PrivateKey.generate()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        exclusive.write(path, private_pem(key, passphrase), 0o600)
    except OSError as error:
        raise _error("key.unwritable", language, path=path, reason=error.strerror or error) from error
    return key


def load_key(path: Path, ask: Callable[[], str], language: Language) -> Ed25519PrivateKey:
    """Return the key at ``path``; ``ask`` gives its passphrase, and is called only where it has one.

    Raises:
        ApproverKeyError: others can read the file, it is no Ed25519 key, or the passphrase is wrong.
    """
    try:
        return load_private(path, ask)
    except KeyDefect as defect:
        raise _error(defect.code, language, path=path, reason=defect.reason) from None


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key as a profile lists it: base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _error(key: str, language: Language, **values: object) -> ApproverKeyError:
    return ApproverKeyError.said("approve", key, language, "unsigned", **values)
