"""The rollback, checked before the switch: the same checks, with the two selectors in each other's
place.
"""

from typing import Final

from msgspec.structs import replace

from byodkim.checks import dns, identity, key, secret, time
from byodkim.checks.check import Check, Failed, Finding, Skipped, check, evaluate
from byodkim.checks.world import HAS_WORKED, Identity, Observation, PastRun
from byodkim.words import Sentence, _

#: What a rollback would check. PLAN-LOCK and PLAN-APPROVED can only be judged when it runs.
ROLLBACK: Final[tuple[Check, ...]] = (
    identity.ses_account, identity.ses_exists, identity.ses_origin, identity.ses_signing,
    secret.secret_entry, secret.secret_stage,
    key.key_object, key.key_form, key.key_pair, key.key_signs, key.key_reused,
    dns.dns_answers, dns.dns_published, dns.dns_delegation, dns.dns_dnssec,
    time.time_clock, time.time_activate,
)  # fmt: skip


#: Checks about what both selectors share. A waiver of one holds for the rollback too.
SHARED: Final = frozenset({
    "SES-SIGNING", "SECRET-STAGE", "DNS-ANSWERS", "DNS-DELEGATION", "DNS-DNSSEC", "TIME-CLOCK",
})  # fmt: skip


def rollback_findings(seen: Observation) -> list[Finding]:
    """Return what a rollback's own checks come to on what this run sees; empty where there is
    nothing to go back to.
    """
    if not has_way_back(seen):
        return []
    return evaluate(ROLLBACK, mirrored(seen))


def has_way_back(seen: Observation) -> bool:
    """Return whether another selector was in use, is known to have worked, and was not retired."""
    selector = seen.current.selector
    if selector in ("", seen.requested.selector) or seen.history.retired(selector):
        return False
    works_now = seen.status_of(selector) in HAS_WORKED
    return works_now or bool(seen.history.worked(selector)) or seen.is_switched


def mirrored(seen: Observation) -> Observation:
    """Return what a rollback would see after the switch: the two selectors have changed places.

    This run will be a sealed run by then that saw the selector in use at work, so the rollback
    needs no entry in the secret. Only waivers of what both selectors share are kept.
    """
    after, history = seen.identity, seen.history
    waivers = {name: why for name, why in seen.wanted.waivers.items() if name in SHARED}
    if seen.status_of(seen.current.selector) in HAS_WORKED:
        history = replace(history, runs=(*history.runs, _this_run(seen)))
    if isinstance(after, Identity):
        after = replace(after, selectors=(seen.requested.selector,), status="PENDING")
    return replace(
        seen,
        wanted=replace(seen.wanted, waivers=waivers),
        identity=after,
        requested=seen.current,
        current=seen.requested,
        history=history,
    )


def _this_run(seen: Observation) -> PastRun:
    """Return as much of this run as ``History.worked`` reads."""
    return PastRun(
        name="", run="", procedure="rotate", mode="apply", outcome="SWITCHED",
        target="", account="", region="", domain="", opened_at=seen.at, closed_at=seen.at,
        selector=seen.requested.selector, previous=seen.current.selector, previous_status="SUCCESS",
    )  # fmt: skip


@check("ROLLBACK-CHECKS", _("A rollback would pass every check"))
def rollback_checks(seen: Observation) -> Sentence:
    """Require that the rollback's own checks pass before the switch.

    It only warns in a rollback, where SES does not show the selector in use as verified, and where
    its published record is gone or another one: then mail fails already, and the switch is the
    cure.

    Raises:
        Failed: one of them does not pass; names the first.
        Skipped: there is no earlier selector that is known to have worked.
    """
    if not has_way_back(seen):
        raise Skipped(_("No earlier selector is known to have worked"))
    for finding in rollback_findings(seen):
        if finding.stops:
            raise Failed(
                _("{check}: {saw}", check=finding.check, saw=finding.saw),
                todo=finding.todo,
                warns=seen.is_rollback or not current_works(seen),
            )
    return _("{selector} could be set again now", selector=seen.current.selector)


def current_works(seen: Observation) -> bool:
    """Return whether receivers can verify what SES signs with now.

    SES says SUCCESS, and a server publishes a key that this selector is known to have.
    """
    if not isinstance(seen.identity, Identity) or seen.is_switched:
        return False
    if seen.identity.status != "SUCCESS" or not seen.identity.signs:
        return False
    results = [verdict for _server, verdict in dns.answering(seen.current, "")]
    keys = secret.known_keys(seen, seen.current)
    published = {verdict.sha256 for verdict in results if verdict.is_published}
    return not results or bool(published & keys if keys else published)
