"""What prepare writes: looked at again, planned again, and each write written down, made once and read back."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from byodkim.custody.client import Refused
from byodkim.dkim.key_record import PublicKey, format_value
from byodkim.evidence.journal import digest
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import locking, readiness, store_survey, writing
from byodkim.procedure.run import Run, RunFailed
from byodkim.rotation import plan as plans
from byodkim.rotation import preparation
from byodkim.rotation.checks import Applying, Expected
from byodkim.rotation.checks.prepare import AFTER, BEFORE, Preparing
from byodkim.rotation.findings import Finding
from byodkim.rotation.plan import Plan, Write
from byodkim.rotation.preparation import Operation, Preparation

Came = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """The key pair under way: SHA-256 of its public key, the value of its key record, and where the private key is.

    ``path`` is how the secret says that: a key of the usual bucket, or an ``s3://`` address.
    """

    sha256: str
    value: str
    bucket: str
    key: str
    path: str

    @classmethod
    def of(cls, run: Run, public_key: str, sha256: str, bucket: str, key: str) -> Pair:
        """The pair of a key that the custodian described."""
        value = format_value(PublicKey.from_der(base64.b64decode(public_key)))
        return cls(sha256, value, bucket, key, key if bucket == run.intent.key_bucket else f"s3://{bucket}/{key}")


def observe(run: Run, prepared: Preparation | None = None) -> Preparation:
    """Looks (or takes what was looked at already) and writes it down."""
    prepared = prepared or store_survey.gather(run)
    if run.record.last("named") is None:
        run.write("named", **asdict(run.own.named))
    run.write("observed", observation=plain(prepared.seen), store=plain(prepared.store))
    run.seen, run.own.prepared = prepared.seen, prepared
    return prepared


def check(run: Run, prepared: Preparation) -> tuple[Finding, ...]:
    """Makes the checks that stand before a write and writes down what each came to."""
    findings = BEFORE.evaluate(_case(run, prepared), run.intent.waivers)
    run.write("checked", findings=plain(findings))
    return findings


def prove(run: Run, prepared: Preparation) -> tuple[Finding, ...]:
    """Makes rotate's checks on the key pair that stands, and writes them down after those that were made before."""
    findings = AFTER.evaluate(_case(run, prepared), run.intent.waivers)
    run.write("checked", findings=plain((*run.record.findings, *findings)))
    return findings


def _case(run: Run, prepared: Preparation) -> Preparing:
    expected = Expected(run.intent.account, run.intent.expected_region, run.intent.applies)
    case = Preparing(prepared.seen, expected, store=prepared.store)
    if not run.intent.applies:
        return case
    return replace(case, applying=Applying(Plan((), {}, ""), lock=run.record.lock, readiness=readiness.ready(run)))


def plan(run: Run, prepared: Preparation, findings: tuple[Finding, ...]) -> Plan:
    """Makes the plan and writes it down."""
    made = preparation.make(prepared, findings, digest)
    run.write("planned", plan=plain(made))
    return made


def apply(run: Run, shown: Plan) -> None:
    """Carries out the plan, if the world is still the one it was made for.

    Raises:
        RunRefused: a check fails now, or the plan would be another one now.
        RunFailed: a write was refused, or was not applied.
    """
    prepared = observe(run)
    findings = check(run, prepared)
    writing.refuse_if_unsafe(run, findings)
    made = plan(run, prepared, findings)
    if made.digest != shown.digest:
        raise writing.drifted(run, plans.drift(shown, made))
    pair = _standing(run, prepared)
    for write in made.writes:
        locking.confirm(run)
        if pair is None:
            pair = _make(run, prepared)
        _carry_out(run, write, prepared, pair)


def _standing(run: Run, prepared: Preparation) -> Pair | None:
    key = prepared.seen.next_key.key
    return Pair.of(run, key.public_key, key.sha256, key.bucket, key.key) if key and key.sha256 else None


def _make(run: Run, prepared: Preparation) -> Pair:
    """A new key pair, in the custodian. Everything that is written or shown is searched for it from now on."""
    made = run.custodian.ask("make", selector=run.intent.selector).result()
    run.gate.rely_on(run.custodian)
    return Pair.of(run, made["public_key"], made["sha256"], prepared.store.bucket, prepared.store.key)


