"""Publishing a key record where the team writes DNS itself: planned, written once, proved at every server.

A step of a notebook calls these with its run, or ``byodkim publish`` with a run of its own. What is read and done goes
to the run's journal: ``zone-read``, ``zone-planned``, ``zone-intent`` (on the disk before the write), ``zone-answer``,
``zone-resolved`` (read back where the answer was no good one), ``zone-settled``, ``zone-polled``, ``zone-proved``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from byodkim.custody.client import Refused
from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Verdict
from byodkim.dns.publisher import MOVED
from byodkim.dns.request_sheet import Request
from byodkim.errors import AccessError, ByodkimError
from byodkim.evidence.journal import digest
from byodkim.intent import profile
from byodkim.intent import publishing as ways
from byodkim.intent.publishing import Way
from byodkim.messages import say
from byodkim.messages.publication import TEXTS
from byodkim.plain import from_plain, plain
from byodkim.procedure import resolving
from byodkim.procedure.run import Run, RunFailed, RunRefused
from byodkim.rotation import publication as publications
from byodkim.rotation.publication import Aim, Change, NotPlanned, Publication, RecordSet, Standing, Wanted
from byodkim.rotation.timing import pauses

READ_BACK_PAUSES_S: Final = (0.0, 1.0, 3.0)
LONGEST_TO_SETTLE_S: Final = (
    300.0  # Route 53 usually needs no more than 60 s (Developer Guide, "How changes propagate")
)
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
POLL_S: Final = (1.0, 15.0)  # the first pause, doubled up to the longest
_PROVES: Final = {Aim.PUBLISH: Verdict.THE_KEY, Aim.REVOKE: Verdict.REVOKED, Aim.REMOVE: Verdict.ABSENT}

Progress = Callable[[], None]


def way_of(run: Run) -> Way:
    """The way into DNS of a run: by its profile, or the sandbox's own hosted zone in a rehearsal.

    Raises:
        ParameterError: the profile is gone or wrong.
    """
    if run.sandbox is not None:
        return ways.of_sandbox(run.sandbox.facts)
    section, _ = profile.load(run.intent.profile, Path.cwd(), run.intent.language)
    return ways.of(section, run.intent.language)


def wanted_of(request: Request) -> Wanted:
    """Return what a DNS request asks for."""
    return publications.publishing(request.name, request.value, request.ttl, request.public_key.sha256)


def read(run: Run, way: Way, name: str) -> Standing:
    """Return what stands at the key record's name: in the zone itself where it may be written, else at its servers.

    Raises:
        AccessError: it could not be read.
        RunRefused: the servers do not agree.
    """
    if not way.writes:
        standing = _looked_up(run, name)
    else:
        try:
            standing = from_plain(Standing, run.custodian.ask("zone_read", way=way.plain(), name=name).result())
        except Refused as refused:
            raise _unread(run, name, refused) from None
        finally:
            run.gate.rely_on(run.custodian)  # a TSIG key may be in hand now
    run.write("zone-read", way=way.plain(), standing=plain(standing))
    return standing


def plan(run: Run, way: Way, wanted: Wanted, replacing: str = "") -> Publication:
    """The exact change that makes the name stand as wanted; nothing is written to DNS.

    Args:
        run: whose journal it goes to.
        way: into DNS.
        wanted: what is to stand there.
        replacing: the value of the one record that may be replaced although it is another's.

    Raises:
        AccessError: what stands there could not be read.
        RunRefused: something stands there that is not touched.
    """
    standing = read(run, way, wanted.name)
    try:
        made = publications.make(standing, wanted, digest, replacing)
    except NotPlanned as refused:
        raise _refused(run, refused.reason, wanted.name, **refused.values) from None
    run.write("zone-planned", plan=plain(made))
    return made


def publish(run: Run, way: Way, shown: Publication, progress: Progress = lambda: None) -> bool:
    """Carries out a plan, if it would still be the same one, and waits until the zone's keeper has taken it up.

    Args:
        run: whose journal it goes to.
        way: into DNS, one that writes.
        shown: the plan.
        progress: called while it waits.

    Returns:
        Whether anything was written.

    Raises:
        RunRefused: what stands there has changed.
        RunFailed: it was not written, or it cannot be told whether it was.
    """
    made = plan(run, way, shown.wanted, shown.replacing)
    if made.digest != shown.digest:
        raise _refused(run, "drift", shown.wanted.name)
    if made.change is None:
        return False
    run.write("zone-intent", way=way.plain(), change=plain(made.change), digest=made.digest)
    came = _written(run, way, made.change)
    run.write("zone-answer", **came)
    if came["error"]:
        _read_back(run, way, made.change, came)
    _settle(run, way, came["receipt"], progress)
    return True


def prove(run: Run, wanted: Wanted, wait_s: float = 0.0, progress: Progress = lambda: None) -> bool:
    """Whether every authoritative server serves the name as wanted: asked again until all do, or the time is over.

    Args:
        run: whose journal it goes to.
        wanted: what is to be served.
        wait_s: how long to go on asking, in seconds; 0 for once.
        progress: called after each poll.
    """
    started, told = time.monotonic(), None
    for pause in pauses(*POLL_S):
        answers = _asked(run, wanted.name)
        verdicts = [one.verdict for one in judge_together(answers, wanted.sha256)]
        counted = [verdict for verdict in verdicts if verdict is not Verdict.NO_IPV6]
        good = sum(verdict is _PROVES[wanted.aim] for verdict in counted)
        left = wait_s - (time.monotonic() - started)
        proved = good == len(counted) > 0
        if verdicts != told:
            told = verdicts
            run.write("zone-polled", good=good, counted=len(counted), wait_s=wait_s)
        if proved or left <= 0:
            run.write(
                "zone-proved",
                proved=proved,
                good=good,
                counted=len(counted),
                seconds=round(time.monotonic() - started, 3),
                sha256=wanted.sha256,
                aim=wanted.aim.value,
                answers=plain(answers),
            )
            progress()
            return proved
        progress()
        time.sleep(min(pause, left))
    raise AssertionError("pauses never end")


def _asked(run: Run, name: str) -> Sequence[Answer]:
    try:
        return resolving.look_again(run, _selector_of(name))
    except AccessError:  # the servers cannot be found now: nothing is proved by that
        return ()


def _looked_up(run: Run, name: str) -> Standing:
    """Return what every authoritative server says stands there, where the zone itself is in other hands."""
    answers = [one for one in resolving.look_again(run, _selector_of(name)) if one.authoritative and not one.failure]
    found = {(tuple(sorted(one.records)), one.ttl if one.records else None, one.cname) for one in answers}
    if not found:
        raise AccessError(*_sentences(run, ("unread", "unwritten", "unread.todo"), name=name, code="no-answer", why=""))
    if len(found) > 1:
        raise _refused(run, "differ", name)
    records, ttl, cname = found.pop()
    told = RecordSet(ttl or 0, records) if records and not cname else None
    zone, serial = run.intent.domain, max((one.serial for one in answers if one.serial is not None), default=None)
    return Standing(name, zone, told, f"CNAME {cname[-1]}" if cname else "", serial)


def _written(run: Run, way: Way, change: Change) -> dict[str, Any]:
    """Return what came of the one attempt, as plain ``Written``."""
    blank = {"error": "", "message": "", "unclear": False, "receipt": "", "request_id": ""}
    try:
        return blank | dict(run.custodian.ask("zone_write", way=way.plain(), change=plain(change)).result())
    except Refused as refused:
        return blank | {"error": refused.code, "message": refused.message}
    except ByodkimError:
        # The custodian died with the write under way: nothing is known until the zone is read again.
        run.write_fixed("zone-answer", **blank | {"error": "CustodianDied", "unclear": True})
        raise


def _read_back(run: Run, way: Way, change: Change, came: dict[str, Any]) -> None:
    """Finds out whether a write without a good answer was applied; goes on if it was.

    Raises:
        RunFailed: it was not applied, or it cannot be told.
    """
    applied: bool | None = None
    for pause in READ_BACK_PAUSES_S if came["unclear"] else READ_BACK_PAUSES_S[:1]:
        time.sleep(pause)
        try:
            applied = publications.resolved(read(run, way, change.name), change)
            break
        except ByodkimError:
            continue
    values = {"name": change.name, "code": came["error"], "why": _why(run, came["error"], came["message"])}
    if applied:
        run.write("zone-resolved", applied=True, code=came["error"])
        return
    if came["error"] in MOVED:
        raise RunFailed(*_sentences(run, ("moved", "unwritten", "moved.todo"), **values))
    if applied is None and came["unclear"]:
        raise RunFailed(*_sentences(run, ("not-known", "not-known.means", "again"), **values))
    raise RunFailed(*_sentences(run, ("not-applied", "unwritten", "unread.todo"), **values))


def _settle(run: Run, way: Way, receipt: str, progress: Progress) -> None:
    """Waits until the zone's servers have taken the change up; who is not asked after the time proves it by answers."""
    if not receipt:
        return
    started, settled = time.monotonic(), False
    for pause in pauses(*POLL_S):
        try:
            settled = bool(run.custodian.ask("zone_settled", way=way.plain(), receipt=receipt).result())
        except Refused as refused:
            if refused.code in DENIED:
                break  # it is not told by waiting
        left = LONGEST_TO_SETTLE_S - (time.monotonic() - started)
        if settled or left <= 0:
            break
        progress()
        time.sleep(min(pause, left))
    run.write("zone-settled", settled=settled, seconds=round(time.monotonic() - started, 3))
    progress()


def _selector_of(name: str) -> str:
    return name.partition("._domainkey.")[0]


def _why(run: Run, code: str, message: str) -> str:
    if f"why.{code}" in TEXTS:
        return say("publication", f"why.{code}", run.intent.language, message=message)
    return say("publication", "why.said", run.intent.language, message=message) if message else ""


def _unread(run: Run, name: str, refused: Refused) -> AccessError:
    why = _why(run, refused.code, refused.message)
    code = f"{refused.operation} {refused.code}"
    return AccessError(*_sentences(run, ("unread", "unwritten", "unread.todo"), name=name, code=code, why=why))


def _refused(run: Run, reason: str, name: str, **values: str) -> RunRefused:
    key = reason if reason == "drift" else f"refused.{reason}"
    return RunRefused(*_sentences(run, (key, "unwritten", f"{key}.todo"), name=name, **values))


def _sentences(run: Run, keys: tuple[str, str, str], **values: str) -> tuple[str, str, str]:
    what, means, todo = (say("publication", key, run.intent.language, **values) for key in keys)
    return what, means, todo
