"""The checks of publish: who acts, what stands at the key record's name, and what every server serves at last."""

from __future__ import annotations

from second_edition.dkim.character_string import escaped
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Verdict
from second_edition.procedures.publish.proposal import Proposal
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.published import among, unanswered
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Registry, Said, phrase

BEFORE, AFTER = Registry(), Registry()


class Publishing(Case, frozen=True, kw_only=True):
    """Hold who acts, with what was seen of the key record's name besides."""

    found: Proposal


BEFORE.share(CHECKS, "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "KEY-RETIRED")


@BEFORE("DNS-PUBLISHER", phrase("route53 or rfc2136"), waivable=False)
def publisher(case: Publishing) -> Said:
    """DNS-PUBLISHER: The profile's publisher writes key records itself.

    Where other people publish them, a plan run shows what would change, and an apply run has nothing to write by.

    Remedy: Hand over what byodkim request makes; or name route53 or rfc2136 as publisher in byodkim.toml.
    """
    if case.found.writes:
        return case.found.publisher
    observed = phrase("{publisher}: other people publish it", publisher=case.found.publisher)
    raise CheckFailed(observed) if case.expected.applies else CheckSkipped(observed)


@BEFORE("DNS-FREE", phrase("nothing, this key, or what replace names"), waivable=False)
def free(case: Publishing) -> Said:
    """DNS-FREE: No other record stands at the key record's name.

    It is read from the zone itself where this program may write it; else every authoritative server is asked, and all
    of them must say the same. A CNAME, several TXT records and a record of another key are never touched; but the one
    whose very value the parameter replace names is replaced.

    Remedy: Find out who relies on what stands there, then run the same command again.
    """
    if (refused := case.found.unplanned) is not None:
        kind = CheckUnknown if refused.reason == "unread" else CheckFailed
        raise kind(refused.observed, refused.todo)
    if (value := case.found.replaced) is not None:
        return phrase("{value}, which is replaced as the parameter replace says", value=escaped(value))
    change = case.found.zone.change if case.found.zone else None
    return phrase("no TXT record") if change and not change.before else phrase("this key")


BEFORE.share(CHECKS, "RECORD-SEALED", "RECORD-COPIED")


@AFTER("DNS-SERVED", phrase("the key at every address"), waivable=False)
def served(case: Publishing) -> Said:
    """DNS-SERVED: Every authoritative server serves the key record that was asked for.

    Every address of every server of the delegation is asked; on a machine without IPv6, every server at its IPv4
    addresses. What the zone's keeper answered to the write, INSYNC of Route 53 among it, proves nothing.

    Remedy: Find out why these servers do not serve the zone as it stands (zone transfer, NOTIFY, serial). Then the same
    command again: it writes nothing that stands, and asks every server anew.
    """
    served = case.found.served
    judged = [*zip(served, judge_together(served, case.found.wanted.sha256), strict=True)]
    counted = [(answer, one) for answer, one in judged if one.verdict is not Verdict.NO_IPV6]
    if not counted:
        raise CheckUnknown(phrase("The authoritative servers could not be found."))
    if lacking := [pair for pair in counted if pair[1].verdict is not Verdict.THE_KEY]:
        error = CheckUnknown if all(one.unknown for _, one in lacking) else CheckFailed
        raise error(among(lacking, counted), unanswered(lacking, counted))
    if unasked := len(judged) - len(counted):
        return phrase("every server serves it; this machine has no IPv6, addresses not asked: {count}", count=unasked)
    return phrase("{good} of {all} addresses serve it", good=len(counted), all=len(counted))
