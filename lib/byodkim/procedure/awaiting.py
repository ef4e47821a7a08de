"""Waiting until DNS serves the key record: authoritative servers are polled; a resolver would remember "none"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Verdict
from byodkim.procedure import resolving
from byodkim.procedure.polling import Polling
from byodkim.procedure.run import Run
from byodkim.rotation.checks import CHECKS, Case, Expected
from byodkim.rotation.resolution import BLOCKED
from byodkim.rotation.timing import activation, condensed, remembered, sighting

FIRST_S, LONGEST_S = 1.0, 60.0  # pauses between polls, doubled each time
_LOOK_S = 1.0  # what a look takes: the wait that is advised has to be enough with it
_TIME = "TIME-ACTIVATE"
_LAGS = (Verdict.STALE, Verdict.ABSENT)


@dataclass(frozen=True)
class Standing:
    """How the key record stands at the servers, and by when that is expected to be enough (``None``: not known).

    ``short_s``: seconds until it can be enough at the earliest, by the arithmetic of TIME-ACTIVATE.
    """

    words: tuple[str, ...]
    good: int
    by: datetime | None
    ready: bool
    short_s: float


def due(run: Run) -> bool:
    """Whether waiting for DNS is all that this run needs: a run that is refused for other reasons does not wait."""
    if not run.intent.wait_dns_minutes or run.seen is None or run.seen.next_key.key is None:
        return False
    if run.seen.dns.path == BLOCKED or not run.seen.records:
        return False
    case = Case(run.seen, Expected(run.intent.account, run.intent.expected_region, run.intent.applies))
    stopping = [finding.id for finding in CHECKS.evaluate(case, run.intent.waivers) if finding.stops]
    return bool(stopping) and all(name.startswith("DNS-") or name == _TIME for name in stopping)


def wait(run: Run, progress: Callable[[], None]) -> None:
    """Polls until every server serves the key and caches have forgotten what stood before, or the time is over.

    It ends at once where the time that is left cannot be enough, and says how many minutes are needed at least.
    ``progress`` is called after each poll. What changed is written down; the run then looks at everything again.
    """
    told, first_seen = None, None
    for poll in Polling(run.intent.wait_dns_minutes * 60, FIRST_S, LONGEST_S):
        records = resolving.look_again(run, run.intent.selector)
        first_seen, standing = _standing(run, records, first_seen)
        if (standing.words, standing.by) != told:
            told = (standing.words, standing.by)
            run.write(
                "polled",
                servers=[str(record.server) for record in records],
                verdicts=list(standing.words),
                good=standing.good,
                by=standing.by.isoformat(timespec="seconds") if standing.by else "",
            )
        needed = int((standing.short_s + _LOOK_S) // 60) + 1 if standing.short_s > max(poll.left, 0) else 0
        ended = standing.ready or poll.left <= 0 or needed
        if ended:
            run.write("polling-ended", seconds=poll.passed, ran_out=not standing.ready, needed=needed)
        progress()
        if ended:
            return


def _standing(run: Run, records: Sequence[Answer], first_seen: datetime | None) -> tuple[datetime | None, Standing]:
    """Return how things stand now; and since when any server has had the key."""
    assert run.seen is not None  # noqa: S101 - due() saw it
    now = run.clock()
    seen = replace(run.seen, at=now.isoformat(timespec="milliseconds"), records=tuple(records))
    present = sighting(seen)
    run.history = condensed([*run.history, *run.seen.dns.history, *remembered(run.seen), *remembered(seen)])
    key = run.seen.next_key.key
    judged = judge_together(records, (key.sha256 if key else "") or "-", run.seen.dns.followed)
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
