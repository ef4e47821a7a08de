"""Fleet: switch many identities by a table, in waves.

Each row passes rotate's own checks and rotate's own apply. A plan run plans every row and gets one
digest. An apply run takes the newest signed plan of that table: it switches only what that plan
has, and each row has a journal and a seal of its own.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from byodkim.checks import plan
from byodkim.checks.check import Check, Finding, evaluate
from byodkim.checks.world import Identity, KeyObject, Observation, Side, Unread
from byodkim.dkim.record import format_key_record
from byodkim.engine.campaign import Custodians, find_plan, require_latest, row_to_plan
from byodkim.engine.observe import observe as observe_world, record_name, with_approvals
from byodkim.engine.plan import Plan, rotate_plan, waived
from byodkim.engine.request import csv_of, request_sheet, write_noted
from byodkim.engine.rows import COLUMNS, Row, read_rows
from byodkim.engine.run import Run
from byodkim.engine.stages import close, note_plan, shown_plan
from byodkim.procedures import rotate
from byodkim.procedures.waves import Switching, pause
from byodkim.record.events import Checked, PlanTaken, RowEnded, RowPlanned
from byodkim.words import Sentence, _, n_

#: The checks of each row: they can be waived for the whole campaign.
CHECKS: Final[tuple[Check, ...]] = rotate.CHECKS
#: What has to hold for the campaign itself.
OWN: Final = (plan.plan_lock, plan.plan_approved)

#: Rows that are planned at once. Most of them wait for SES's pace.
AT_ONCE: Final = 16
#: Seconds between two lines of progress.
SAY_S: Final = 5.0


def observe(run: Run) -> None:
    """Read the table. In a plan run, observe, check and plan each row; in an apply run, take the
    newest signed plan of this table.

    Raises:
        InputError: the table cannot be used, or no plan of it was signed.
    """
    rows = read_rows(run.settings)
    if not run.applies:
        _plan_rows(run, rows)
        return
    signed = find_plan(run, _table_digest(rows))
    require_latest(run, signed)
    wave = run.settings.number("wave")
    chosen = [row for row in signed.rows if row.wave and wave in (0, row.wave)]
    run.write(PlanTaken(plan=signed.name, head=signed.head, wave=wave, rows=len(chosen)))
    by_line = {row.line: row for row in rows}
    run.rows = [(by_line[planned.line], planned) for planned in chosen]
    run.plan = Plan(signed.planned.facts, tuple(signed.planned.writes))
    run.plan_name = signed.name


def check(run: Run) -> list[Finding]:
    """Evaluate the campaign's own checks: the lock, and the approvals of its plan.

    Raises:
        RunEnded: one of them stops the run. Nothing was written.
    """
    if not run.applies:
        return []
    nothing = Unread("NotRead")
    seen = Observation(
        at=run.now(), wanted=run.wanted, caller=nothing, identity=nothing, secret=nothing,
        requested=Side(""), current=Side(""), zone=nothing, lock=run.lock,
    )  # fmt: skip
    seen = with_approvals(run, seen, shown_plan(run))
    run.approvals = seen.approvals
    run.findings = evaluate(OWN, seen)
    run.write(Checked(findings=run.findings))
    stopping = next((finding for finding in run.findings if finding.stops), None)
    if stopping is not None:
        headline = _("No identity was switched: {check} did not pass. SES was not changed.",
                     check=stopping.check)  # fmt: skip
        close(run, "REFUSED", headline, stopping)
    return run.findings


def make_plan(run: Run) -> None:
    """Note the plan of the whole table, with the one digest that people approve."""
    note_plan(run, run.plan or _campaign_plan(run), run.approvals)


def apply(run: Run) -> None:
    """Switch the identities wave by wave, with a pause between. A wave begins only while fewer than
    ``max_failures`` rows failed, were refused or stay unverified.
    """
    if not run.applies:
        return
    try:
        _switch_waves(run)
    except BaseException:  # an interrupted run too says how to go back
        hand_over(run)
        raise


def _switch_waves(run: Run) -> None:
    waves = sorted({planned.wave for _row, planned in run.rows})
    with Switching(run) as switching:
        for number in waves:
            rows = [pair for pair in run.rows if pair[1].wave == number]
            if not switching.switch(rows, _("wave {number}", number=number)):
                break
            if switching.has_begun_rows and number != waves[-1]:
                pause(run)


def verify(run: Run) -> None:
    """Do nothing: each row waits for SES within its wave."""


def hand_over(run: Run) -> Path | None:
    """Write the DNS request of a plan run: one sheet for every row whose key record is missing. In
    an apply run, write the rollback table: what was switched, in the form that ``fleet`` takes.
    """
    ttl = run.settings.number("ttl")
    if run.applies:
        ended = [each for each in run.journal.events if isinstance(each, RowEnded)]
        data, what = _rollback_table([each for each in ended if _has_moved(each)]), "rollback"
    else:
        records = [
            (f"{each.facts['selector']}._domainkey.{each.facts['domain']}", each.request)
            for each in _planned_rows(run)
            if each.request
        ]
        data, what = (request_sheet(records, ttl) if records else b""), "publish"
    if not data:
        return None
    return write_noted(run, data, ttl, what)


def finish(run: Run) -> None:
    """Decide the outcome by what the rows came to, and close the record.

    Raises:
        RunEnded: a person has to look.
    """
    close(run, *(_decide_apply(run) if run.applies else _decide_plan(run)))


def _plan_rows(run: Run, rows: Sequence[Row]) -> None:
    """Plan each row, and note them in the order of the table, with the waves in which they go."""
    custodians = Custodians(run, rows)
    planned: dict[int, RowPlanned] = {}
    began, said = time.monotonic(), 0.0
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [pool.submit(_plan_row, run, row, custodians) for row in rows]
            try:
                for future in as_completed(futures):
                    each = future.result()
                    planned[each.line] = each
                    now = time.monotonic()
                    if now - said > SAY_S or len(planned) == len(rows):
                        said = now
                        rest = (now - began) / len(planned) * (len(rows) - len(planned))
                        run.kernel.show_progress(
                            _("{done} of {all} rows planned, {seconds} s to go",
                              done=len(planned), all=len(rows), seconds=round(rest))
                        )  # fmt: skip
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        custodians.close()
    waves = _waves(run)
    for row in rows:
        each = planned[row.line]
        run.write(replace(each, wave=next(waves)) if each.state == "ready" else each)


def _plan_row(run: Run, row: Row, custodians: Custodians) -> RowPlanned:
    own = row_to_plan(run, row, custodians.of(row), CHECKS)
    seen = observe_world(own, "plan")
    findings = evaluate(CHECKS, seen)
    stopping = next((finding for finding in findings if finding.stops), None)
    made = rotate_plan(seen)
    if own.sightings[-1].key_sha256 != seen.requested.key_sha256:
        run.unpublished[record_name(own, row.selector)] = (own.sightings[-1],)
    return RowPlanned(
        line=row.line,
        section=row.section,
        wave=0,
        facts=made.facts,
        digest=made.digest,
        state="stopped" if stopping else "done" if _is_done(seen, made) else "ready",
        finding=stopping,
        request=_request(seen, findings),
    )


def _is_done(seen: Observation, made: Plan) -> bool:
    """Return whether SES signs with the selector already, verified."""
    identity = seen.identity
    return (
        not made.writes
        and isinstance(identity, Identity)
        and identity.signs
        and identity.status == "SUCCESS"
    )


def _request(seen: Observation, findings: Sequence[Finding]) -> str:
    """Return the value to publish where the key pair is proved and a server lacks its record."""
    verdicts = {finding.check: finding.verdict for finding in findings}
    key = seen.requested.key
    is_missing = verdicts["KEY-PAIR"] == "PASS" and verdicts["DNS-PUBLISHED"] == "FAIL"
    return format_key_record(key.public_key) if is_missing and isinstance(key, KeyObject) else ""


def _waves(run: Run) -> Iterator[int]:
    """Yield the wave of each row in turn: ``canary`` rows are the first, then ``wave_rows``."""
    yield from [1] * run.settings.number("canary")
    number, size = 2, run.settings.number("wave_rows")
    while True:
        yield from [number] * size
        number += 1


def _planned_rows(run: Run) -> list[RowPlanned]:
    return [each for each in run.journal.events if isinstance(each, RowPlanned)]


def _table_digest(rows: Sequence[Row]) -> str:
    """Return the SHA-256 over the table's cells, however the file spells them."""
    cells = [[row.line, row.domain, row.selector, row.section, row.region] for row in rows]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _campaign_plan(run: Run) -> Plan:
    """Return the plan of the whole table. Its digest holds the plan of every row."""
    rows = _planned_rows(run)
    digests = [[each.line, each.wave, each.state, each.digest] for each in rows]
    states = Counter(each.state for each in rows)
    waves = max((each.wave for each in rows), default=0)
    facts = {
        "procedure": "fleet",
        "table": _table_digest(read_rows(run.settings)),
        "rows": str(len(rows)),
        "to switch": str(states["ready"]),
        "stopped": str(states["stopped"]),
        "waves": str(waves),
        "plans of the rows": hashlib.sha256(json.dumps(digests).encode()).hexdigest(),
        "waived": waived(run.wanted),
    }
    write = n_("SES: set a new selector for {count} identity",
               "SES: set a new selector for {count} identities, in {waves} waves",
               states["ready"], waves=waves)  # fmt: skip
    return Plan(facts, (write,) if states["ready"] else ())


