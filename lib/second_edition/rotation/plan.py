"""The plan that every procedure makes: its writes, the sorted facts they rely on, and a digest. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import msgspec

from second_edition.dkim.published import Answer, judge
from second_edition.plain import plain
from second_edition.rotation.findings import Finding, Level, Phrase, Said, Verdict, phrase
from second_edition.rotation.observation import SUCCESS, Caller, Observation

PUT = "PutEmailIdentityDkimSigningAttributes"
# FAILED is terminal until the next PUT (Amazon SES Developer Guide, "Verifying a DKIM domain identity").
GIVEN_UP = "FAILED"
LOOKS = ("NOT_STARTED", "PENDING")
#: With what the names of facts begin that are findings of checks: of those that stop a run, and of those that do not.
CHECK, WARNING = "check.", "warning."
TIME = "TIME-"  # with what the names of checks begin that hold times against each other
_PLACE = re.compile(r"{(\w+)}")
_SILENT = phrase("no answer")

Digest = Callable[[Mapping[str, Any]], str]
"""Returns the SHA-256 in hex of canonical JSON."""


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One write to the outside world: made once, and read back.

    Attributes:
        operation: as its service spells it.
        target: what it changes: the identity, the key object, the secret, or the key record's name.
        current_selector: that SES signs with until then.
        next_selector: that SES is given, or whose key is stored.
        key_sha256: of the public key (SubjectPublicKeyInfo) that SES is given.
        version: of the key object or of the secret; "" for a delete marker, and for a record.
        resubmit: SES has the selector already.
    """

    operation: str
    target: str
    current_selector: str = ""
    next_selector: str = ""
    key_sha256: str = ""
    version: str = ""
    resubmit: bool = False


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Writes in the order of their execution (none: all stands as it is to be), and the sorted facts they rely on.

    ``digest``: SHA-256 in hex over the canonical JSON of both. The same world gives the same digest.
    """

    writes: tuple[Write, ...]
    relies_on: dict[str, str]
    digest: str

    @classmethod
    def of(cls, writes: Iterable[Write], facts: Mapping[str, str], digest: Digest) -> Self:
        """Return the plan of these writes."""
        made = cls(tuple(writes), dict(sorted(facts.items())), "")
        return msgspec.structs.replace(made, digest=digest(made.content()))

    def content(self) -> dict[str, Any]:
        """Return what ``digest`` is over, as JSON takes it."""
        return {"writes": plain(self.writes), "relies_on": plain(self.relies_on)}

    @property
    def again(self) -> str:
        """Return why a selector that stands is written again: a key of the catalogue ``record``."""
        if self.relies_on.get("identity.status") == GIVEN_UP:
            return "plan.again"
        return "plan.replaced" if "identity.key_replaced" in self.relies_on else "plan.rewrite"

    @property
    def requested(self) -> str:
        """Return what other people are asked to do to the key record: ``revoke``, ``remove``, or "" for nothing."""
        return self.relies_on.get("asked", "")


def drift(shown: Plan, present: Plan) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two plans: (fact, then, now), sorted by fact. Empty where the digests agree.

    A warning or a waived finding that is gone is no difference: who agreed to the plan with it agrees to it without.
    """
    names = sorted({*shown.relies_on, *present.relies_on})
    facts = [(name, shown.relies_on.get(name, ""), present.relies_on.get(name, "")) for name in names]
    return tuple(fact for fact in facts if fact[1] != fact[2] and not (_agreed(*fact[:2]) and not fact[2]))


def _agreed(name: str, then: str) -> bool:
    return name.startswith(WARNING) or (name.startswith(CHECK) and then.startswith(Verdict.WAIVED))


def carries_out(present: Plan | None, shown: Plan | None) -> bool:
    """Return whether who makes the present plan carries out the one that was shown; one that is not known is not."""
    if present is None or shown is None:
        return False
    return present.writes == shown.writes and not drift(shown, present)


def place(caller: Caller | None) -> dict[str, str]:
    """Return the facts of where a plan is made."""
    return {"account": caller.account if caller else "", "region": caller.region if caller else ""}


def objections(findings: Iterable[Finding]) -> dict[str, str]:
    """Return the facts of the checks that speak against a plan, or would without a waiver.

    A waiver is named alike whether its check would stop this run, or only the one that applies. Its fact holds what was
    seen and the reason: who agrees to a plan agrees to these, and to no other ones.
    """
    return {_named(one): _came_to(one) for one in findings if one.objects}


def _came_to(finding: Finding) -> str:
    if finding.verdict is not Verdict.WAIVED:
        return finding.verdict.value
    passing = finding.id.startswith(TIME)  # seconds and moments are others at the next look, and the finding is not
    return f"{Verdict.WAIVED}: {_english(finding.observed, '…' if passing else '')}; {finding.reason}"


def _english(said: Said | int, place: str = "") -> str:
    """Return a sentence as it is in English, with ``place`` for all of its values where that is given."""
    if not isinstance(said, Phrase):
        return str(said)
    if (
        word := said.values.get("word")
    ) == _SILENT:  # in which way changes from look to look: a closed port, a lost packet
        return _english(word)
    return _PLACE.sub(lambda found: place or _english(said.values.get(found[1], found[0])), said.text)


