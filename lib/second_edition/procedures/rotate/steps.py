"""Rotate: SES is given the selector, and the run waits: for DNS to serve the key record, for SES to verify it.

Authoritative servers are polled until then: a resolver would remember "none".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.custody.client import Refused
from second_edition.display.dns import by_server, caption, matrix_picture, waiting
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Verdict
from second_edition.engine import closing, dns_request, lifecycle, observing, resolving, shared_reading, stages, twin
from second_edition.engine.lifecycle import shown
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run
from second_edition.engine.stages import Procedure
from second_edition.engine.wait_line import WaitLine
from second_edition.errors import AccessError, ByodkimError
from second_edition.events.run import Unread
from second_edition.events.writes import Polled, PollingEnded, Waited
from second_edition.procedures.rotate import message_proof, ses_writes
from second_edition.procedures.rotate.ses_writes import read
from second_edition.rotation.checks import CHECKS, Case, Expected
from second_edition.rotation.observation import SUCCESS, Identity, Observation
from second_edition.rotation.resolution import BLOCKED
from second_edition.rotation.timing import activation, condensed, remembered, sighting

DNS_FIRST_S, DNS_LONGEST_S = 1.0, 60.0  # pauses between polls, doubled each time
_LOOK_S = 1.0  # what a look takes: the wait that is advised has to be enough with it
_TIME = "TIME-ACTIVATE"
_LAGS = (Verdict.STALE, Verdict.ABSENT)


class Standing(Struct, frozen=True):
    """Hold how the key record stands at the servers, and by when that is expected to be enough (``None``: not known).

    ``short_s``: seconds until it can be enough at the earliest, by the arithmetic of TIME-ACTIVATE.
    """

    words: tuple[str, ...]
    good: int
    by: datetime | None
    ready: bool
    short_s: float


def waits_for_dns(run: Run, seen: Observation) -> bool:
    """Return whether waiting for DNS is all that this run needs; one refused for other reasons does not wait."""
    if not run.intent.wait_dns_minutes or seen.next_key.key is None or seen.dns.path == BLOCKED or not seen.records:
        return False
    case = Case(seen, Expected(run.intent.account, run.intent.expected_region, run.intent.applies))
    stopping = [finding.id for finding in CHECKS.evaluate(case, run.intent.waivers) if finding.stops]
    return bool(stopping) and all(name.startswith("DNS-") or name == _TIME for name in stopping)


def wait_for_dns(run: Run, seen: Observation, progress: Callable[[], None]) -> None:
    """Poll until every server serves the key and caches have forgotten what stood before, or the time is over.

    It ends at once where the time that is left cannot be enough, and says how many minutes are needed at least.
    ``seen``: what the run observed. ``progress`` is called after each poll. What changed is written down; the run then
    looks at everything again.
    """
    polling = Polling(run.intent.wait_dns_minutes * 60, DNS_FIRST_S, DNS_LONGEST_S, twin.skip(run))
    words, last, first_seen = Words(run.intent.language, run.intent.zone), None, None
    with WaitLine(run, "wait.dns", polling) as line:
        for _ in polling:
            records, followed = resolving.look_followed(run, run.intent.selector)
            served = replace(seen, records=records, dns=replace(seen.dns, followed=followed))
            first_seen, standing = _standing(run, seen, served, first_seen)
            servers = [str(record.server) for record in records]
            if (standing.words, standing.by) != last:
                by = standing.by.isoformat(timespec="seconds") if standing.by else ""
                run.write(Polled, servers=servers, verdicts=standing.words, good=standing.good, by=by)
            last = (standing.words, standing.by)
            needed = int((standing.short_s + _LOOK_S) // 60) + 1 if standing.short_s > max(polling.left, 0) else 0
            ended = standing.ready or polling.left <= 0 or needed > 0
            if ended:
                run.write(PollingEnded, **polling.taken, ran_out=not standing.ready, needed=needed)
            rest = by_server(servers, standing.words, words)
            if standing.by and standing.good == len(records):
                rest = words("caches may hold the earlier answer until {at}", at=words.clock(standing.by))
            line.show(f"{standing.good} / {len(records)}; {rest}", over=ended)
            progress()
            if ended:
                return


def _standing(
    run: Run, before: Observation, seen: Observation, first_seen: datetime | None
) -> tuple[datetime | None, Standing]:
    """Return how things stand now; and since when any server has had the key.

    ``before``: what the run observed; ``seen``: the same with what servers say now.
    """
    now, key = run.clock(), before.next_key.key
    seen, records = replace(seen, at=now.isoformat(timespec="milliseconds")), seen.records
    present = sighting(seen)
    run.history = condensed([*run.history, *before.dns.history, *remembered(before), *remembered(seen)])
    judged = judge_together(records, (key.sha256 if key else "") or "-", seen.dns.followed)
    verdicts = [judgement.verdict for judgement in judged]
    good = sum(verdict is Verdict.THE_KEY for verdict in verdicts)
    first_seen = first_seen or (now if good else None)
    by: datetime | None = None
    # A plan may be made before caches have forgotten; so may a write, where that is waived. A record that is not
    # everywhere yet is so from now on at the earliest.
    timed = run.intent.applies and _TIME not in run.intent.waivers
    found = activation(run.history, replace(present, everywhere=True)) if timed else None
    earliest = found.at if found else now
    if present.everywhere:
        by = earliest
    elif first_seen is not None:
        # A secondary server asks for the zone anew after its REFRESH at the latest (RFC 1035 section 3.3.13).
        lags = [record.refresh or 0 for record, verdict in zip(records, verdicts, strict=True) if verdict in _LAGS]
        by = first_seen + timedelta(seconds=max(lags)) if lags else None
    return first_seen, Standing(
        tuple(verdict.value for verdict in verdicts), good, by, present.everywhere and now >= earliest,
        (earliest - now).total_seconds(),
    )  # fmt: skip


#: Seconds between readings at first, where nothing limits them, and later; where SES does, at first this many calls'
#: time, and later up to a minute.
SES_FIRST_S: Final = 0.01
LATER_S: Final = 15.0
CALLS: Final = 3
SES_LONGEST_S: Final = 60.0


def wait_for_ses(run: Run, progress: Callable[[], None]) -> Identity:
    """Read the identity until SES has verified the selector, has given up, or the time to wait is over.

    SES is read less and less often. After a write of its own the run waits first: at SES's pace the first reading would
    come a second after the write, when SES has not looked for the key record yet, and keep a call from another run.
    ``progress`` is called after each reading. A reading that fails is tried again until the time is over. Where the
    profile says when to go back, and SES has not verified by then, the run goes back.
    """
    seconds = run.intent.wait_minutes * 60.0
    rate = run.intent.requests_per_second
    first = CALLS / rate if rate else SES_FIRST_S
    polling = Polling(seconds, first, SES_LONGEST_S if rate else LATER_S, twin.skip(run))
    if run.record.switch is not None and not run.fresh_s:
        time.sleep(min(first, seconds))
    seen, final = None, False
    with WaitLine(run, "wait.ses", polling) as line:
        for _ in polling:
            seen, shared = _read_or_note(run, polling.left)
            final = seen is not None and _final(run, seen)
            over = seen is not None and (final or ses_writes.rollback_due(run))
            line.show(seen.status if seen else "-", over=over or polling.left <= 0)
            progress()
            polling.paced = not shared  # who reads for several runs has its own pace
            if over:
                break
    run.write(Waited, **polling.taken, ran_out=not final)
    if seen is None:
        raise _unread(run)
    if ses_writes.rollback_due(run):
        ses_writes.roll_back(run, progress)
    return seen


def _unread(run: Run) -> AccessError:
    """Return what is said where SES could not be read to the end."""
    last = run.record.of(Unread)
    means = "unread.written" if run.record.switch is not None else "untouched"
    values = {"code": last.code if last else "-", "minutes": run.intent.wait_minutes, "selector": run.intent.selector}
    return run.error(AccessError, "steps", "unread", means, **values)


def _final(run: Run, seen: Identity) -> bool:
    """Return whether a longer wait could change nothing. SES may briefly still show what stood before the write."""
    if seen.selectors and seen.selector != run.intent.selector:
        return False
    return seen.status == SUCCESS or run.record.given_up


def _read_or_note(run: Run, left: float) -> tuple[Identity | None, bool]:
    """Return what SES shows, and whether it was read together with other runs' identities."""
    try:
        if run.fresh_s:
            return shared_reading.read(run, left)
        return read(run), False
    except Refused as refused:  # throttled, or the network is away for a moment: said, and tried again
        run.write(Unread, operation=refused.operation, code=refused.code)
        return None, False


