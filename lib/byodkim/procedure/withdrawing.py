"""What retire writes: the key record first, and all that is left when no server serves it."""

from __future__ import annotations

from dataclasses import replace

from byodkim.dkim.names import record_name
from byodkim.dns.request_sheet import withdrawal_texts
from byodkim.evidence.journal import digest
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import erasing, handing, locking, publishing, readiness, retirement_survey, writing
from byodkim.procedure.run import Run, RunFailed
from byodkim.rotation import plan as plans
from byodkim.rotation import publication, retire_plan, retirement
from byodkim.rotation.checks import Applying, Expected
from byodkim.rotation.checks.retire import AFTER, BEFORE, Retiring
from byodkim.rotation.findings import Finding
from byodkim.rotation.plan import Plan
from byodkim.rotation.publication import Wanted
from byodkim.rotation.retirement import Retirement


def observe(run: Run, found: Retirement | None = None) -> Retirement:
    """Looks (or takes what was looked at already) and writes it down."""
    found = found or retirement_survey.gather(run)
    run.write("observed", observation=plain(found.seen), retirement=plain(found.facts))
    run.seen, run.own.found = found.seen, found
    return found


def check(run: Run, found: Retirement) -> tuple[Finding, ...]:
    """Makes the checks that stand before a write and writes down what each came to."""
    findings = BEFORE.evaluate(_case(run, found), run.intent.waivers)
    run.write("checked", findings=plain(findings))
    return findings


def prove(run: Run, found: Retirement) -> tuple[Finding, ...]:
    """Makes the checks of what is left, and writes them down in the place of those that they repeat."""
    findings = AFTER.evaluate(_case(run, found), run.intent.waivers)
    made = {finding.id for finding in findings}
    before = [finding for finding in run.record.findings if finding.id not in made]
    run.write("checked", findings=plain((*before, *findings)))
    return findings


def _case(run: Run, found: Retirement) -> Retiring:
    expected = Expected(run.intent.account, run.intent.expected_region, run.intent.applies)
    case = Retiring(found.seen, expected, facts=found.facts)
    if not run.intent.applies:
        return case
    return replace(case, applying=Applying(Plan((), {}, ""), lock=run.record.lock, readiness=readiness.ready(run)))


def plan(run: Run, found: Retirement, findings: tuple[Finding, ...]) -> Plan:
    """Makes the plan and writes it down.

    Raises:
        AccessError: what stands at the key record's name could not be read.
        RunRefused: something stands there that is not touched.
    """
    run.own.zone = None
    if run.own.way.writes or not found.withdrawn:
        run.own.zone = publishing.plan(run, run.own.way, wanted(run, found))
    zone = run.own.zone
    change = zone.digest if zone is not None and zone.change is not None else ""
    made = retire_plan.make(found, findings, _name(run), change, digest)
    run.write("planned", plan=plain(made))
    return made


def wanted(run: Run, found: Retirement) -> Wanted:
    """Return what is to stand at the key record's name. No key is the record of a selector that is known by none."""
    sha256 = found.sha256 or "-"
    if found.facts.policy.by == retirement.REMOVE:
        return publication.removing(_name(run), sha256)
    return publication.revoking(_name(run), found.ttl or run.intent.ttl, sha256)


def _name(run: Run) -> str:
    return record_name(run.intent.selector, run.intent.domain).lower()


def apply(run: Run, shown: Plan) -> None:
    """Carries out the plan, if the world is still the one it was made for.

    Raises:
        RunRefused: a check fails now, or the plan would be another one now.
        RunFailed: a write was refused or not applied, or not every server serves what was written.
    """
    found = observe(run)
    findings = check(run, found)
    writing.refuse_if_unsafe(run, findings)
    made = plan(run, found, findings)
    if made.digest != shown.digest:
        raise writing.drifted(run, plans.drift(shown, made))
    if made.asked:
        return
    _withdraw(run, found)
    for write in made.writes:
        erasing.carry_out(run, found, write)


def _withdraw(run: Run, found: Retirement) -> None:
    """The key record: written once, and then proved at every server, before anything else is touched."""
    zone = run.own.zone
    if zone is not None and zone.change is not None:
        locking.confirm(run)
        publishing.publish(run, run.own.way, zone)
    elif found.withdrawn:
        return
    aim = wanted(run, found)
    read = run.record.last("zone-read")
    if zone is not None and zone.change is None and read is not None and read["standing"]["found"] is None:
        aim = publication.removing(aim.name, aim.sha256)  # a record that is gone need not be revoked
    if publishing.prove(run, aim, run.intent.wait_dns_minutes * 60.0):
        return
    language = run.intent.language
    raise RunFailed(
        say("retire", "slow", language, name=aim.name),
        say("retire", "slow.means", language, selector=run.intent.selector),
        say("steps", "again", language),
    )


def hand_over(run: Run, found: Retirement) -> None:
    """The request to the DNS team, beside the record, and in the journal that it was written."""
    aim = wanted(run, found)
    files = handing.write_beside(run, withdrawal_texts(aim, run.intent.language))
    run.write(
        "requested", name=aim.name, aim=aim.aim.value, value=aim.value, ttl=aim.ttl, sha256=aim.sha256, files=files
    )
