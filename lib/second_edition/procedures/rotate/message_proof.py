"""A switch proved by a message: sent through SES by the custodian and found in an inbox, or received already.

What arrives is verified with the key records that the authoritative servers give then. Of a message its SHA-256 is
written down, the tags of its signatures and what each server's record made of them; never its text.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from second_edition.custody.client import Refused
from second_edition.display.failure import unproved
from second_edition.display.words import Words
from second_edition.dkim.published import Answer
from second_edition.engine import resolving
from second_edition.engine.polling import Polling
from second_edition.engine.run import ProofFailed, ProofMissing, Run
from second_edition.errors import AccessError
from second_edition.events.run import Unread
from second_edition.events.writes import Received, Rollback, Sent, Weighed
from second_edition.evidence import by_message
from second_edition.evidence.by_message import PROOF, Proved
from second_edition.evidence.received import judge_message
from second_edition.intent.proving import Proving
from second_edition.rotation.checks.case import unanswered
from second_edition.rotation.findings import Phrase, phrase
from second_edition.rotation.message import Kind
from second_edition.rotation.observation import SUCCESS

LONGEST_S = 5.0  # between two looks into the inbox
AGAIN = (1 / 24, 1 / 6)  # after which parts of the time to wait another proof is sent: 5 and 20 of 120 s
Records = Mapping[str, Sequence[Answer]]


def prepare(run: Run, proving: Proving) -> None:
    """Open the inbox and send the first of several messages, before the write.

    Raises:
        RunRefused: the inbox cannot be read or the message not be sent; or the message was received before a switch
            that is still to be made, and so proves nothing of it.
    """
    if not (run.plan and run.plan.writes):
        return
    if not proving.sends:
        raise run.refused("message", "refused.too-early", file=proving.file, selector=run.intent.selector)
    if not run.intent.applies:
        return
    if error := _open(run, proving):
        raise run.refused("message", "refused.inbox", place=f"s3://{proving.bucket}/{proving.prefix}", **error)
    if proving.messages > 1 and (error := _send(run, proving, "before")):
        raise run.refused("message", "refused.unsent", sender=proving.sender, **error)


def during(run: Run, proving: Proving, progress: Callable[[], None]) -> Callable[[], None]:
    """Return ``progress``, extended to send a message where one is due: after the write, at doubling intervals.

    The number of messages is the profile's; one of them is kept for the end.
    """
    if not proving.sends or proving.messages <= 2 or run.record.switch is None:
        return progress
    started, next_at = time.monotonic(), 0.0

    def sending() -> None:
        nonlocal next_at
        progress()
        passed = time.monotonic() - started
        few = len(run.record.all_of(Sent)) < proving.messages - 1
        if few and passed >= next_at and run.record.of(Rollback) is None:
            next_at = passed * 2
            _send(run, proving, "after")
            progress()

    return sending


def prove(run: Run, proving: Proving, progress: Callable[[], None]) -> None:
    """Prove the switch by the message that is to prove it, and write down what that came to.

    ``progress`` is called after each step. A plan run sends nothing; a run that went back has nothing to prove.
    """
    if run.record.of(Rollback) or (proving.sends and not run.intent.applies):
        return
    started, lookup = time.monotonic(), run.pool.submit(_look, run)
    lacking = None
    if proving.sends:
        lacking = _send_and_wait(run, proving, lookup, progress)
    else:
        message = judge_message(proving.data, run.intent.domain, lookup.result())
        run.write(Received, token="", file=proving.file, place="", message=message)
    weighed = by_message.weigh(run.record, by_message.proof(run.record), lacking)
    records = [answer for answers in lookup.result().values() for answer in answers]
    run.write(Weighed, findings=weighed, waited_s=round(time.monotonic() - started, 3), records=records)
    progress()


def failed(run: Run) -> ProofFailed | None:
    """Return the error of a run whose message shows that mail is not signed as it should be."""
    return ProofFailed(*_unproved(run)) if by_message.proved(run.record) is Proved.FAILED else None


def missing(run: Run) -> ProofMissing | None:
    """Return the error of a run whose message is not there, or could not be looked at."""
    return ProofMissing(*_unproved(run)) if by_message.proved(run.record) is Proved.OPEN else None


def _unproved(run: Run) -> tuple[str, str, str]:
    return unproved(run.record, Words(run.intent.language, run.intent.zone)) or ("", "", "")


def _open(run: Run, proving: Proving) -> dict[str, str] | None:
    """Open the inbox; return what stood in the way, if anything did."""
    try:
        run.custodian.ask("inbox", bucket=proving.bucket, prefix=proving.prefix).result()
    except Refused as refused:
        return {"operation": refused.operation, "code": refused.code}
    return None


def _send(run: Run, proving: Proving, when: str) -> dict[str, str] | None:
    """Send a message; return what stood in the way, if anything did."""
    token, who = secrets.token_hex(16), {"sender": proving.sender, "recipient": proving.recipient}
    try:
        answer = run.custodian.ask("post", **who, token=token).result()
    except Refused as refused:
        answer = {"error": {"operation": refused.operation, "code": refused.code}}
    run.write(Sent, token=token, when=when, **answer)
    error: dict[str, str] | None = answer.get("error")
    return error


def _look(run: Run) -> Records:
    """Return the key records of both selectors at every authoritative server; none where no server can be found."""
    found: dict[str, Sequence[Answer]] = {}
    for selector in filter(None, (run.intent.selector, run.record.left)):
        try:
            records, dns = resolving.look(run, selector)
        except AccessError:
            found[selector] = ()
            continue
        found[selector] = (*records, *dns.followed, *(dns.encrypted if dns.by_encrypted else ()))
    return found


def _send_and_wait(
    run: Run, proving: Proving, lookup: Future[Records], progress: Callable[[], None]
) -> Phrase | None:  # fmt: skip
    """Send the proof and wait for all messages; return why the proof is lacking, if it is.

    SES may be slower to sign than to say SUCCESS: before a message is held against it, another one is sent, twice.
    """
    if run.record.switch is None and (error := _open(run, proving)):  # it was opened before the write otherwise
        return unanswered(error["operation"], error["code"])
    lacking, passed_over = None, frozenset[str]()
    for part in (0.0, *AGAIN):
        time.sleep(part * proving.wait_s)
        error = _send(run, proving, PROOF)
        progress()
        _await(run, proving, lookup, progress, passed_over)
        lacking = _lacking(proving, error)
        if not _lags(run):
            break
        passed_over = frozenset(one.token for one in by_message.sent(run.record))
    return lacking


def _lacking(proving: Proving, error: Mapping[str, str] | None) -> Phrase:
    if error:
        return phrase(
            "SES did not take it: {operation} failed ({code})", operation=error["operation"], code=error["code"]
        )
    place = f"s3://{proving.bucket}/{proving.prefix}"
    return phrase("not in {place} within {seconds} s", place=place, seconds=proving.wait_s)


def _lags(run: Run) -> bool:
    """Return whether SES says SUCCESS and still signs as before, or not at all: it may do so a little later."""
    message, after = by_message.proof(run.record), run.record.after
    verified = after is not None and after.status == SUCCESS
    return verified and message is not None and by_message.kind(run.record, message) in (Kind.LEFT, Kind.UNSIGNED)


def _await(
    run: Run, proving: Proving, lookup: Future[Records], progress: Callable[[], None], passed_over: frozenset[str]
) -> None:
    """Look into the inbox until every message is there, or the time is over. A look that fails is tried again.

    ``passed_over``: tokens of messages that were waited for long enough.
    """
    tokens = {one.token for one in by_message.sent(run.record) if not one.error} - passed_over
    for _ in Polling(proving.wait_s, longest=LONGEST_S) if tokens else ():
        try:
            came = run.custodian.ask("arrived", tokens=sorted(tokens)).result()
        except Refused as refused:
            run.write(Unread, operation=refused.operation, code=refused.code)
            came = []
        for one in came:
            message = judge_message(base64.b64decode(one["message"]), run.intent.domain, lookup.result())
            place = f"s3://{proving.bucket}/{one['key']}"
            run.write(Received, token=one["token"], file="", place=place, message=message)
        tokens -= {one["token"] for one in came}
        if came:
            progress()
        if not tokens:
            return
