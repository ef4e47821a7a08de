"""The rollback: the selector to return to, its key and its key record, and whether its checks would pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from second_edition.dkim.published import Verdict, judge
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.key import LARGEST, SHA256, SIZES, SMALLEST, UNUSABLE, refuse_two_buckets
from second_edition.rotation.checks.published import among
from second_edition.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Finding,
    Level,
    Phrase,
    Said,
    advice,
    phrase,
)
from second_edition.rotation.findings import Verdict as Found
from second_edition.rotation.observation import EXTERNAL, SUCCESS, TEMPORARY, Identity
from second_edition.rotation.rollback import SHARED, has_worked, mirrored


@CHECKS("BACK-RECORD", phrase("the current key record at every server"))
def record(case: Case) -> Said:
    """BACK-RECORD: The current key record is still served everywhere.

    Going back depends on it. Every authoritative server was asked for it as for the next one, and all serve one valid
    record of one key. A server that could not be asked is not known to lack it. In a rollback it only warns: what is
    left need not work. It only warns, too, where SES no longer shows the current selector as verified: what heals mail
    then is the switch.

    Remedy: Have the current record published again before the switch: without it there is no rollback.
    """
    if (unneeded := _unneeded(case)) is not None:
        raise CheckSkipped(unneeded)
    answers = case.seen.judged(case.seen.current_records, None)
    if not answers:
        raise CheckUnknown(case.unread("dns"))
    good = sum(judgement.verdict is Verdict.A_KEY for _, judgement in answers)
    keys = {judgement.sha256 for _, judgement in answers if judgement.sha256}
    total, selector, level = len(answers), case.seen.current_selector, _level(case)
    if len(keys) > 1:
        observed = phrase(
            "{good} of {total} serve {selector}, with {keys} different keys",
            good=good,
            total=total,
            selector=selector,
            keys=len(keys),
        )
        raise CheckFailed(observed, level=level)
    silent = [(answer, judgement) for answer, judgement in answers if judgement.unknown]
    if wrong := [pair for pair in answers if pair[1].verdict is not Verdict.A_KEY and pair not in silent]:
        # Where the newer zone has no record, it is that server that lacks it, not the one that still serves it.
        lacking = [(answer, judgement) for answer, judgement in wrong if judge(answer).verdict is not Verdict.A_KEY]
        raise CheckFailed(among(lacking or wrong, answers), level=level)
    if silent:
        raise CheckUnknown(among(silent, answers), advice("BACK-RECORD.silent"), level)
    return phrase("{good} of {total} serve {selector}", good=good, total=total, selector=selector)


@CHECKS("BACK-KEY", phrase("the current key, pairing with its record"))
def key(case: Case) -> Said:
    """BACK-KEY: The current private key is in the key store and pairs with its record.

    It is compared with what DNS serves. The custodian has loaded it as it would to write it, SES takes its size, and
    its SHA-256 is that of what is served. SES hands back no key: what is not stored is lost. In a rollback it only
    warns: what is left need not work.

    Remedy: Find the current private key (the secret's AWSPREVIOUS version, one of the known layouts in S3, or an
    earlier version of the object): SES never gives it back, and without it there is no rollback.
    """
    if (unneeded := _unneeded(case)) is not None:
        raise CheckSkipped(unneeded)
    stored, level = case.seen.current_key.key if case.seen.current_key else None, _level(case)
    if stored is None:
        raise case.unknown("current-key", level)
    refuse_two_buckets(stored)
    if stored.defect:
        raise CheckFailed(UNUSABLE[stored.defect].given(size=stored.size), level=level)
    if not SMALLEST <= stored.bits <= LARGEST:
        raise CheckFailed(str(stored.bits), level=level, expected=SIZES)
    published = {
        judgement.sha256 for _, judgement in case.seen.judged(case.seen.current_records, None) if judgement.sha256
    }
    if published and published != {stored.sha256}:
        served = SHA256.given(sha256=" ".join(sorted(published)))
        raise CheckFailed(served, level=level, expected=SHA256.given(sha256=stored.sha256))
    if not published:
        raise CheckUnknown(level=level)
    return f"s3://{stored.bucket}/{stored.key}"


NEVER: Final = "never-worked"
NEVER_SEEN: Final = phrase(
    "no run signed by a trusted key saw {selector} verified while DNS served its key: it is no selector to return to"
)


@CHECKS("BACK-CHECKS", phrase("every check of a rollback passes"), Level.WARNS)
def checks(case: Case) -> Said:
    """BACK-CHECKS: A rollback would pass every check.

    Those that block are made on what it would see as the world stands now. Each is evaluated on this observation with
    the selectors exchanged: stored key, secret, every server's record, a signed message, and the times at which earlier
    states leave the caches. What does not depend on the selector, as account, signing and delegation, is what this
    run's own checks say.

    Remedy: Settle what the named checks say: until then there is no rollback. Where the switch is still to be made, do
    that first.
    """
    seen = case.seen
    identity = case.identity()
    if not seen.back_selector:
        raise CheckSkipped(phrase("no selector to return to"))
    if not has_worked(seen):
        if identity.selector != seen.back_selector:  # what SES says is not of this one
            raise CheckSkipped(NEVER_SEEN.given(selector=seen.back_selector))
        raise CheckSkipped(
            phrase(
                "no run signed by a trusted key saw {selector} verified while DNS served its key (SES says {status}): "
                "it is no selector to return to",
                selector=seen.back_selector,
                status=identity.status,
            )
        )
    made = CHECKS.evaluate(Case(mirrored(seen), replace(case.expected, applies=True)), {}, but=("BACK-CHECKS", *SHARED))
    refusing = [finding for finding in made if finding.stops]
    # What could not be looked at follows from what failed, where anything did.
    refusing = [finding for finding in refusing if finding.verdict is Found.FAIL] or _causes(refusing)
    if not refusing:
        return phrase(
            "checks of a rollback to {selector} that passed: {count}", selector=seen.back_selector, count=len(made)
        )
    observed = phrase(
        "a rollback to {selector} would be refused by {ids}",
        selector=seen.back_selector,
        ids=" ".join(finding.id for finding in refusing),
        # What to do about each of them, by its ID.
        **{finding.id: finding.remedy for finding in refusing if finding.remedy},
    )
    raise (CheckFailed if refusing[0].verdict is Found.FAIL else CheckUnknown)(observed)


def _causes(findings: Iterable[Finding]) -> list[Finding]:
    """Return what failed, and what could not be read once: checks that follow from it saw the same, or nothing."""
    found: list[Finding] = []
    for one in sorted(findings, key=lambda one: one.observed == NOT_CHECKED):
        if one.verdict is Found.FAIL or not any(one.observed in (NOT_CHECKED, other.observed) for other in found):
            found.append(one)
    return found


def _level(case: Case) -> Level | None:
    """Return WARNS where the selector that is left may be the very one that does not work: SES says so, or a rollback.

    ``None``: what the check always does.
    """
    if case.identity().status != SUCCESS:
        return Level.WARNS
    known = [used.selector for used in case.seen.used]  # oldest first
    requested, current = case.seen.selector, case.seen.current_selector
    if not case.seen.goes_back:
        return None
    earlier = current not in known or known.index(requested) < known.index(current)
    return Level.WARNS if earlier else None


def _unneeded(case: Case) -> Phrase | None:
    """Return why no rollback is called for, or ``None`` where one is."""
    identity: Identity = case.identity()
    if identity.signing_origin != EXTERNAL:  # which SES-ORIGIN says
        raise CheckUnknown
    if identity.selector == case.seen.selector:
        return phrase("no switch: none is needed")
    if identity.status not in (SUCCESS, TEMPORARY) and not has_worked(case.seen):
        return phrase(
            "SES says {status} of the selector in use: there is nothing to go back to", status=identity.status
        )
    if not identity.selector:
        raise CheckUnknown(phrase("SES does not show the selector in use"))
    return None


class Rollback(Struct, frozen=True):
    """The rollback from a run's switch, as that run's own checks judged it.

    Attributes:
        state: ``passes`` (every check of it passed), ``refused`` (some would refuse it), ``never-worked`` (the selector
            was never seen verified), or ``unevaluated``.
        remedies: by the id of each check that would refuse it, what to do first.
    """

    state: str
    remedies: Mapping[str, Phrase] = field(default_factory=dict)


def judged(findings: Sequence[Finding], after: Identity | None = None) -> Rollback:
    """Return what BACK-CHECKS came to, with what the run found of the checks that both runs share.

    Args:
        findings: of the run.
        after: the identity as SES showed it last, which somebody else may have changed since the checks.
    """
    found = next((finding for finding in findings if finding.id == "BACK-CHECKS"), None)
    if found is not None and found.verdict is Found.SKIPPED and "selector" in found.values:
        return Rollback(NEVER)
    if found is None or not (found.verdict is Found.PASS or "ids" in found.values):
        return Rollback("unevaluated")
    shared = (one for one in findings if one.id in SHARED and one.level is Level.BLOCKS and one.objects)
    remedies = {one.id: one.remedy for one in _causes(shared) if one.remedy}
    own = {name: value for name, value in found.values.items() if isinstance(value, Phrase)}
    remedies |= {name: value for name, value in own.items() if value not in remedies.values()}
    if after is not None and after.signing_origin != EXTERNAL:
        remedies["SES-ORIGIN"] = CHECKS.checks["SES-ORIGIN"].remedy
    if after is not None and after.signing_enabled is not True:
        remedies["SES-SIGNING"] = advice("SES-SIGNING.off", domain=after.name)
    return Rollback("refused" if remedies else "passes", remedies)
