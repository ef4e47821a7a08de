"""The DNS request that a record supports."""

from __future__ import annotations

import base64
import shlex

from second_edition.dkim.key_record import PublicKey, parse
from second_edition.dkim.published import judge
from second_edition.dns import raw_answer
from second_edition.dns.request_sheet import Request
from second_edition.evidence.archived import Archived, RecordError
from second_edition.evidence.record import ROTATE, Record
from second_edition.messages import Language
from second_edition.rotation.findings import Verdict
from second_edition.rotation.observation import Observation
from second_edition.rotation.outcome import Outcome

PAIR = "KEY-PAIR"
FRESH = "KEY-SELECTOR"
WHERE = ("profile", "target", "endpoint_url")


def supported(archived: Archived, language: Language) -> tuple[Record, Request]:
    """Return a run's record, and the DNS request that it supports.

    Raises:
        RecordError: it proved no key pair.
    """
    record = archived.record
    try:
        request = request_of(record) if record else None
    except ValueError:  # the key is none
        request = None
    if record is not None and request is not None:
        return record, request
    if record is not None and record.procedure == "prepare" and record.outcome is Outcome.PLANNED:
        raise RecordError.said("launch", "of-plan", language, path=archived.path, command=command(record))
    procedure = record.procedure if record else ""
    key = "unproved" if procedure in ("", ROTATE, "prepare") else "of-other"
    raise RecordError.said("launch", key, language, path=archived.path, procedure=procedure)


def command(record: Record) -> str:
    """Return the command that makes another record with a request, against the same target: only prepare must write."""
    mode = "apply" if record.procedure == "prepare" else "plan"
    given = record.begin.parameters.items()
    kept = {name: one.value for name, one in given if name in WHERE and one.source in ("parameter", "cell")}
    where = [word for name, value in kept.items() for word in ("-r", name, value)]
    return shlex.join(["byodkim", record.procedure, "-r", "selector", record.selector, *where, "-p", "mode", mode])


def request_of(record: Record) -> Request | None:
    """Return the DNS request that a run's evidence supports; ``None`` where it supports none.

    The key pair has to be proved to be one, SES has to know the identity, and a server to have answered: a mistyped
    domain is no matter for the DNS team, and nobody knows what a record lacks that could not be asked for.
    """
    seen, verdicts = record.seen, {finding.id: finding.verdict for finding in record.findings}
    if verdicts.get(FRESH) is Verdict.FAIL:  # mail signed with the selector's other key is still on its way
        return None
    if seen is None or seen.identity_absent or (record.procedure == ROTATE and not seen.dns_answered):
        return None
    if seen.next_key.key is None or verdicts.get(PAIR) is not Verdict.PASS:
        return None
    key = PublicKey.from_der(base64.b64decode(seen.next_key.key.public_key))
    return Request(seen.domain, seen.selector, key, record.begin.ttl, zone=zone_of(seen))


def zone_of(seen: Observation) -> str:
    """Return the zone that was seen to hold the record; "" where none was, or the servers name several."""
    if seen.dns.delegation is not None:
        return seen.dns.delegation.zone
    named = {raw_answer.zone_of(answer) for answer in seen.records} - {""}
    return named.pop() if len(named) == 1 else ""


def in_use(record: Record) -> Request | None:
    """Return the key record of the other selector that SES had when the run ended: of the key served, or stored."""
    seen, selector = record.seen, record.after.selector if record.after else ""
    if seen is None or selector != seen.back_selector or selector == seen.selector:
        return None
    keys = [parse(one.records[0]).public_key for one in seen.current_records if judge(one).sha256]
    stored = seen.current_key.key if seen.current_key else None
    if stored is not None and stored.public_key:
        keys.append(PublicKey.from_der(base64.b64decode(stored.public_key)))
    return Request(seen.domain, selector, keys[0], record.begin.ttl) if keys else None
