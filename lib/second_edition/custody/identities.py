"""Operations on SES: who acts, what identities there are and how they stand, and the one write to them."""

from __future__ import annotations

import math
import os
import time
from typing import Any

from botocore.exceptions import ProfileNotFound
from msgspec.structs import asdict

from second_edition.aws import identity as identity_calls
from second_edition.aws.session import Clients, Settings, TooLate
from second_edition.custody.refusal import DutyError, Json, once, patiently, persistently, reading
from second_edition.custody.session import Session
from second_edition.evidence.sealing_key import default_path
from second_edition.plain import from_plain
from second_edition.rotation.observation import CHANGED_MEANWHILE, EXTERNAL, Caller


def open(session: Session, settings: dict[str, Any]) -> Json:  # noqa: A001 - the operation's name
    """Make the session with AWS, once: where keys in hand may go does not change. Answers Region and partition."""
    if session.opened is not None:
        raise DutyError("open", "AlreadyOpen")
    state = default_path(os.environ).parent
    try:
        clients = session.opened = Clients(Settings(**settings), read_only=session.read_only, state=state)
    except ProfileNotFound as missing:
        raise DutyError("open", "ProfileNotFound", missing.kwargs["profile"]) from None
    if not clients.region:
        raise DutyError("open", "NoRegion")
    session.pool.submit(clients.prepare)
    return {"region": clients.region, "partition": clients.partition}


def clock(session: Session, offset_s: float) -> None:
    """Shift the custodian's clock as a sandbox's was shifted meanwhile; AWS's own time is this machine's."""
    if not session.clients.settings.sandbox:
        raise DutyError("clock", "NoSandbox")
    session.clients.log.shift(offset_s)


def caller(session: Session) -> Json:
    """Return the answer of STS GetCallerIdentity, as plain ``Caller``."""
    return asdict(reading("GetCallerIdentity", lambda: _caller(session.clients)))


def _caller(clients: Clients) -> Caller:
    answer = clients.caller()
    if not all((answer["Account"], answer["Arn"], answer["UserId"])):
        raise ValueError("STS does not say who acts")
    found = {
        "account": answer["Account"],
        "arn": answer["Arn"],
        "user_id": answer["UserId"],
        "partition": answer["Arn"].split(":")[1],
        "region": clients.region,
        "endpoint": clients.get("sesv2").meta.endpoint_url,
        "clock_skew_s": None if clients.log.skew_s is None else round(clients.log.skew_s, 3),
    }
    return from_plain(Caller, found)


def identity(session: Session, name: str) -> Json | None:
    """Return SES GetEmailIdentity as plain ``Identity``; ``None`` where SES knows no such identity."""
    client = session.client("sesv2")
    try:
        return asdict(
            reading("GetEmailIdentity", lambda: persistently(lambda: identity_calls.read_identity(client, name)))
        )
    except DutyError as error:
        if error.code == "NotFoundException":
            return None
        raise


def page(session: Session, following: str) -> Json:
    """Return one page of SES ListEmailIdentities, 1,000 names: ``identities``, and ``following`` for the next one."""
    return reading("ListEmailIdentities", lambda: identity_calls.page(session.client("sesv2"), following))


def batch(session: Session, names: list[str]) -> dict[str, Json]:
    """Return the attributes by name of at most 100 identities, by GetIdentityDkimAttributes of SES API v1."""
    return reading("GetIdentityDkimAttributes", lambda: identity_calls.attributes(session.client("ses"), names))


def hundred(session: Session, names: list[str]) -> Json:
    """Return the same for one who reads for a campaign: ``told`` by name, and the ``call``."""
    with session.clients.going_first(), session.clients.log.noted() as calls:
        found = batch(session, names)
        return {"told": found, "call": {name: value for name, value in calls[-1].items() if name != "raw"}}


def put(
    session: Session,
    name: str,
    selector: str,
    sha256: str,
    current: str = "",
    until: float = math.inf,
    look: float = math.inf,
) -> Json:
    """Make the one write: SES gets the key of ``selector``, if it is still the one with fingerprint ``sha256``.

    One attempt; another one only where SES refused it as one call too many and still shows the selector ``current``
    ("" for none): one that somebody has set meanwhile stays. The same holds for a call that has not left by ``look``,
    because it waited for its turn or the machine slept. Where SES shows ``selector`` after a refusal, it has taken the
    call all the same: nothing is written again, and what stands is read back. Where SES has the selector already, no
    reading tells the two apart, and there is one attempt.
    Answers ``{"answer": ...}`` or ``{"error": ...}``; ``unclear`` there means that the write may have been applied.
    SES's own text of a validation error may quote what it was given, so none of it is passed on.
    ``until``: a call that is still here then, since it waited for its turn or the machine slept, is not sent. By then
    another operator may have written. Both are seconds since 1970, by this machine's clock.
    """
    held = session.held.get(selector)
    key = held.private_key if held else None
    if key is None or key.sha256 != sha256:
        raise DutyError("put", "NoSuchKey")
    client = session.writer("sesv2")

    def send(by: float) -> Json:
        with session.clients.sent_by(by):
            return identity_calls.put_signing_attributes(client, name, selector, key.ses_value)

    def send_on_a_look() -> Json:
        try:
            return send(min(until, look))
        except TooLate:
            if time.time() > until:
                raise
        with session.clients.going_first():
            _confirm(session, name, current)
            return send(until)

    def send_patiently() -> Json:
        return patiently(send_on_a_look, lambda: _confirm(session, name, current, selector))

    sending = send_on_a_look if current == selector else send_patiently
    return once(sending, identity_calls.taken)


def _confirm(session: Session, name: str, current: str, taken: str = "") -> bool:
    """Read SES again: return whether it shows the selector ``taken``. "" for ``current``: none was set.

    Raises:
        DutyError: it shows neither that selector nor ``current``: somebody has set another one.
    """
    shown = identity(session, name)
    selectors = list(shown["selectors"]) if shown else None
    if selectors == [taken]:
        return True
    own = shown is not None and (not current or shown["signing_origin"] == EXTERNAL)
    if selectors not in ([], [current]) or not own:
        raise DutyError("put", CHANGED_MEANWHILE)
    return False
