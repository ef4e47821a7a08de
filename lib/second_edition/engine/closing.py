"""The end of a run: its outcome from the evidence, the last event, and the end of everything it started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from second_edition.custody.client import Died
from second_edition.display import summary, words
from second_edition.display.failure import failure
from second_edition.display.notebook import Shown
from second_edition.display.timeline import calls as aws_calls
from second_edition.display.timeline import timeline
from second_edition.display.words import Words
from second_edition.engine import archiving, earlier_records, kernel
from second_edition.engine.gate import LeakStopped, Unsearched
from second_edition.engine.run import ProofMissing, Run, RunFailed, RunRefused, WaitRanOut
from second_edition.errors import ByodkimError, paragraph
from second_edition.events import decode
from second_edition.events.run import Closed
from second_edition.events.writes import Waited
from second_edition.evidence import decided, journal
from second_edition.evidence.cells import ERROR, HEADLINE, code_digest, digest_of_bundle, digest_of_error, entry
from second_edition.evidence.record import Record
from second_edition.evidence.seal import SealError, seal_path
from second_edition.messages import Language, say
from second_edition.rotation.observation import SUCCESS
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import GIVEN_UP

UNWRITABLE: Final = "make.unwritable"


def outcome_of(record: Record, error: BaseException | None) -> Outcome:
    """Return what the run came to, by its events and the error that ended it."""
    if record.rolled_back is None and error is not None and not isinstance(error, WaitRanOut | ProofMissing):
        return of_early_end(error, begun=record.last_write is not None, planned=record.plan is not None)
    return decided.own(record.procedure).outcome_of(record)


def of_early_end(error: BaseException | None, *, begun: bool, planned: bool) -> Outcome:
    """Return what a run came to that ended early: refused, or failed where it had begun to write.

    What could not even be planned was refused too: nothing was written nor waited for.
    """
    early = isinstance(error, ByodkimError) and not planned
    refused = not begun and (early or isinstance(error, RunRefused))
    return Outcome.REFUSED if refused else Outcome.FAILED


def of_made(record: Record, error: BaseException | None) -> Outcome:
    """Return what a run came to that makes one thing."""
    if error is not None or record.made is None:
        return of_early_end(error, begun=decided.begun(record), planned=record.made is not None)
    return decided.own(record.procedure).outcome_of(record)


def unproved(run: Run, outcome: Outcome) -> RunFailed | None:
    """Return the last word of a procedure whose runs fail in a step, which says why, or for want of a proof."""
    return run.error(RunFailed, run.procedure.name, "unproved") if outcome is Outcome.FAILED else None


class Ended(Struct, frozen=True):
    """Hold how a run ended. All of it was told from the closing event before that was written, which has its digests.

    Attributes:
        headline: what the headline shows from now on; ``None`` where that may not be shown.
        end: what the last cell shows, where it is that cell that ends the run.
        error: the error with which the cell ends.
    """

    headline: Shown | None
    end: Shown | None
    error: ByodkimError | None


def close(run: Run, error: BaseException | None = None, *, last: bool = False) -> Ended:
    """Write the closing event and seal the journal. The caller shows how it ended, and releases the run then.

    Args:
        run: what is closed.
        error: with which it ends.
        last: whether its last cell closes it, which shows how it ended.
    """
    try:
        # Who kept a run from being searched has no say in others' either.
        # Nor does who interrupts a run wait for others'.
        makes_up = run.gate.alive and isinstance(error, Exception | None)
        try:
            if makes_up:
                earlier_records.make_up(run)
            line, ended = _end(run, error, run.custodian.drain(), last=last)
            _pass(run, line, ended)
        except (LeakStopped, Unsearched) as unfit:  # the calls since the last event are left out now
            error = error if is_fixed(error) else unfit
            line, ended = _end(run, error, [])
            if not _passes(run, ended.headline):
                line, ended = _end(run, error, [], shows=False)
        except Exception as bug:  # noqa: BLE001 - what cannot be shown keeps no run from its end
            line, ended = _end(run, error or bug, [], shows=False)
        run.journal.append(line, Closed)
        run.unlock()
        run.sealed = archiving.keep(run)
        _leave_open(run)
    finally:
        run.stage = "closed"
        run.unlock()
    return ended


def _end(
    run: Run, error: BaseException | None, calls: list[dict[str, Any]], *, last: bool = False, shows: bool = True
) -> tuple[dict[str, Any], Ended]:
    """Return the closing event as it will be, and what is shown of it, whose digests are in it.

    ``last``: whether the last cell shows how it ended; ``shows``: whether the headline does.
    """
    outcome, cells = run.procedure.outcome(run.record, error), kernel.executed()
    code = {"code_sha256": code_digest(cells), "injected_sha256": code_digest(kernel.injected())}
    content = {"outcome": outcome.value, "error": _described(run, error), "executed": {"cells": len(cells), **code}}
    line = run.journal.draft(Closed, **content, calls=calls)
    record = Record((*run.journal.events, decode(journal.canonical(line).encode(), Closed)))
    speech = words.of(record.begin)
    headline = Shown(summary.opening(record, speech)) if shows else None
    end = (*summary.verdict(record, speech), *timeline(record, speech), *aws_calls(record, speech)) if last else ()
    ended = Ended(headline, Shown(end) if last else None, _raised(run, error, outcome))
    return {**line, "shown": list(_entries(run, ended))}, ended


def _raised(run: Run, error: BaseException | None, outcome: Outcome) -> ByodkimError | None:
    if error is None:
        return run.procedure.last_word(run, outcome)
    return error if isinstance(error, ByodkimError) else readable(run, error)


def _entries(run: Run, ended: Ended) -> Iterator[dict[str, Any]]:
    """Yield the digests of what is shown when the run has closed."""
    if ended.headline is not None:
        yield entry(HEADLINE, 0, digest_of_bundle(ended.headline.bundle()))
    if ended.end is not None:
        yield entry(run.step, run.outputs, digest_of_bundle(ended.end.bundle()))
    yield from run.perhaps()
    keeping, error = run.keeping, ended.error
    if error is None and ended.end is not None and (keeping.timestamp_url or keeping.bucket or keeping.heads_file):
        error = lacking(run.intent.language)
    if error is not None:
        digest = digest_of_error(type(error).__name__, str(error))
        yield entry(run.step, ERROR, digest, perhaps=ended.error is None)


def _pass(run: Run, line: Mapping[str, Any], ended: Ended) -> None:
    """Let the closing event pass, and what is shown of it.

    Raises:
        LeakStopped: it holds a piece of a private key.
        Unsearched: the custodian has ended.
    """
    run.gate.check_event("closed", line)
    for output in filter(None, (ended.headline, ended.end)):
        run.gate.check_bundle(output.bundle())
    if ended.error is not None:
        run.gate.check("error", str(ended.error))


def _passes(run: Run, output: Shown | None) -> bool:
    """Return whether a result holds no piece of a key, or nobody is left who could search it."""
    try:
        if output is not None:
            run.gate.check_bundle(output.bundle())
    except LeakStopped:
        return False
    except Unsearched:  # the custodian ends once it has told of a piece, and may do so meanwhile
        pass
    return True


def _leave_open(run: Run) -> None:
    """Take back the end of a run whose seal the disk did not take: the run that completes it accounts for it then.

    Raises:
        SealError: the disk did not take it.
    """
    full = [fault for fault in (run.sealed.faults if run.sealed else ()) if getattr(fault, "code", "") == UNWRITABLE]
    if full and run.sealed and run.sealed.seal is None:
        run.sealed = None
        run.journal.withdraw()
        reason = getattr(full[0].__cause__, "strerror", None) or "-"
        where = seal_path(run.journal.path).name
        raise SealError("left-open", run.intent.language, where=where, reason=reason) from None


def is_fixed(error: BaseException | None) -> bool:
    """Return whether an error's sentences are this program's own and hold no value from outside."""
    return isinstance(error, LeakStopped | Unsearched | Died) or not isinstance(error, ByodkimError | None)


def end_spoilt(run: Run) -> None:
    """End a run whose journal holds a piece of a private key: it is removed. Nothing was done by then."""
    run.journal.path.unlink(missing_ok=True)
    run.stage = "closed"
    run.release()


def gone(run: Run) -> RunFailed | None:
    """Return the error of a run that SES showed no such identity at last."""
    return run.error(RunFailed, "steps", "identity-gone", domain=run.intent.domain) if run.record.gone_at else None


def overruled(run: Run) -> RunFailed | None:
    """Return the error of a run whose selector somebody replaced in SES before it ended."""
    found, after = run.record.overruled, run.record.after
    if found is None or after is None:
        return None
    values = {"seen": after.selector, "status": after.status, "selector": run.intent.selector}
    values["at"] = Words(run.intent.language, run.intent.zone).time(found.at)
    means = (
        "" if after.signs and after.status == SUCCESS else "overruled.pending" if after.signs else "overruled.unsigned"
    )
    todo = "" if after.selector == run.record.left else "overruled.other.todo"
    return run.error(RunFailed, "steps", "overruled", means, todo, **values)


def ran_out(run: Run) -> WaitRanOut | None:
    """Return the error of a wait that ran out, where the run was told to wait at all.

    Where SES shows another selector, its status is not that of the one asked for: ``failed`` says so.
    """
    waited, after = run.record.of(Waited), run.record.after
    if not waited or not waited.ran_out or not run.intent.wait_minutes or not run.intent.applies:
        return None
    if after is not None and list(after.selectors) not in ([], [run.intent.selector]):
        return None
    status = after.status if after else ""
    values = {"minutes": run.intent.wait_minutes, "status": status, "selector": run.intent.selector}
    if after is not None and not after.signs:  # no key record helps
        values["domain"] = run.intent.domain
        todo = "origin-other.todo" if after.signing_enabled else "signing-off.todo"
        return run.error(WaitRanOut, "steps", "ran-out", f"{todo.removesuffix('todo')}means", todo, **values)
    # FAILED is the status of before the write then: with it, the same command writes again.
    return run.error(WaitRanOut, "steps", "ran-out", "", "ran-out.stale.todo" if status == GIVEN_UP else "", **values)


def still_open(run: Run) -> WaitRanOut | None:
    """Return the error of an apply run that ends while a write of an earlier one may still land."""
    found = run.record.open_write if run.intent.applies else {}
    if not found:
        return None
    until = Words(run.intent.language, run.intent.zone).time(found["until"])
    return run.error(WaitRanOut, "steps", "open", "", "landing.todo", selector=found["selector"], until=until)


def failed(run: Run, outcome: Outcome) -> RunFailed | None:
    """Return the error of a run that came to its end without the selector being in use."""
    if outcome is not Outcome.FAILED:
        return None
    return RunFailed(*failure(run.record, run.intent.language))


def lacking(language: Language) -> SealError:
    """Return the error of a run whose record is signed, and lacks something else, in words that it could foresee."""
    return SealError("unkept", language)


def unkept(run: Run) -> ByodkimError | None:
    """Return the error of a run whose record is not kept as it should be; its outcome stands."""
    if run.sealed is None or not run.sealed.faults:
        return None
    return run.sealed.faults[0] if run.sealed.seal is None else lacking(run.intent.language)


def readable(run: Run, error: BaseException) -> ByodkimError:
    """Return an unforeseen error as one that a person understands, without its own text, which may hold anything."""
    sentences = _described(run, error) or {}
    return RunFailed(*(sentences.get(part, "") for part in ("what", "means", "todo")))


def _read(run: Run) -> str:
    """Return what SES had when it was read last after the write, or that it took it; "" where neither is known.

    The write is this run's, or one before that it waited for, where SES was seen with what that gave it.
    """
    after, write, language = run.record.after, run.record.last_write, run.intent.language
    if after is None:
        return ""
    if write is None and (run.record.written_before is None or after.selector != run.record.selector):
        return ""
    if write is not None and run.record.unread_since_write:
        return say("steps", "unread.written", language, selector=write.selector) if write.accepted else ""
    untouched = "" if write else say(run.procedure.name, run.stands, language)
    values = {"seen": " ".join(after.selectors) or "-", "status": after.status, "origin": after.signing_origin or "-"}
    means = say("steps", "read.means", language, **values, signing=str(after.signing_enabled).lower())
    return paragraph(untouched, means, None if after.status == SUCCESS else say("steps", "read.unverified", language))


def _described(run: Run, error: BaseException | None) -> dict[str, str] | None:
    if error is None:
        return None
    if isinstance(error, ByodkimError):
        return {"type": type(error).__name__, "what": error.what, "means": error.means, "todo": error.todo}
    # The text of an error that nobody foresaw may hold anything: its type only.
    language = run.intent.language
    key = "interrupted" if isinstance(error, KeyboardInterrupt) else "unforeseen"
    return {
        "type": type(error).__name__,
        "what": say("steps", key, language, type=type(error).__name__),
        "means": _read(run) or say(run.procedure.name, run.stands, language),
        "todo": say("steps", "again", language),
    }
