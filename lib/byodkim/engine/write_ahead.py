"""One write: its intent is on the disk before it is sent, it is sent once, and an unclear answer is
read back.
"""

import time
from datetime import timedelta
from typing import Final, Literal

from byodkim.checks.world import Identity
from byodkim.custody.settings import GetIdentity, PutAnswer, PutSigningKey
from byodkim.engine.run import Run
from byodkim.record.events import ReadBack, WriteAnswered, WriteIntended
from byodkim.record.record import state_of
from byodkim.words import _

OPERATION: Final = "PutEmailIdentityDkimSigningAttributes"
Landing = Literal["landed", "not-landed", "not-known-yet"]
#: Seconds between two readings while an unclear write may still arrive.
READ_S: Final = 2.0
#: What SES answers above its pace, and the pauses before a row of a campaign is sent again.
TOO_FAST: Final = ("TooManyRequestsException", "ThrottlingException", "Throttling")
PAUSES_S: Final = (2.0, 4.0, 8.0)


def set_signing_key(run: Run, before: Identity) -> Landing:
    """Set the requested selector with its proved key in SES.

    SES refuses what comes too fast, and has not changed anything then. A row of a campaign, which
    shares SES's pace with many others, is sent again after a while, with an intent of its own, if
    SES still shows the identity as before.

    Args:
        run: the run, whose plan holds the write.
        before: the identity as SES showed it directly before.

    Returns:
        ``landed``: SES accepted it, or shows it. ``not-landed``: SES rejected it, or does not show
            it after the time
        for which it could still arrive. ``not-known-yet``: SES could not be read.

    Raises:
        RecordError: the intent could not be kept; nothing was sent.
    """
    answer = _send(run, before)
    for pause in PAUSES_S if run.campaign else ():
        if answer.result != "rejected" or answer.code not in TOO_FAST:
            break
        time.sleep(pause)
        now = run.custodian.ask(GetIdentity(run.wanted.domain)).result()
        if not isinstance(now, Identity) or state_of(now) != state_of(before):
            break
        answer = _send(run, now)
    if answer.result == "accepted":
        return "landed"
    if answer.result == "rejected":
        return "not-landed"
    return _read_back(run, before)


def _send(run: Run, before: Identity) -> PutAnswer:
    """Note the intent, send it once, and note the answer."""
    side = run.seen.requested
    run.write(
        WriteIntended(
            operation=OPERATION,
            target=run.wanted.domain,
            before=before.selector,
            after=side.selector,
            key_sha256=side.key_sha256,
            seen=before,
        )
    )
    answer = run.custodian.ask(
        PutSigningKey(run.wanted.domain, side.selector, side.key_sha256)
    ).result()
    run.write(answered(OPERATION, answer))
    return answer


def answered(operation: str, answer: PutAnswer) -> WriteAnswered:
    """Return the event of a write's answer."""
    return WriteAnswered(
        operation=operation,
        result=answer.result,
        code=answer.code,
        answer=answer.answer,
        request_id=answer.request_id,
    )


def _read_back(run: Run, before: Identity) -> Landing:
    """Read SES until the write shows, or for as long as it may still arrive
    (``late_write_seconds``).
    """
    ends = run.now() + timedelta(seconds=run.settings.number("late_write_seconds"))
    run.kernel.say(str(_("The answer to the write is unclear. Reading SES until {until} UTC.",
                         until=f"{ends:%H:%M:%S}")))  # fmt: skip
    while True:
        identity = run.custodian.ask(GetIdentity(run.wanted.domain)).result()
        shown = identity if isinstance(identity, Identity) else None
        if shown and shown.selector == run.selector and state_of(shown) != state_of(before):
            return _noted(run, "landed", shown)
        if run.now() >= ends:
            return _noted(run, "not-landed" if shown else "not-known-yet", shown)
        time.sleep(READ_S)


def _noted(run: Run, result: Landing, identity: Identity | None) -> Landing:
    run.write(ReadBack(operation=OPERATION, result=result, identity=identity))
    return result