def _has_moved(row: RowEnded) -> bool:
    """Return whether SES has or may have the new selector by this run or one that it completes."""
    is_there = row.outcome in ("SWITCHED", "SWITCHED-PENDING")
    return row.previous not in ("", row.selector) and (row.wrote or is_there)


def _rollback_table(rows: Sequence[RowEnded]) -> bytes:
    """Return the switched identities with the selector that each had before, as CSV."""
    if not rows:
        return b""
    cells = [(each.domain, each.previous, each.section, each.region) for each in rows]
    return csv_of([COLUMNS, *cells])


def _decide_plan(run: Run) -> tuple[str, Sentence]:
    states = Counter(each.state for each in _planned_rows(run))
    headline = _(
        "{ready} of {all} identities can be switched, {stopped} are stopped by a check, {done} "
        "have the selector already. Nothing was written.",
        ready=states["ready"], all=states.total(), stopped=states["stopped"], done=states["done"],
    )  # fmt: skip
    if states["ready"]:
        return "PLANNED", headline
    return ("REFUSED" if states["stopped"] else "UNCHANGED"), headline


def _decide_apply(run: Run) -> tuple[str, Sentence]:
    ended = [each for each in run.journal.events if isinstance(each, RowEnded)]
    count = Counter(each.outcome for each in ended)
    signing, missing = count["SWITCHED"] + count["UNCHANGED"], len(run.rows) - len(ended)
    headline = _(
        "{signing} of {all} identities were seen to sign with their new selector; {pending} wait "
        "for SES, {failed} failed, {refused} were refused, {missing} were not looked at",
        signing=signing, all=len(run.rows), pending=count["SWITCHED-PENDING"],
        failed=count["FAILED"], refused=count["REFUSED"], missing=missing,
    )  # fmt: skip
    if not run.rows:
        return "UNCHANGED", _("The plan has no rows in this wave. SES was not changed.")
    if signing == len(run.rows):
        headline = n_("{count} identity signs with its new selector",
                      "All {count} identities sign with their new selector", signing)  # fmt: skip
    if count["FAILED"] or missing or count["REFUSED"]:
        is_untouched = not any(each.wrote for each in ended) and not count["FAILED"]
        return ("REFUSED" if is_untouched else "FAILED"), headline
    if count["SWITCHED-PENDING"]:
        return "SWITCHED-PENDING", headline
    return ("SWITCHED" if count["SWITCHED"] else "UNCHANGED"), headline
