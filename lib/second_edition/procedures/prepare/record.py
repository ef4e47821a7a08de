"""The record of prepare: its sections, its summary, and the answers to a reader's first questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from second_edition.display import checks, key_pair, observed, summary, switch, writes
from second_edition.display.blocks import NONE, Block, Code, Heading, Paragraph, facts
from second_edition.display.rehearsed import to_publish
from second_edition.display.sections import CLOSE, Row, said
from second_edition.display.words import Words, identity_name
from second_edition.events.run import Observed
from second_edition.events.writes import Handed, Settled, Stored, Storing
from second_edition.evidence import decided
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.procedures.prepare.outcome import proved
from second_edition.procedures.prepare.preparation import Operation
from second_edition.rotation import proof as proofs
from second_edition.rotation.findings import Level
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Write

PLACES: Final = frozenset({"s3", "secret"})
unfinished = summary.stopped


def state(record: Record, words: Words) -> list[Block]:
    """Render the next selector and why, where its key belongs, the secret's versions; then all that rotate shows."""
    store = next((event.store for event in record.all_of(Observed)), None)
    if not store:
        return []
    named, staged = store.named, store.staged
    rows = [
        (words("selector to prepare"), named.selector or NONE),
        (words("selectors of this form"), " ".join(named.known) or NONE),
        (words("private key"), store.place),
        (words("encrypted with"), store.kms_key or words("the bucket's own setting")),
        (words("secret"), store.secret_id),
        *((stage, getattr(staged, name) or NONE) for stage, name in _STAGES),
    ]
    how = Paragraph(_say(f"named.{named.how}", words, selector=named.selector, pattern=named.pattern))
    return [how, facts(rows), *observed.current_state(record, words), *observed.servers(record, words)]


_STAGES: Final = (("AWSCURRENT", "current"), ("AWSPREVIOUS", "previous"), ("AWSPENDING", "pending"))


def plan(record: Record, words: Words) -> list[Block]:
    """Return what would be written, and nothing else; the digest; what it relies on."""
    made = record.made
    if made is None:
        return []
    blocks: list[Block] = [Paragraph(_say("plan.writes" if made.writes else "plan.nothing", words))]
    if made.writes:
        blocks.append(writes.planned(made.writes, lambda one: str(one.target), _what, words))
    return [*blocks, writes.digest(made.digest, words), *writes.relies(made.relies_on, words)]


def _what(write: Write, words: Words) -> str:
    return _say(f"write.{Operation(write.operation).name}", words, selector=write.next_selector)


def stored(record: Record, words: Words) -> list[Block]:
    """Return what was written, what came back, and what was then found there."""
    if record.begin.mode != "apply":
        return [Paragraph(words.record("apply.plan-only"))]
    if not record.all_of(Storing):
        planned_none = record.made is not None and not record.made.writes
        return [Paragraph(_say("plan.nothing", words) if planned_none else words("Nothing was written."))]
    return [writes.carried_out(record, Storing, Stored, Settled, words)]


def proof(record: Record, words: Words) -> list[Block]:
    """Render that it is one key: its SHA-256 in S3, in the secret and in the request."""
    if not proved(record):
        return [Paragraph(_say("proof.breaks" if writes.read_back(record) else "proof.none", words))]
    seen, handed = record.seen, record.of(Handed)
    chain = [link for link in (proofs.links(seen) if seen else ()) if link.place in PLACES]
    table = key_pair.chain(chain, handed, words)
    return [Paragraph(words.record("proof.breaks" if table.marks else "proof.holds")), table]


def dns_request(record: Record, words: Words) -> list[Block]:
    """Return what the DNS team needs, and by what digest the key in it is known."""
    handed = record.of(Handed)
    digest = [facts([(words("SHA-256 of the public key"), handed.sha256)])] if handed else []
    return [*switch.dns_request(record, words), *digest]


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to, after its outcome."""
    domain, unnamed = identity_name(record.begin.domain), words("the next selector")
    said = _say(
        f"came.{summary.came(outcome, decided.begun(record))}",
        words,
        domain=domain,
        selector=record.selector or unnamed,
    )
    return said.replace(f" {unnamed} ", unnamed) if words.language == "ja" else said


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, where no error says it."""
    made, sha256 = record.made, _sha256(record)
    if outcome is Outcome.PLANNED and made:
        return [Paragraph(words.record("meaning.planned", digest=made.digest))]
    if outcome in (Outcome.PREPARED, Outcome.UNCHANGED) and sha256:
        key = "meaning.prepared" if outcome is Outcome.PREPARED else "meaning.unchanged"
        return [Paragraph(_say(key, words, sha256=sha256))]
    return []


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what comes next: to apply, to ask the DNS team, to rotate, or to run again."""
    blocks = list[Block]()
    if outcome is Outcome.PLANNED:
        blocks += [Paragraph(words("To carry it out:")), summary.again(record, "apply")]
    if outcome is Outcome.FAILED:
        blocks += [Paragraph(say("steps", "again", words.language)), summary.again(record)]
    blocks += to_publish(record, words)
    if outcome in (Outcome.PREPARED, Outcome.UNCHANGED):
        blocks.append(Paragraph(words("When the key record is published, see whether it can be switched to:")))
        blocks.append(Code(summary.command(record, record.selector, "plan", "rotate")))
    return [Heading(words("Next")), *blocks] if blocks else []


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    wrote = [event.write for event in record.all_of(Storing)]
    done = [event.applied for event in record.all_of(Settled)]
    changed = [
        _say(f"changed.{Operation(write.operation).name}", words, target=write.target, selector=write.next_selector)
        for write, applied in zip(wrote, done, strict=False)
        if applied
    ]
    if len([one for one in done if one]) < len(wrote):
        changed.append(_say("changed.perhaps", words, operation=wrote[-1].operation, target=wrote[-1].target))
    key = "safe.unwritten" if not wrote else "safe.proved" if proved(record) else "safe.unproved"
    warned = [one.id for one in record.findings if one.level is Level.WARNS and one.objects]
    return {
        "changed": [*(changed or [words("nothing was written")]), words("SES and DNS were not touched")],
        "safe": [_say(key, words), *([words("warnings: {ids}", ids=", ".join(warned))] if wrote and warned else [])],
        "finished": [_say(f"finished.{record.outcome.value if record.outcome else 'none'}", words)],
        "back": [_say("back.wrote" if wrote else "back.nothing", words)],
    }


def _sha256(record: Record) -> str:
    key = record.seen.next_key.key if record.seen else None
    return key.sha256 if key else ""


def _say(key: str, words: Words, /, **values: object) -> str:
    return said("prepare", key, words, **values)


#: What its steps show, in the order of the page.
SECTIONS: Final = (
    Row("check", "checks", checks.checks),
    Row("prove", "proof", proof),
    Row("prove", "", checks.rechecked),
    Row("observe", "state", state, folded=True),
    Row("plan", "plan", plan),
    Row("apply", "store", stored),
    Row("hand_over", "dns-team", dns_request),
    *CLOSE,
)
