"""The one write: observed again, checked again, planned again, written down, made once, and read back where unclear."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, replace
from typing import Any, Final

from byodkim.custody.client import Refused
from byodkim.display.words import Words
from byodkim.errors import ByodkimError
from byodkim.evidence.journal import digest
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import approving, locking, readiness
from byodkim.procedure.observing import ask, gather, read_identity
from byodkim.procedure.run import Run, RunFailed, RunRefused
from byodkim.rotation import plan as plans
from byodkim.rotation.checks import CHECKS, Applying, Case, Expected
from byodkim.rotation.findings import Finding, Verdict
from byodkim.rotation.observation import SUCCESS, Identity, Observation
from byodkim.rotation.readiness import NOTHING_TRIED
from byodkim.rotation.timing import LATE_WRITE, pauses

READ_BACK_PAUSES_S = (0.0, 1.0, 3.0)
#: Seconds for which an answer of SES stands for one that would be asked for now.
JUST_S: Final = 2.0


def observe(run: Run, seen: Observation | None = None) -> Observation:
    """Looks (or takes what was looked at already) and writes it down."""
    seen = seen or gather(run)
    run.write("observed", observation=plain(seen))
    run.seen = seen
    return seen


def check(run: Run, seen: Observation) -> tuple[Finding, ...]:
    """Makes every check and writes down what each came to. What applying needs is asked of the plan that follows."""
    case = Case(seen, Expected(run.intent.account, run.intent.expected_region, run.intent.applies))
    findings = CHECKS.evaluate(case, run.intent.waivers)
    if run.intent.applies:
        made = plans.make(seen, findings, digest)
        given = approving.presented(run)
        terms = approving.terms(run, str((run.record.last("observed") or {})["at"]))
        tried = readiness.ready(run) if made.writes else NOTHING_TRIED
        applying = Applying(made, run.intent.approvals, given, run.record.lock, terms, tried)
        findings = CHECKS.evaluate(replace(case, applying=applying), run.intent.waivers)
    run.write("checked", findings=plain(findings))
    return findings


def refuse_if_unsafe(run: Run, findings: tuple[Finding, ...]) -> None:
    """Ends the run where a check that blocks has not passed.

    Raises:
        RunRefused: names the checks, what was expected and seen, and what to do.
    """
    stopping = [finding for finding in findings if finding.stops]
    if not stopping:
        return
    words = Words(run.intent.language, run.intent.zone)
    # What failed is named before what could only not be looked at because of it.
    first, *others = sorted(stopping, key=lambda finding: finding.verdict is not Verdict.FAIL)
    names = [other.id for other in others if other.verdict is first.verdict]
    said = {
        "claim": words.check(first.id),
        "expected": words.phrase(first.expected),
        "seen": words.phrase(first.observed),
    }
    todo = words.check(first.remedy or f"{first.id}.todo", run.intent.domain)
    ended = run.record.last("polling-ended")
    if ended is not None and ended["needed"]:
        short = words("dns.wait-short", minutes=run.intent.wait_dns_minutes, needed=ended["needed"])
        todo += short if words.language == "ja" else f" {short}"
    also = say("steps", f"refused.also.{first.verdict}", words.language, names=", ".join(names)) if names else ""
    raise RunRefused(
        say("steps", "refused", words.language, id=first.id, also=also, **said),
        say("steps", run.procedure.untouched, words.language),
        todo,
    )


def plan(run: Run, seen: Observation, findings: tuple[Finding, ...]) -> plans.Plan:
    """Makes the plan and writes it down."""
    made = plans.make(seen, findings, digest)
    run.write("planned", plan=plain(made))
    return made


def apply(run: Run, shown: plans.Plan) -> None:
    """Carries out the plan, if the world is still the one it was made for.

    Raises:
        RunRefused: a check fails now, or the plan would be another one now.
        RunFailed: SES refused the write, or it was not applied.
    """
    seen = observe(run, gather(run, ask(run, _just_read(run))))
    findings = check(run, seen)
    refuse_if_unsafe(run, findings)
    made = plan(run, seen, findings)
    if made.digest != shown.digest:
        raise drifted(run, plans.drift(shown, made))
    for write in made.writes:
        locking.confirm(run)
        _put(run, write)


def _just_read(run: Run) -> Future[Any] | None:
    """Return SES's answer about the identity where it came just now; ``None``: it is read anew.

    Everything else is looked at anew. SES takes one call a second: a second reading would keep the write back by a
    second, and at the write it would be as old as the first one is when the write follows that at once. So what is
    known of SES at the write is no older for it: ``JUST_S`` and the time until a call is due. A change of that moment
    would be seen by neither. Who pauses between the cells, or waits for DNS, reads anew; so does a run whose calls
    nothing limits.
    """
    paced = bool(run.intent.requests_per_second)
    if run.asked is None or not paced or run.fresh_s or time.monotonic() - run.answered > JUST_S:
        return None
    found = run.asked.identity
    return found if found.done() and found.exception() is None and found.result() is not None else None


def _put(run: Run, change: plans.Write) -> None:
    run.write("intent", change=plain(change))
    arguments = {"name": change.target, "selector": change.next_selector, "sha256": change.key_sha256}
    try:
        came: dict[str, Any] = run.custodian.ask("put", **arguments).result()
    except Refused as refused:
        came = {"error": {"code": refused.code, "status": 0, "request_id": "", "unclear": False}}
    except ByodkimError:
        # The custodian died with the write under way: nothing is known until SES is read back, by the next run.
        run.write_fixed("answer", error={"code": "CustodianDied", "status": 0, "request_id": "", "unclear": True})
        raise
    run.write("answer", **came)
    run.since = time.monotonic()  # what was read before does not tell of it
    if "error" in came:
        _read_back(run, change, came["error"])


def _read_back(run: Run, change: plans.Write, error: dict[str, Any]) -> None:
    """Finds out whether a write without a good answer was applied; goes on if it was.

    Raises:
        RunFailed: it was not applied, or it can't be told.
    """
    language, seconds = run.intent.language, run.intent.late_write_seconds if error["unclear"] else 0
    values = {"code": error["code"], "current": change.current_selector, "next": change.next_selector}
    values["seconds"] = str(seconds)
    if (sent := run.record.perhaps_written_at) is not None:
        values["until"] = Words(language, run.intent.zone).time(sent + LATE_WRITE)
    seen: Identity | None = None
    for seen in readings(run, seconds):
        if seen is not None and _applied(run, change, seen):
            run.write("resolved", applied=True)
            return
    if seen is None or not seen.selector:
        key = "not-known" if error["unclear"] else "refused"
    elif error["unclear"] and change.resubmit and seen.status != plans.GIVEN_UP:
        key, values["status"] = "not-told", seen.status
    else:
        key = "not-applied-yet" if error["unclear"] else "not-applied"
    denied = error["code"].startswith("AccessDenied") and not error["unclear"]
    todo = "write.denied.todo" if denied else "write.not-told.todo" if key == "not-told" else "write.todo"
    raise RunFailed(
        say("steps", f"write.{key}", language, **values),
        say("steps", f"write.{key}.means", language, **values),
        say("steps", todo, language),
    )


def readings(run: Run, seconds: float) -> Iterator[Identity | None]:
    """Yield what SES shows, once and then until ``seconds`` have passed; ``None`` where it cannot be read.

    A request whose connection was cut may still be on its way: one reading that shows the selector of before says
    nothing about it. The last reading is made when the time is over.
    """
    started = time.monotonic()
    for pause in pauses(first=1.0, longest=8.0):
        yield _try_read(run)
        left = seconds - (time.monotonic() - started)
        if left <= 0:
            return
        time.sleep(min(pause, left))


def _applied(run: Run, change: plans.Write, seen: Identity) -> bool:
    """Return whether the write was applied.

    Where the selector stood before, its status shows it: SUCCESS, or one to which nothing but a write leads. FAILED is
    left only by a write, and NOT_STARTED follows only on one.
    """
    if seen.selector != change.next_selector or not change.resubmit:
        return seen.selector == change.next_selector
    stood = run.seen.identity.status if run.seen and run.seen.identity else ""
    moved = seen.status != stood and (stood == plans.GIVEN_UP or seen.status == "NOT_STARTED")
    return moved or seen.status == SUCCESS


def _try_read(run: Run) -> Identity | None:
    try:
        return read(run)
    except ByodkimError:
        return None


def read(run: Run) -> Identity:
    """Reads the identity and writes down what SES shows."""
    seen = read_identity(run)
    run.write("read", identity=asdict(seen))
    return seen


def drifted(run: Run, facts: Iterable[tuple[str, str, str]]) -> RunRefused:
    """The refusal of a plan that is another one by now. ``facts``: what differs, as it was shown and as it is."""
    language = run.intent.language
    told = "; ".join(f"{name}: {then or '-'} -> {now or '-'}" for name, then, now in facts)
    return RunRefused(
        say("steps", "drift", language, facts=told),
        say("steps", run.procedure.untouched, language),
        say("steps", "drift.todo", language),
    )


def once(run: Run, answer: str, duty: str, **arguments: Any) -> dict[str, Any]:
    """One write to the key store, and what came of it, written down as the event ``answer``; it is not tried again.

    Raises:
        ByodkimError: the custodian died with it under way: what stands is found out by the next run.
    """
    try:
        came: dict[str, Any] = run.custodian.ask(duty, **arguments).result()
    except Refused as refused:
        came = {"error": {"code": refused.code, "status": 0, "request_id": "", "unclear": False}}
    except ByodkimError:
        run.write_fixed(answer, error={"code": "CustodianDied", "status": 0, "request_id": "", "unclear": True})
        raise
    run.write(answer, **came)
    return came
