"""The writes of prepare: which of them are missing, the plan of them, and each one with how it is
read back.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec.structs import replace

from byodkim.checks import dns, prepare
from byodkim.checks.secret import entry_of
from byodkim.checks.world import KeyObject, Observation, Secret
from byodkim.custody.settings import DnsWriter, KeyPlace, version_for
from byodkim.dkim.record import format_key_record, sha256_of
from byodkim.engine.dns_writer import dns_writer
from byodkim.engine.observe import new_place, record_name, setting
from byodkim.engine.plan import Plan, digest_of
from byodkim.engine.run import Run, layout_of
from byodkim.engine.stages import close
from byodkim.engine.write_ahead import make_write
from byodkim.record.events import WriteAnswered, WriteIntended
from byodkim.words import _

STORE: Final = "PutObject"
ENTER: Final = "PutSecretValue"
PROMOTE: Final = "UpdateSecretVersionStage"
PUBLISH: Final = {"route53": "ChangeResourceRecordSets", "rfc2136": "DnsUpdate"}


def missing_writes(run: Run, seen: Observation) -> list[str]:
    """Return the writes that make what is missing."""
    missing = [STORE] if prepare.is_key_absent(seen) else []
    if seen.requested.entry is None:
        missing += [PROMOTE] if _is_pending(run, seen) else [ENTER, PROMOTE]
    writer = dns_writer(run)
    is_published = any(verdict.is_published for _s, verdict in dns.verdicts(seen.requested, ""))
    if writer is not None and not is_published:
        missing.append(PUBLISH[writer.kind])
    return missing


def plan_of(run: Run, seen: Observation) -> Plan:
    """Return the plan. The same world and the same waivers give the same digest."""
    stored, writer, place = seen.requested.key, dns_writer(run), new_place(run)
    missing, name = missing_writes(run, seen), record_name(run, run.selector)
    facts = {
        "procedure": "prepare",
        "account": getattr(seen.caller, "account", ""),
        "region": seen.wanted.region,
        "domain": seen.wanted.domain,
        "selector": run.selector,
        "selector in use": ",".join(getattr(seen.identity, "selectors", ())),
        "key": seen.requested.key_sha256 or "RSA, 2048 bits, to be made",
        "key object": getattr(stored, "place", f"s3://{place.bucket}/{place.key}"),
        "KMS key": run.settings.text("key_kms"),
        "secret": " ".join(getattr(seen.secret, name, "") for name in ("arn", "version")),
        "secret layout": getattr(seen.secret, "layout", ""),
        "key record": name,
        "TTL": run.settings.text("ttl"),
        "DNS writer": _place_of(writer),
        "writes": ", ".join(missing),
        "waived": "; ".join(f"{name}: {why}" for name, why in sorted(seen.wanted.waivers.items())),
    }
    sentences = {
        STORE: _("S3: store a new RSA key of 2048 bits at {place}", place=facts["key object"]),
        ENTER: _("Secrets Manager: enter {selector} as a pending version of the secret",
                 selector=run.selector),
        PROMOTE: _("Secrets Manager: make that version current, once key and entry are read back"),
        "ChangeResourceRecordSets": _("Route 53: publish {name}", name=name),
        "DnsUpdate": _("DNS: publish {name} by a dynamic update", name=name),
    }  # fmt: skip
    return Plan(facts, tuple(sentences[each] for each in missing), digest_of(facts))


def store(run: Run) -> KeyObject:
    """Make the key pair and store it, where nothing is."""
    made = run.custodian.make_key().result()
    if not isinstance(made, KeyObject):
        close(run, "FAILED", _("No key could be made ({code}).", code=made.code))
        raise AssertionError
    place = new_place(run)

    def shows() -> bool:
        found = run.custodian.key(place).result()
        return isinstance(found, KeyObject) and found.sha256 == made.sha256

    send = partial(run.custodian.store_key, place, made.sha256, run.settings.text("key_kms"))
    intended = _intended(run, STORE, f"s3://{place.bucket}/{place.key}", made.sha256)
    _require(run, make_write(run, intended, send, shows))
    return replace(made, bucket=place.bucket, key=place.key)


def enter(run: Run, stored: Secret, made: KeyObject) -> None:
    """Store the pending version of the secret."""
    domain, place = run.wanted.domain, KeyPlace(made.bucket, made.key)
    secret_id = setting(run, "secret_id")

    def shows() -> bool:
        found = run.custodian.store(secret_id, domain, run.selector, place).result()
        entry = getattr(found, "pending", None)
        return entry is not None and sha256_of(entry.record) == made.sha256

    send = partial(
        run.custodian.enter_selector,
        secret_id, stored.version, domain, run.selector, place, made.sha256,
    )  # fmt: skip
    _require(run, make_write(run, _intended(run, ENTER, stored.arn, made.sha256), send, shows))


def promote(run: Run, stored: Secret, made: KeyObject) -> None:
    """Make the pending version current, in the place of the version that was read."""
    secret_id = setting(run, "secret_id")

    def shows() -> bool:
        found = run.custodian.secret(secret_id, layout_of(run.settings)).result()
        entry = entry_of(found, run.wanted.domain, run.selector)
        return entry is not None and sha256_of(entry.record) == made.sha256

    send = partial(
        run.custodian.promote_secret, secret_id, stored.version, run.selector, made.sha256
    )
    _require(run, make_write(run, _intended(run, PROMOTE, stored.arn, made.sha256), send, shows))


def publish(run: Run, writer: DnsWriter, made: KeyObject) -> None:
    """Publish the key record, where nothing stands."""
    name, value = record_name(run, run.selector), format_key_record(made.public_key)

    def shows() -> bool:
        found = run.custodian.record(writer, name).result()
        return getattr(found, "values", ()) == (value,)

    send = partial(run.custodian.add_record, writer, name, value, run.settings.number("ttl"))
    intended = _intended(run, PUBLISH[writer.kind], name, made.sha256)
    _require(run, make_write(run, intended, send, shows))


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


def _require(run: Run, answered: WriteAnswered) -> None:
    """Go on only where a write was read back.

    Raises:
        RunEnded: it was rejected, or does not show.
    """
    if answered.result == "accepted":
        return
    values = {"operation": answered.operation, "code": answered.code or "-"}
    headline = _("{operation} has no clear answer ({code}) and does not show yet. Give the same "
                 "command again: it makes what is missing.", **values)  # fmt: skip
    if answered.result == "rejected":
        headline = _("{operation} was rejected ({code}). Nothing was overwritten. Give the same "
                     "command again: it makes what is missing.", **values)  # fmt: skip
    close(run, "FAILED", headline)
