"""Publishing a key record where the team writes DNS itself: planned, written once, proved at every server.

What is read and done goes to the run's journal: ``zone-read``, ``zone-planned``, ``zone-intent`` (on the disk before
the write), ``zone-answer``, ``zone-resolved`` (read back where the answer was no good one), ``zone-settled``,
``zone-polled``, ``zone-proved``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from second_edition.custody.client import Refused
from second_edition.display import words
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Answer, Verdict
from second_edition.dns.publisher import MOVED
from second_edition.engine import resolving, write_ahead
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.engine.wait_line import WaitLine
from second_edition.engine.write_ahead import Failure, Landed
from second_edition.errors import AccessError
from second_edition.events.zone import ZoneAnswer, ZonePlanned, ZonePolled, ZoneProved, ZoneRead, ZoneSettled
from second_edition.evidence.journal import digest
from second_edition.intent import profile
from second_edition.intent.profile import Way
from second_edition.messages import say
from second_edition.plain import from_plain, plain
from second_edition.rotation import publication as publications
from second_edition.rotation.checks.case import remedy
from second_edition.rotation.observation import Unread
from second_edition.rotation.publication import NotPlanned
from second_edition.rotation.record_set import Aim, Change, Publication, RecordSet, Standing, Wanted

LONGEST_TO_SETTLE_S: Final = (
    300.0  # Route 53 usually needs no more than 60 s (Developer Guide, "How changes propagate")
)
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
POLL_S: Final = (1.0, 15.0)  # the first pause, doubled up to the longest

Progress = Callable[[], None]


def way_of(run: Run) -> Way:
    """Return the way into DNS of a run: by its profile, or the sandbox's own hosted zone in a rehearsal.

    Raises:
        ParameterError: the profile is gone or wrong.
    """
    if run.sandbox is not None:
        return profile.way_of_sandbox(run.sandbox.facts)
    section = profile.load(run.intent.asked.profile, Path.cwd(), run.intent.language)
    return profile.way_of(section, run.intent.language)


def read(run: Run, way: Way, name: str) -> Standing:
    """Return what stands at the key record's name: in the zone itself where it may be written, else at its servers.

    Raises:
        NotPlanned: it could not be read, or the servers do not agree.
    """
    if not way.writes:
        standing = _look_up(run, name)
    else:
        try:
            standing = from_plain(Standing, run.custodian.ask("zone_read", way=way.plain(), name=name).result())
        except Refused as refused:
            code, why = f"{refused.operation} {refused.code}", publications.why(refused.code, refused.message)
            todo = remedy(Unread("zone", refused.operation, refused.code, refused.message))
            raise NotPlanned("unread", todo, name=name, code=code, why=why) from None
        finally:
            run.gate.rely_on(run.custodian)  # a TSIG key may be in hand now
    run.write(ZoneRead, way=way.plain(), standing=standing)
    return standing


def propose(run: Run, way: Way, wanted: Wanted, replacing: str = "") -> Publication:
    """Plan the exact change that makes the name stand as wanted; nothing is written to DNS.

    Args:
        run: whose journal it goes to.
        way: into DNS.
        wanted: what is to stand there.
        replacing: the value of the one record that may be replaced although it is another's.

    Raises:
        NotPlanned: what stands there could not be read, or is not touched.
    """
    made = publications.make(read(run, way, wanted.name), wanted, digest, replacing)
    run.write(ZonePlanned, plan=made)
    return made


def plan(run: Run, way: Way, wanted: Wanted, replacing: str = "") -> Publication:
    """Plan as ``propose`` does, or end the run.

    Raises:
        AccessError: what stands there could not be read.
        RunRefused: something stands there that is not touched.
    """
    try:
        return propose(run, way, wanted, replacing)
    except NotPlanned as refused:
        kind, speak = AccessError if refused.reason == "unread" else RunRefused, words.of(run.record.begin)
        means = say("zone", "unwritten", speak.language)
        raise kind(speak.phrase(refused.observed), means, speak.phrase(refused.todo)) from None


def publish(run: Run, way: Way, made: Publication) -> Iterator[write_ahead.Write]:
    """Yield the write of a plan that was just made, if it has one, and wait until the zone's keeper has taken it up.

    Args:
        run: whose journal it goes to.
        way: into DNS, one that writes.
        made: the plan. The zone's keeper makes the change only where what was read for it still stands.
    """
    if made.change is not None:
        yield _write(run, way, made.change, made.digest)
        came = run.record.of(ZoneAnswer)
        _settle(run, way, came.answer.receipt if came and came.answer else "")


def prove(run: Run, wanted: Wanted, wait_s: float = 0.0, progress: Progress = lambda: None) -> bool:
    """Return whether every authoritative server serves the name as wanted; ask until all do, or the time is over.

    Args:
        run: whose journal it goes to.
        wanted: what is to be served.
        wait_s: how long to go on asking, in seconds; 0 for once.
        progress: called where servers answer otherwise than before, and are asked once more.
    """
    last, polling = None, Polling(wait_s, *POLL_S)
    with WaitLine(run, "wait.dns" if wanted.aim is Aim.PUBLISH else "wait.withdrawn", polling) as line:
        for poll in polling:
            answers = _answers(run, wanted.name)
            verdicts = [one.verdict for one in judge_together(answers, wanted.sha256)]
            counted = [verdict for verdict in verdicts if verdict is not Verdict.NO_IPV6]
            good = sum(verdict is publications.AS_WANTED[wanted.aim] for verdict in counted)
            proved = good == len(counted) > 0
            changed, last = verdicts != last, verdicts
            if changed:
                run.write(ZonePolled, good=good, counted=len(counted), wait_s=wait_s)
            line.show(f"{good} / {len(counted)}", over=proved or poll.left <= 0)
            if proved or poll.left <= 0:
                break
            if changed:
                progress()
    wish = {"sha256": wanted.sha256, "aim": wanted.aim.value}
    found = {"proved": proved, "good": good, "counted": len(counted), "answers": answers}
    run.write(ZoneProved, seconds=polling.passed, **wish, **found)
    return proved


def _answers(run: Run, name: str) -> Sequence[Answer]:
    try:
        return resolving.look_again(run, _selector_of(name))
    except AccessError:  # the servers cannot be found now: nothing is proved by that
        return ()


def _look_up(run: Run, name: str) -> Standing:
    """Return what every authoritative server says stands there, where the zone itself is in other hands."""
    answers = [one for one in resolving.look_again(run, _selector_of(name)) if one.authoritative and not one.failure]
    found = {(tuple(sorted(one.records)), one.ttl if one.records else None, one.cname) for one in answers}
    if not found:
        raise NotPlanned("unread", name=name, code="no-answer", why="")
    if len(found) > 1:
        raise NotPlanned("differ", name=name)
    records, ttl, cname = found.pop()
    published = RecordSet(ttl or 0, records) if records and not cname else None
    zone, serial = run.intent.domain, max((one.serial for one in answers if one.serial is not None), default=None)
    return Standing(name, zone, published, f"CNAME {cname[-1]}" if cname else "", serial)


def _write(run: Run, way: Way, change: Change, plan_digest: str) -> write_ahead.Write:
    def failed(failure: Failure) -> RunFailed:
        keys = (
            ("moved", "unwritten", "moved.todo") if failure.code in MOVED
            else ("not-known", "not-known.means", "again") if failure.landed.applied is None and failure.unclear
            else ("not-applied", "unwritten", "refused.unread.todo")
        )  # fmt: skip
        speak = words.of(run.record.begin)
        why = speak.phrase(publications.why(failure.code, failure.message))
        said = run.error(RunFailed, "zone", *keys, name=change.name, code=failure.code, why=why)
        todo = remedy(Unread("zone", "Route 53", failure.code, failure.message)) if keys[0] == "not-applied" else None
        return RunFailed(said.what, said.means, speak.phrase(todo)) if todo else said

    arguments = {"way": way.plain(), "change": plain(change)}
    return write_ahead.Write(
        events=write_ahead.ZONE,
        intent={**arguments, "digest": plan_digest},
        operation="zone_write",
        arguments=arguments,
        read_back=lambda: _read_back(run, way, change),
        failed=failed,
    )


def _read_back(run: Run, way: Way, change: Change) -> Landed:
    try:
        return Landed(publications.resolved(read(run, way, change.name), change))
    except NotPlanned as unread:
        return Landed(None, unread.reason)


def _settle(run: Run, way: Way, receipt: str) -> None:
    """Wait until the zone's servers have taken the change up; who is not asked after the time proves it by answers."""
    if not receipt:
        return
    settled, polling = False, Polling(LONGEST_TO_SETTLE_S, *POLL_S)
    with WaitLine(run, "wait.route53", polling):
        for _ in polling:
            try:
                settled = bool(run.custodian.ask("zone_settled", way=way.plain(), receipt=receipt).result())
            except Refused as refused:
                if refused.code in DENIED:
                    break  # it is not told by waiting
            if settled:
                break
    run.write(ZoneSettled, settled=settled, seconds=polling.passed)


def _selector_of(name: str) -> str:
    return name.partition("._domainkey.")[0]