def _carry_out(run: Run, write: Write, prepared: Preparation, pair: Pair) -> None:
    """One write: the intent on the disk before it, the answer after it, and then what really stands."""
    operation, staged = Operation(write.operation), prepared.store.staged
    # What is only released was put in force by an earlier run, in the place of what is the previous version now.
    base = staged.previous if prepared.entered else staged.current
    version = "" if operation is Operation.STORE else prepared.version(pair.sha256, base)
    duty, arguments = _asked(operation, prepared, pair, base, version)
    run.write("storing", write=plain(write), sha256=pair.sha256, version=version)
    came = writing.once(run, "stored", duty, **arguments)
    look = _LOOKS[operation]
    _settle(run, write, came, lambda: look(run, pair, version))


def _asked(
    operation: Operation, prepared: Preparation, pair: Pair, base: str, version: str
) -> tuple[str, dict[str, Any]]:
    """The custodian's duty for a write, and its arguments."""
    store, selector = prepared.store, prepared.seen.selector
    if operation is Operation.STORE:
        place = {"bucket": pair.bucket, "key": pair.key, "kms_key": store.kms_key}
        return "store", {"selector": selector, "sha256": pair.sha256, **place}
    secret = {"secret_id": store.secret_id, "version": version}
    if operation is Operation.ENTER:
        place = {"domain": prepared.seen.domain, "bucket": pair.bucket, "path": pair.path}
        return "enter", {**secret, "selector": selector, "value": pair.value, "base": base, **place}
    if operation is Operation.PROMOTE:
        return "promote", {**secret, "base": base}
    return "release", secret


def _settle(run: Run, write: Write, came: Came, look: Callable[[], tuple[bool, str]]) -> None:
    """Reads back what was written, whatever the answer was; goes on if it stands.

    Raises:
        RunFailed: it does not stand, or it can't be told.
    """
    applied, found, known = False, "", False
    for pause in writing.READ_BACK_PAUSES_S:
        time.sleep(pause)
        try:
            (applied, found), known = look(), True
        except Refused as refused:
            found = f"{refused.operation} {refused.code}"
        if applied:
            break
    run.write("settled", applied=applied, found=found)
    if applied:
        return
    language, code = run.intent.language, came.get("error", {}).get("code", "-")
    taken = known and write.operation == Operation.STORE and bool(found)
    key = "taken" if taken else "not-applied" if known else "not-known"
    values = {"operation": write.operation, "target": write.target, "code": code, "found": found or "-"}
    raise RunFailed(
        say("prepare", f"write.{key}", language, **values),
        say("prepare", f"means.{Operation(write.operation).name}", language, selector=write.next_selector),
        say("steps", "again", language),
    )


def _key_stands(run: Run, pair: Pair, version: str) -> tuple[bool, str]:  # noqa: ARG001
    asked = {"selector": run.intent.selector, "path": f"s3://{pair.bucket}/{pair.key}", "bucket": pair.bucket}
    found = run.custodian.ask("key", **asked, domain=run.intent.domain).result()
    what = "" if found["defect"] == "absent" else str(found["sha256"] or found["defect"])
    return found["sha256"] == pair.sha256, what


def _stages(run: Run) -> dict[str, dict[str, Any]]:
    found = run.custodian.ask("secret", secret_id=run.intent.secret_id, domain=run.intent.domain).result()
    return {str(version["stage"]): version for version in found}


def _entry_stands(run: Run, pair: Pair, version: str) -> tuple[bool, str]:
    pending = _stages(run).get("AWSPENDING", {})
    selector = run.intent.selector
    values = [one["dns_value"] for one in pending.get("entries", ()) if one["selector"] == selector]
    found = str(pending.get("version_id", ""))
    return (found, values) == (version, [pair.value]), found


def _is_in_force(run: Run, pair: Pair, version: str) -> tuple[bool, str]:  # noqa: ARG001
    found = str(_stages(run).get("AWSCURRENT", {}).get("version_id", ""))
    return found == version, found


def _is_released(run: Run, pair: Pair, version: str) -> tuple[bool, str]:  # noqa: ARG001
    found = str(_stages(run).get("AWSPENDING", {}).get("version_id", ""))
    return found != version, found


_LOOKS = {
    Operation.STORE: _key_stands,
    Operation.ENTER: _entry_stands,
    Operation.PROMOTE: _is_in_force,
    Operation.RELEASE: _is_released,
}
