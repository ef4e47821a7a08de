"""Render what each section's step came to, beside its heading: it says nothing that did not happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from second_edition.display.answers import DIARY
from second_edition.display.blocks import MARKS
from second_edition.display.words import Words
from second_edition.events.run import Read
from second_edition.evidence.record import ROTATE, Record
from second_edition.messages import say
from second_edition.rotation import proof
from second_edition.rotation.findings import Verdict
from second_edition.rotation.observation import SUCCESS

Result = tuple[str, str]
"""A tone, or "" where a step was skipped, and what it came to in a few words."""
NOTHING: Final[Result] = ("", "")


def result(anchor: str, record: Record, words: Words) -> Result:
    """Return the tone and the words for the section ``anchor``; two empty texts for one that is no step."""
    tell = _RESULTS.get(anchor)
    if tell is None or (anchor != "checks" and record.procedure != ROTATE):
        return NOTHING
    tone, text = tell(record, words)
    return tone, f"{MARKS.get(tone, '–')} {text}"


def _proof(record: Record, words: Words) -> Result:
    links = proof.links(record.seen) if record.seen else ()
    if not links:
        return "", words("not reached")
    if not any(link.sha256 for link in links):
        return "wait", words("no key was read")
    if proof.unpublished(links):
        return "wait", words("the key record is not published everywhere yet")
    if not proof.holds(links):
        return "bad", words("not one key pair")
    places, signed = proof.counted(links)
    proved = words("one key pair at all {places} places", places=places)
    return "good", f"{proved}{_say('proved.signed', words, count=signed)}" if signed else proved


def _checks(record: Record, words: Words) -> Result:
    if not record.findings:
        return "", words("not reached")
    count = Counter(finding.verdict for finding in record.findings)
    passed = "good" if count[Verdict.PASS] else ""
    tone = "bad" if any(one.stops for one in record.findings) else "wait" if count[Verdict.WAIVED] else passed
    counts = ", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict)
    # Those of its identities are counted where they stand.
    return tone, words("the campaign itself: {counts}", counts=counts) if record.procedure == "fleet" else counts


def _comparison(record: Record, words: Words) -> Result:
    rows = record.comparison
    if not rows:
        return "", words("not reached")
    if record.unread_since_write:
        return "wait", words("SES was not read after the write")
    changed = sum(row.changed and row.field not in DIARY for row in rows)
    tone = "good" if all(row.as_expected for row in rows) else "wait"
    return tone, _say("changed" if changed else "unchanged", words, count=changed)


def _plan(record: Record, words: Words) -> Result:
    if record.plan is None:
        return "", words("not reached")
    return "good", _say("writes" if record.plan.writes else "no-writes", words, count=len(record.plan.writes))


def _write(record: Record, words: Words) -> Result:
    if record.begin.mode != "apply":
        return "", words("skipped: plan only")
    if record.rollback is not None and record.rollback.accepted:
        return "wait", words("rolled back")
    if record.last_write is None:
        return "", words("nothing written")
    if record.last_write.accepted:
        return "good", _say("written", words)
    return "bad", _say("not-known", words)


def _verify(record: Record, words: Words) -> Result:
    if record.after is None or record.of(Read) is None:
        return "", words("not reached")
    status, shown = record.after.status, list(record.after.selectors)
    if shown not in ([], [record.begin.selector]):
        return "bad", words("SES has {selector}, {status}", selector=" ".join(shown), status=status)
    return ("good" if status == SUCCESS else "bad" if record.given_up else "wait"), status


_RESULTS: Final[Mapping[str, Callable[[Record, Words], Result]]] = {
    "proof": _proof,
    "checks": _checks,
    "comparison": _comparison,
    "plan": _plan,
    "write": _write,
    "verify": _verify,
}


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("page", f"result.{key}", words.language, **values)