def _observe(run: Run) -> Shown:
    """Observe the world; after a wait for DNS, observe all of it anew."""
    seen: Observation = lifecycle.observed(run)
    if waits_for_dns(run, seen):
        wait_for_dns(run, seen, lifecycle.progress(run, waiting))
        seen = stages.observe(run)
    output = shown(run)
    legend = caption(seen, run.intent.language)
    if (picture := matrix_picture(seen, legend)) is not None:
        lifecycle.show_picture(run, picture, legend, output)
    return output


def _check(run: Run) -> Shown:
    """Make every check. Where the run is refused, the table is shown before the error is raised."""
    findings = stages.check(run)
    if any(finding.stops for finding in findings):
        # What the DNS team needs is needed most where DNS is what is missing, and no later cell will run.
        dns_request.hand_over(run)
        lifecycle.show(run, Shown((*shown(run).blocks, *shown(run, "hand_over").blocks)))
        stages.refuse_if_unsafe(run, findings)
    return shown(run)


def _apply(run: Run) -> Shown | None:
    """Make the write, in apply mode and where there is one to make."""
    if run.proving is not None:
        message_proof.prepare(run, run.proving)
    output = lifecycle.apply(run)
    run.custodian.ask("forget")
    return output


def _verify(run: Run) -> Shown | None:
    """Show what SES shows, again in the same place until it is final; then what a message proves, if one is to."""
    proving = run.proving
    if not run.intent.applies and proving is None:
        return shown(run)
    progress = lifecycle.progress(run)
    if run.intent.applies:
        wait_for_ses(run, message_proof.during(run, proving, progress) if proving else progress)
    if proving is not None:
        message_proof.prove(run, proving, progress)
        progress()
    return None


def _hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    dns_request.hand_over(run)
    return shown(run)


def _error(run: Run) -> ByodkimError | None:
    """Return with what a run ends whose steps all came to their ends."""
    switch = ses_writes.rolled_back(run) or closing.overruled(run) or message_proof.failed(run)
    return switch or closing.ran_out(run) or message_proof.missing(run) or closing.still_open(run)


PROCEDURE: Final = Procedure(
    name="rotate",
    steps={
        "observe": _observe,
        "prove": shown,
        "check": _check,
        "plan": lifecycle.plan,
        "apply": _apply,
        "verify": _verify,
        "compare": shown,
        "hand_over": _hand_over,
    },
    gather=observing.gather,
    outcome=closing.outcome_of,
    last_word=closing.failed,
    error=_error,
    work=ses_writes.WORK,
)
