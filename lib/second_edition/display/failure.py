"""Render what is said of a run that was refused or failed, also in another language than the run's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from second_edition.display.dns import wait_short
from second_edition.display.words import Words, identity_name, of
from second_edition.errors import paragraph
from second_edition.events.run import Read
from second_edition.evidence import by_message
from second_edition.evidence.by_message import Proved
from second_edition.evidence.record import ROTATE, Record
from second_edition.messages import Language, say
from second_edition.rotation.findings import Finding, Verdict, by_cause
from second_edition.rotation.outcome import Outcome


def failure(record: Record, language: Language) -> tuple[str, str, str]:
    """Return what happened, what it means for mail, and what to do next."""
    begin, after = record.begin, record.after
    values = {"domain": identity_name(begin.domain), "selector": begin.selector, "seen": "-"}
    key, means, todo = "not-in-use", "read.means" if record.of(Read) else "written.rotate", "again"
    if after is not None:
        values |= {"seen": " ".join(after.selectors), "status": after.status, "origin": after.signing_origin or "-"}
        values["signing"] = str(after.signing_enabled).lower()
        if after.selector in ("", begin.selector) and not after.signs:
            key = "origin-other" if after.signing_enabled else "signing-off"
        elif record.given_up and (after.selector == begin.selector or not after.selectors):
            key = "given-up"
    if key != "not-in-use":
        means, todo = f"{key}.means", f"{key}.todo"
    what, means, todo = (say("steps", name, language, **values) for name in (key, means, todo))
    return what, means, todo


def refusal(findings: Iterable[Finding], record: Record, words: Words) -> tuple[str, str] | None:
    """Return which check refuses a run and what to do; ``None`` where none of the findings stops it."""
    stopping = by_cause(findings)
    if not stopping:
        return None
    first, *others = stopping
    named = {verdict: ", ".join(one.id for one in others if one.verdict is verdict) for verdict in Verdict}
    todo = words.phrase(first.remedy or "")
    if first.id == "SES-EXISTS" and record.gone_at:
        todo = say("steps", "identity-gone.todo", words.language, domain=identity_name(record.begin.domain))
    if first.id != "TIME-ACTIVATE" and (short := wait_short(record, words)):  # which says itself how long it takes
        todo += short if words.language == "ja" else f" {short}"
    if second := next((one for one in others if _another_cause(one, first)), None):
        todo += f"{'' if words.language == 'ja' else ' '}{second.id}: {words.phrase(second.remedy or '')}"
    also = "".join(
        say("steps", f"refused.also.{name}", words.language, names=ids) for name, ids in named.items() if ids
    )
    key = "refused.UNKNOWN" if first.verdict is Verdict.UNKNOWN else "refused"
    return say("steps", key, words.language, also=also, **_found(first, words)), todo


#: What is wrong with one of these follows from another of them: secret, key pair and key record are one chain.
_CHAIN: Final = ("SECRET", "STORE", "KEY", "DNS")


def _another_cause(one: Finding, first: Finding) -> bool:
    """Return whether what has failed besides needs something else to be done than the first does."""
    areas = {"KEY" if area in _CHAIN else area for area in (one.id.split("-")[0], first.id.split("-")[0])}
    return one.verdict is first.verdict is Verdict.FAIL and len(areas) > 1 and one.remedy not in (None, first.remedy)


def unproved(record: Record, words: Words) -> tuple[str, str, str] | None:
    """Return the error of a run whose message speaks against the switch, or does not prove it; else ``None``."""
    proved, language = by_message.proved(record), words.language
    if proved not in (Proved.FAILED, Proved.OPEN):
        return None
    key, verdict = ("failed", Verdict.FAIL) if proved is Proved.FAILED else ("missing", Verdict.UNKNOWN)
    first = next(one for one in by_message.findings(record) if one.verdict is verdict)
    values = {"selector": record.begin.selector, "status": record.after.status if record.after else "-"}
    what = say("message", key, language, **values, **_found(first, words))
    todo = words.phrase(first.remedy or "")
    if proved is Proved.FAILED:
        back = "failed.todo" if record.left else "failed.todo-unknown"
        todo += ("" if language == "ja" else " ") + say("message", back, language, left=record.left or "-")
    return what, say("message", f"{key}.means", language), todo


def _found(finding: Finding, words: Words) -> dict[str, str]:
    return {
        "id": finding.id,
        "claim": words(finding.claim),
        "expected": words.phrase(finding.expected),
        "seen": words.phrase(finding.observed).rstrip(".。"),
    }


def recorded(record: Record, words: Words) -> tuple[str, str, str] | None:
    """Return the three sentences of the error that ended a run.

    A refusal, and a message that proves nothing, are said from their findings in the reader's language. Any other error
    is as the run said it. One that came to its end without the selector in use says so by its outcome alone.
    """
    error = record.closed.error if record.closed else None
    if error is None:
        ended = record.procedure == ROTATE and record.outcome is Outcome.FAILED
        return failure(record, words.language) if ended else None
    said = (error.what, error.means, error.todo)
    if record.begin.language == words.language:
        return said
    own = of(record.begin)
    if unproved(record, own) == said:
        return unproved(record, words)
    if refusal(record.findings, record, own) == (said[0], said[2]) and (
        again := refusal(record.findings, record, words)
    ):
        return again[0], _untouched(said[1], record.procedure, own, words), again[1]
    return said


def quoted(text: str, record: Record, words: Words) -> str:
    """Return what ``recorded`` says, or its last sentence, with a label where that is not in the reader's language."""
    error = record.closed.error if record.closed else None
    said = (paragraph(error.what, error.means, error.todo), error.todo) if error else ()
    if text not in said or record.begin.language == words.language:
        return text
    return words("Quoted from the run, in its language: {text}", text=text)


def _untouched(means: str, procedure: str, own: Words, words: Words) -> str:
    """Return what a refusal means for mail: the procedure's sentence that nothing was written, in other words."""
    return say(procedure, "untouched", words.language) if means == say(procedure, "untouched", own.language) else means
