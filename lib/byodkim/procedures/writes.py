"""The writes of prepare and retire to key store, secret and DNS, each with how it is read back, and
the plan of those that prepare misses.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from byodkim.checks import dns, prepare
from byodkim.checks.secret import entry_of, known_keys
from byodkim.checks.world import Identity, KeyObject, KeyVersions, Observation, Secret, Unread
from byodkim.custody.settings import (
    ChangeRecord,
    DeleteKeyVersion,
    DnsWriter,
    EnterSelector,
    GetKey,
    GetKeyVersions,
    GetRecord,
    GetStore,
    KeyPlace,
    MakeKey,
    PromoteSecret,
    StoreKey,
    Write,
    version_for,
)
from byodkim.dkim.record import format_key_record, sha256_of
from byodkim.dns.zone import parse_server
from byodkim.engine.observe import record_name
from byodkim.engine.plan import Plan, plan_of
from byodkim.engine.run import Run
from byodkim.engine.stages import close
from byodkim.engine.write_ahead import READ_S, answered
from byodkim.errors import InputError
from byodkim.record.events import ReadBack, WriteAnswered, WriteIntended
from byodkim.words import _

STORE: Final = "PutObject"
ENTER: Final = "PutSecretValue"
PROMOTE: Final = "UpdateSecretVersionStage"
DNS_WRITES: Final = {"route53": "ChangeResourceRecordSets", "rfc2136": "DnsUpdate"}


def dns_writer(run: Run) -> DnsWriter | None:
    """Return who writes key records, as the profile has it; ``None`` where the DNS team is asked.

    Raises:
        InputError: the profile lacks what the writer needs.
    """
    kind = run.settings.text("dns_writer")
    if kind == "route53":
        zone_id = run.chosen("hosted_zone_id")
        _require_key(zone_id, kind, "hosted_zone_id")
        return DnsWriter("route53", hosted_zone_id=zone_id)
    if kind == "rfc2136":
        server, tsig = run.settings.text("update_server"), run.settings.text("tsig_secret_id")
        _require_key(server, kind, "update_server")
        _require_key(tsig, kind, "tsig_secret_id")
        return DnsWriter("rfc2136", server=parse_server(server), tsig_secret_id=tsig)
    return None


def missing_writes(run: Run, seen: Observation) -> list[str]:
    """Return the writes that make what is missing."""
    missing = [STORE] if prepare.is_key_absent(seen) else []
    if seen.requested.entry is None:
        missing += [PROMOTE] if _is_pending(run, seen) else [ENTER, PROMOTE]
    writer = dns_writer(run)
    is_published = any(verdict.is_published for _s, verdict in dns.verdicts(seen.requested, ""))
    if writer is not None and not is_published:
        missing.append(DNS_WRITES[writer.kind])
    return missing


def prepare_plan(run: Run, seen: Observation) -> Plan:
    """Return the plan. The same world and the same waivers give the same digest."""
    stored, writer, place = seen.requested.key, dns_writer(run), new_place(run)
    missing, name = missing_writes(run, seen), record_name(run, run.selector)
    facts = {
        "key": seen.requested.key_sha256 or "RSA, 2048 bits, to be made",
        "key object": getattr(stored, "place", f"s3://{place.bucket}/{place.key}"),
        "KMS key": run.settings.text("key_kms"),
        "secret": " ".join(getattr(seen.secret, name, "") for name in ("arn", "version")),
        "secret layout": getattr(seen.secret, "layout", ""),
        "key record": name,
        "TTL": run.settings.text("ttl"),
        "DNS writer": _place_of(writer),
        "writes": ", ".join(missing),
    }
    sentences = {
        STORE: _("S3: store a new RSA key of 2048 bits at {place}", place=facts["key object"]),
        ENTER: _("Secrets Manager: enter {selector} as a pending version of the secret",
                 selector=run.selector),
        PROMOTE: _("Secrets Manager: make that version current, once key and entry are read back"),
        "ChangeResourceRecordSets": _("Route 53: publish {name}", name=name),
        "DnsUpdate": _("DNS: publish {name} by a dynamic update", name=name),
    }  # fmt: skip
    return plan_of("prepare", seen, facts, [sentences[each] for each in missing])


def store(run: Run) -> KeyObject:
    """Make the key pair and store it, where nothing is."""
    made = run.custodian.ask(MakeKey()).result()
    if not isinstance(made, KeyObject):
        close(run, "FAILED", _("No key could be made ({code}).", code=made.code))
        raise AssertionError
    place = new_place(run)

    def shows() -> bool:
        found = run.custodian.ask(GetKey(place)).result()
        return isinstance(found, KeyObject) and found.sha256 == made.sha256

    storing = StoreKey(place, made.sha256, run.settings.text("key_kms"))
    intended = _intended(run, STORE, f"s3://{place.bucket}/{place.key}", made.sha256)
    _make(run, intended, storing, shows)
    return replace(made, bucket=place.bucket, key=place.key)


def enter(run: Run, stored: Secret, made: KeyObject) -> None:
    """Store the pending version of the secret."""
    domain, place = run.wanted.domain, KeyPlace(made.bucket, made.key)
    secret_id = run.chosen("secret_id")

    def shows() -> bool:
        found = run.custodian.ask(GetStore(secret_id, domain, run.selector, place)).result()
        entry = getattr(found, "pending", None)
        return entry is not None and sha256_of(entry.record) == made.sha256

    version = stored.version
    entering = EnterSelector(secret_id, version, domain, run.selector, place, made.sha256)
    _make(run, _intended(run, ENTER, stored.arn, made.sha256), entering, shows)


def promote(run: Run, stored: Secret, made: KeyObject) -> None:
    """Make the pending version current, in the place of the version that was read."""
    secret_id = run.chosen("secret_id")

    def shows() -> bool:
        found = run.ask_secret().result()
        entry = entry_of(found, run.wanted.domain, run.selector)
        return entry is not None and sha256_of(entry.record) == made.sha256

    promoting = PromoteSecret(secret_id, stored.version, run.selector, made.sha256)
    _make(run, _intended(run, PROMOTE, stored.arn, made.sha256), promoting, shows)


def publish(run: Run, writer: DnsWriter, made: KeyObject) -> None:
    """Publish the key record, where nothing stands."""
    name, value = record_name(run, run.selector), format_key_record(made.public_key)

    def shows() -> bool:
        found = run.custodian.ask(GetRecord(writer, name)).result()
        return getattr(found, "values", ()) == (value,)

    if shows():  # an earlier run published it; a name server lags
        return
    adding = ChangeRecord(writer, name, add=value, ttl=run.settings.number("ttl"))
    intended = _intended(run, DNS_WRITES[writer.kind], name, made.sha256)
    _make(run, intended, adding, shows)


def withdraw(run: Run, writer: DnsWriter, value: str) -> None:
    """Remove the key record."""
    name = record_name(run, run.selector)

    def is_gone() -> bool:
        here = run.custodian.ask(GetRecord(writer, name)).result()
        return not isinstance(here, Unread) and value not in here.values

    if is_gone():  # an earlier run removed it; a name server lags
        return
    removing = ChangeRecord(writer, name, remove=value)
    key = "; ".join(sorted(known_keys(run.seen, run.seen.requested)))
    _make(run, _leaving(run, DNS_WRITES[writer.kind], name, key), removing, is_gone)


def delete(run: Run, version: KeyObject) -> None:
    """Delete a version of the key object for good, unless somebody else has."""
    place = KeyPlace(version.bucket, version.key, version.version or "null")

    def is_gone() -> bool:
        read = run.custodian.ask(GetKeyVersions(place)).result()
        here = read.versions if isinstance(read, KeyVersions) else (version,)
        return version.place not in [each.place for each in here]

    deleting = DeleteKeyVersion(place, version.sha256)
    intended = _leaving(run, "DeleteObject", version.place, version.sha256)
    _make(run, intended, deleting, is_gone, passes="NoSuchVersion")


def _is_pending(run: Run, seen: Observation) -> bool:
    """Return whether AWSPENDING is the version that this run would make from the current one."""
    stored = seen.secret
    return (
        isinstance(stored, Secret)
        and prepare.is_pending_ours(seen)
        and stored.pending == version_for(stored.version, run.selector, seen.requested.key_sha256)
    )


def _place_of(writer: DnsWriter | None) -> str:
    if writer is None:
        return "request"
    return f"{writer.kind} {writer.hosted_zone_id or writer.server}"


def _intended(run: Run, operation: str, target: str, sha256: str) -> WriteIntended:
    before = run.seen.current.selector
    return WriteIntended(
        operation=operation, target=target, before=before, after=run.selector, key_sha256=sha256
    )


def _leaving(run: Run, operation: str, target: str, sha256: str) -> WriteIntended:
    seen = run.seen.identity if isinstance(run.seen.identity, Identity) else None
    return WriteIntended(
        operation=operation, target=target, before=run.selector, after="", key_sha256=sha256,
        seen=seen,
    )  # fmt: skip


def _make(
    run: Run,
    intended: WriteIntended,
    operation: Write,
    shows: Callable[[], bool],
    *,
    passes: str = "",
) -> None:
    """Make a write, and go on only where it was read back.

    Args:
        run: the run, whose plan holds the write.
        intended: what goes to the disk first.
        operation: the write itself.
        shows: reads whether it is there.
        passes: code of a rejection that means that nothing is left to do.

    Raises:
        RunEnded: it was rejected, or does not show.
    """
    answered = make_write(run, intended, operation, shows)
    if answered.result == "accepted" or (passes and answered.code == passes):
        return
    values = {"operation": answered.operation, "code": answered.code or "-"}
    headline = _("{operation} has no clear answer ({code}) and does not show yet. Run the same "
                 "command again: it does what is missing.", **values)  # fmt: skip
    if answered.result == "rejected":
        headline = _("{operation} was rejected ({code}). Nothing was overwritten. Run the same "
                     "command again: it does what is missing.", **values)  # fmt: skip
    close(run, "FAILED", headline)


def _require_key(value: str, kind: str, name: str) -> None:
    if not value:
        raise InputError(
            _("dns_writer is {kind}, and byodkim.toml has no {name}.", kind=kind, name=name),
            todo=_('Write {name} into byodkim.toml, or dns_writer = "request".', name=name),
        )


def new_place(run: Run) -> KeyPlace:
    """Return where a new private key is to be stored, by ``key_layout``."""
    path = run.settings.text("key_layout").format(domain=run.wanted.domain, selector=run.selector)
    return KeyPlace(run.chosen("key_bucket"), path)


def make_write(
    run: Run,
    intended: WriteIntended,
    operation: Write,
    shows: Callable[[], bool],
) -> WriteAnswered:
    """Make one write to key store or DNS, and read it back until it shows.

    Args:
        run: the run, whose plan holds the write.
        intended: what goes to the disk first.
        operation: the write itself.
        shows: reads whether it is there. It is asked for ``late_write_seconds`` at most.

    Returns:
        The answer. Its result is ``accepted`` only where the write was read back; ``unclear`` where
        it does not show, and may still arrive.

    Raises:
        RecordError: the intent could not be kept; nothing was sent.
    """
    run.write(intended)
    event = answered(intended.operation, run.custodian.ask(operation).result())
    run.write(event)
    if event.result == "rejected":
        return event
    ends = run.now() + timedelta(seconds=run.settings.number("late_write_seconds"))
    while not (is_there := shows()) and run.now() < ends:
        time.sleep(READ_S)
    result = "landed" if is_there else "not-known-yet"
    run.write(ReadBack(operation=intended.operation, result=result))
    return replace(event, result="accepted" if is_there else "unclear")