def _named(finding: Finding) -> str:
    warns = finding.level is Level.WARNS and finding.verdict is not Verdict.WAIVED
    return f"{WARNING if warns else CHECK}{finding.id}"


def make(seen: Observation, findings: Sequence[Finding], digest: Digest) -> Plan:
    """Return rotate's plan by what was seen. It is made whether or not the checks allow it to be applied."""
    return Plan.of(_writes(seen), _relies_on(seen, findings), digest)


def _writes(seen: Observation) -> tuple[Write, ...]:
    identity, key = seen.identity, seen.next_key.key
    if identity is None or key is None or not key.sha256:
        return ()
    stands = identity.selector == seen.selector
    if stands and not rewrites(seen):
        return ()
    return (Write(PUT, seen.domain, identity.selector, seen.selector, key.sha256, resubmit=stands),)


def rewrites(seen: Observation) -> bool:
    """Return whether the selector asked for is written again although SES has it.

    SES has given up on it, or has not verified it, and no archived run gave SES this key, or somebody gave SES another
    one since: GetEmailIdentity never tells which key SES was given, and a wrong one is looked for in vain for 72 hours.
    """
    identity = seen.identity
    if identity is None or identity.selector != seen.selector:
        return False
    return identity.status == GIVEN_UP or (identity.status in LOOKS and (replaced(seen) or not given_by(seen)))


def given_by(seen: Observation) -> str:
    """Return the archived run that gave SES this selector with this key, "" where none is known to have."""
    given, key = seen.given, seen.next_key.key
    known = given is not None and key is not None and (given.selector, given.sha256) == (seen.selector, key.sha256)
    return given.run if given is not None and known else ""


def replaced(seen: Observation) -> bool:
    """Return whether SES, where it looks for the key record, was given another key after an archived run gave this one.

    SES was seen to have verified the selector after the run's write, and only another write ends that: SES says
    TEMPORARY_FAILURE or FAILED where the key record vanishes.
    """
    return seen.given is not None and seen.given.worked and bool(given_by(seen))


def _relies_on(seen: Observation, findings: Sequence[Finding]) -> dict[str, str]:
    identity, stored = seen.identity, seen.next_key
    facts = place(seen.caller) | {
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.status": identity.status if identity else "",
        "identity.signing_enabled": str(identity.signing_enabled).lower() if identity else "",
        "identity.signing_origin": identity.signing_origin if identity else "",
        "secret.version": stored.secret.version_id if stored.secret else "",
        "key.object": f"s3://{stored.key.bucket}/{stored.key.key}" if stored.key else "",
        "key.version": stored.key.version_id if stored.key else "",
        "key.sha256": stored.key.sha256 if stored.key else "",
    }
    if identity and identity.selector == seen.selector and identity.status in LOOKS:
        facts["identity.key_given_by"] = given_by(seen)
        if replaced(seen):
            facts["identity.key_replaced"] = "true"
    # Of DNS, what every server answered: TTLs count down at some servers, so they are shown and not relied on.
    for answer in seen.records:
        # By name too: servers whose names have no address would else be one and the same.
        server = f"{answer.server.name} {answer.server}".strip()
        facts[f"dns.{server}"] = _answered(answer)
    for answer in seen.dns.followed:
        facts[f"dns.{answer.server.name} {answer.server} {answer.name}"] = _answered(answer)
    for answer in seen.dns.encrypted if seen.dns.by_encrypted else ():
        facts[f"dns.{answer.server.name} {answer.name}"] = _answered(answer, recursive=True)
    return facts | objections(finding for finding in findings if not _passing(finding, seen))


def _passing(finding: Finding, seen: Observation) -> bool:
    """Return whether a plan does not rely on what a check finds."""
    # A time that is not over yet when a plan is made is over when it is carried out: both are one plan.
    waits = finding.id == "TIME-ACTIVATE" and finding.verdict is Verdict.FAIL
    # Where nothing is switched, a rollback is shown and not relied on.
    shown = finding.id == "BACK-CHECKS" and seen.current_selector == seen.selector
    # Files on one machine, and whether the record can be kept, which only an apply run tries, are no facts of the plan.
    return waits or shown or finding.id == "KEY-FILES" or finding.id.startswith("RECORD-")


def _answered(answer: Answer, *, recursive: bool = False) -> str:
    """Return what a server said, short: the verdict, and a hash over every byte of its TXT records."""
    judgement = judge(answer, recursive=recursive)
    said = str(judgement.verdict if answer.failure else judgement)
    for record in answer.records:
        said += f" sha256:{hashlib.sha256(b''.join(record)).hexdigest()}"
    return said


def stands(seen: Observation) -> bool:
    """Return whether SES already signs with the selector asked for: all four rows of the run sheet are as required."""
    identity = seen.identity
    if identity is None or not identity.signs:
        return False
    return identity.selector == seen.selector and identity.status == SUCCESS
