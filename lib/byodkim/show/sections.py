"""What each step shows: functions from a record to a section, for notebook and page."""

from collections.abc import Callable
from typing import Final

from byodkim.record.events import Observed, of_kind
from byodkim.record.record import Record
from byodkim.show import mail, tables
from byodkim.show.commands import retire_command
from byodkim.show.section import Code, Facts, Part, Section, Status, clock
from byodkim.show.timeline import shown, tally
from byodkim.words import Sentence, _, n_


def target(record: Record) -> Section:
    """Return what the run is about, and who runs it."""
    begun = record.begun
    rows = [
        (_("Identity"), f"{begun.domain}, {begun.account} {begun.region}"),
        (_("Selector"), begun.selector),
        (_("Mode"), f"{begun.procedure}, {begun.mode}, {begun.target}"),
        (_("Operator"), begun.operator),
    ]
    return Section(_("Identity and operator"), (Facts(rows),))


def identity(record: Record) -> Section:
    """Return every field of the identity, before and after a write, changed rows marked."""
    title = _("Identity in SES")
    if record.before is None:
        return missing(title, _("The identity was not read."))
    return Section(title, (tables.compared(tables.identity_fields(record)),))


def compared(record: Record) -> Section:
    """Return the identity before and after as pandas compares it."""
    from pandas import DataFrame  # has been loaded by now

    if record.before is None:
        return identity(record)
    frame = DataFrame(tables.identity_fields(record), dtype=object)
    fields = (tables.Field(*row) for row in frame.itertuples(index=False))
    return Section(_("Before and after"), (tables.compared(fields),))


def servers(record: Record) -> Section:
    """Return what every authoritative server serves for both selectors."""
    title = _("Authoritative name servers")
    seen = [event.observation for event in of_kind(Observed, record.events)]
    if not seen or not seen[-1].requested.answers:
        return missing(title, _("No name server was asked."))
    answered = _("As they answered at {time}.", time=clock(seen[-1].at, record.zone))
    return Section(title, (answered, tables.servers(seen[-1])))


def proof(record: Record) -> Section:
    """Return the proof of the key pair: the key at every place."""
    title = _("Proof of the key pair")
    seen = record.observation
    if seen is None or not seen.requested.selector:
        return missing(title, _("No key was read."))
    body: list[Part] = []
    for side in tables.sides(seen):
        found = list(tables.places(record, side))
        said = _("{selector}: {same} of {count} places hold the key whose private half is in S3.",
                 selector=side.selector, same=sum(each.same is True for each in found),
                 count=len(found))  # fmt: skip
        body += [said, tables.keys(found)]
    found = list(tables.places(record, seen.requested))
    other = [each for each in found if not each.same]
    if other and all(each.waits for each in other):
        return Section(title, body)
    return Section(title, body, "refused" if other else "passed")


def not_passed(record: Record) -> Section:
    """Return the checks that did not pass or were waived."""
    title = _("Checks")
    if record.checked is None:
        return missing(title, _("No check was evaluated."))
    findings = [finding for finding in record.findings if not finding.is_met]
    listed = tables.checks(findings) if findings else _("Every check passed or did not apply.")
    status: Status = "refused" if record.stopping else "passed"
    return Section(title, (tally(record.findings), listed), status)


def passed(record: Record) -> Section:
    """Return the checks that passed or did not apply, and those of the rollback."""
    findings = [finding for finding in record.findings if finding.is_met]
    body: list[Part] = [tables.checks(findings)] if findings else []
    if record.rollback:
        of_rollback = _("Checks of a rollback to {selector}: {tally}.",
                        selector=record.previous, tally=tally(record.rollback))  # fmt: skip
        body += [of_rollback, tables.checks(record.rollback)]
    return Section(_("Checks that passed, and the rollback's"), body, folded=True)


def plan(record: Record) -> Section:
    """Return what would be changed, and the facts that the plan relies on."""
    title = _("Plan")
    if record.plan is None:
        return missing(title, _("No plan was made."))
    changes = record.plan.writes or [_("Nothing is to be changed.")]
    digest = _(
        "Plan {digest}. If one of these facts changes, it is another plan.",
        digest=record.plan.digest,
    )
    is_past = record.outcome not in ("", "PLANNED")
    return Section(title, (*changes, digest, tables.plan(record)), folded=is_past)


def written(record: Record) -> Section:
    """Return what the run wrote, and what that means for mail."""
    status: Status = "passed" if record.writes else "skipped"
    if any(write.state != "made" for write in record.writes):
        status = "refused"
    return Section(_("Writes"), mail.meaning(record), status)


def verified(record: Record) -> Section:
    """Return whether SES signs with the requested selector, verified."""
    title = _("Verification by SES")
    last = record.after or record.before
    if last is None:
        return missing(title, _("The identity was not read."))
    status: Status = "refused" if record.ses_write else "skipped"
    return Section(title, (shown(last),), "passed" if record.signs_as_requested else status)


def message(record: Record) -> Section:
    """Return what a received message proved."""
    title = _("Proof by a received message")
    if record.message is None:
        return missing(title, _("No message was given."))
    finding = record.message.finding
    status: Status = "passed" if finding.is_met else "refused"
    return Section(title, (tables.checks([finding]),), status)


def dns_request(record: Record) -> Section:
    """Return the DNS request, and what comes after the overlap."""
    title = _("DNS request")
    body: list[Part] = [tables.dns_request(record)] if record.request else []
    if record.request and record.request.action == "remove":
        from byodkim.dns.letter import removal_paragraph  # only where a record is to go

        body.insert(0, removal_paragraph(record.request.name, record.request.value))
    if record.retire_on:
        retire = _("Keep the key record of {selector} until {day}. Then:",
                   selector=record.previous, day=record.retire_on.isoformat())  # fmt: skip
        body += [retire, Code(retire_command(record))]
    if not body:
        return missing(title, _("No DNS request was written."))
    return Section(title, tuple(body), folded=record.outcome in ("SWITCHED", "UNCHANGED"))


def timeline(record: Record) -> Section:
    """Return what happened and when, with AWS's request ids."""
    return Section(_("Timeline"), (tables.timeline(record),))


def settings(record: Record) -> Section:
    """Return version, the parameters that were passed in, and the settings in force."""
    begun = record.begun
    version = {"byodkim": begun.version, "code": begun.code, "run": begun.run}
    body = (tables.named({**version, **begun.parameters}), tables.named(begun.settings))
    return Section(_("Parameters and settings"), body, folded=True)


def calls(record: Record) -> Section:
    """Return every AWS call."""
    title = n_("{count} AWS call", "{count} AWS calls", len(record.calls))
    return Section(title, (tables.calls(record),) if record.calls else (), folded=True)


def missing(title: Sentence, why: Sentence) -> Section:
    """Return the section of what did not happen."""
    return Section(title, (why,), "skipped")


Show = Callable[[Record], Section]
#: What each step of a notebook shows.
SECTIONS: Final[dict[str, tuple[Show, ...]]] = {
    "begin": (target, settings),
    "observe": (identity, servers),
    "prove": (proof,),
    "check": (not_passed, passed),
    "plan": (plan,),
    "apply": (written,),
    "verify": (verified,),
    "compare": (compared, message),
    "hand_over": (dns_request,),
    "close": (timeline, calls),
}
#: What a page shows below its first screen, which holds before and after.
PAGE: Final[tuple[Show, ...]] = (
    proof, not_passed, servers, timeline, dns_request, message, plan, passed, settings, calls,
)  # fmt: skip
