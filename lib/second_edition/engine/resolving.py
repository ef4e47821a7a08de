"""Observe DNS: the servers, the key record at each, and what a run has to know besides to rely on it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from threading import Lock

from msgspec.structs import replace

from second_edition.dkim.matrix import judge_together
from second_edition.dkim.names import record_name
from second_edition.dkim.published import Answer, Server, Verdict
from second_edition.dns.delegation import find_servers, system_resolvers
from second_edition.dns.lookup import ask, follow
from second_edition.engine.run import Observer
from second_edition.rotation.resolution import BLOCKED, OPEN, Delegation, Resolution, Sighting
from second_edition.rotation.timing import condensed, remembered

_ENCRYPTED_S = 5.0  # for each wait within one question


def look(run: Observer, selector: str) -> tuple[tuple[Answer, ...], Resolution]:
    """Return the key record of ``selector`` at every authoritative server, and what else was seen.

    Raises:
        AccessError: the servers could not be found.
    """
    name = record_name(selector, run.intent.domain).lower()  # as answers name it
    servers, delegation = _servers(run, name)
    # A name that nobody ever made, beside the record: who answers to it answers to all.
    sibling = record_name(secrets.token_hex(10), run.intent.domain)
    answers = ask(servers, [name, sibling])
    records = tuple(answer for answer in answers if answer.name == name)
    siblings = tuple(answer for answer in answers if answer.name == sibling)
    path = _path(run, delegation, records)
    encrypted = _ask_encrypted(run, [name, sibling]) if path == BLOCKED else ()
    seen = Resolution(
        delegation=delegation,
        path=path,
        siblings=(*siblings, *(answer for answer in encrypted if answer.name == sibling)),
        followed=_follow(run, records),
        encrypted=tuple(answer for answer in encrypted if answer.name == name),
        encrypted_counts=run.intent.section.encrypted_dns_is_evidence,
    )
    return records, seen


def history(run: Observer, earlier: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Return what was seen before: by ``earlier`` runs, and by this one when it looked last and while it waited."""
    return condensed([*earlier, *run.history, *(remembered(run.seen) if run.seen else ())])


def _servers(run: Observer, name: str) -> tuple[Sequence[Server], Delegation | None]:
    if run.intent.nameservers:
        return run.intent.nameservers, None
    with run.walking.setdefault(name, Lock()):
        if name not in run.found:
            run.found[name] = find_servers(name, language=run.intent.language)
    return run.found[name].servers, run.found[name]


def look_again(run: Observer, selector: str) -> tuple[Answer, ...]:
    """Return the key record alone."""
    name = record_name(selector, run.intent.domain)
    return ask(_servers(run, name)[0], [name])


def look_followed(run: Observer, selector: str) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
    """Return the key record of the rollback's selector, and what the servers of a CNAME's target say."""
    records = look_again(run, selector)
    return records, _follow(run, records)


def look_at_others(run: Observer, selectors: Sequence[str]) -> tuple[Answer, ...]:
    """Return the key records of other selectors at the servers of the one asked for: a walk for each takes long."""
    servers, _ = _servers(run, record_name(run.intent.selector, run.intent.domain))
    return ask(servers, [record_name(selector, run.intent.domain) for selector in selectors])


def _follow(run: Observer, records: Sequence[Answer]) -> tuple[Answer, ...]:
    return follow(records, lambda name: _servers(run, name)[0])


def _path(run: Observer, delegation: Delegation | None, records: Sequence[Answer]) -> str:
    """Return whether authoritative servers can be asked from here at all.

    They cannot where a resolver had to tell the servers since no root server answers, or where the servers were given
    and there are encrypted resolvers to turn to; and none of them says a word with authority.
    """
    if any(answer.authoritative for answer in records):
        return OPEN
    elsewhere = bool(run.intent.encrypted_resolvers) if delegation is None else delegation.found_by == "resolver"
    return BLOCKED if elsewhere else OPEN


def besides(
    run: Observer, records: Sequence[Answer], others: Sequence[Answer], seen: Resolution, sha256: str
) -> Resolution:
    """Return what resolvers say, when it is time to ask them.

    Encrypted ones are asked for the current record too (``others``) where they stand in for authoritative servers.
    Plain ones are asked once every authoritative server serves the key: asked earlier, they would remember "none".
    Those that answer SERVFAIL are asked again without DNSSEC validation.
    """
    if seen.path == BLOCKED:
        current = _ask_encrypted(run, [others[0].name]) if others else ()
        name = [answer.name for answer in records[:1]]
        unvalidated = _ask_encrypted(run, name, _failing(seen.encrypted), checking_disabled=True)
        return replace(seen, encrypted=(*seen.encrypted, *current), unvalidated=unvalidated)
    judged = judge_together(records, sha256 or "-", seen.followed)
    counted = [one.verdict for one in judged if one.verdict is not Verdict.NO_IPV6]
    if not counted or any(verdict is not Verdict.THE_KEY for verdict in counted):
        return seen
    resolvers = run.intent.resolvers
    # Given name servers stand in for the world's, which the system's resolvers know nothing of.
    if not resolvers and not run.intent.nameservers:
        resolvers = system_resolvers()
    name = [records[0].name]
    resolved = ask(resolvers, name, attempts=1, recursion=True)
    unvalidated = ask(_failing(resolved), name, attempts=1, recursion=True, checking_disabled=True)
    return replace(seen, resolved=resolved, unvalidated=unvalidated)


def _failing(answers: Sequence[Answer]) -> tuple[Server, ...]:
    """Return the resolvers that answered SERVFAIL, as a validating one does where DNSSEC signatures are bogus."""
    return tuple(answer.server for answer in answers if answer.rcode == "SERVFAIL")


def _ask_encrypted(
    run: Observer, names: Sequence[str], resolvers: Sequence[Server] | None = None, *, checking_disabled: bool = False
) -> tuple[Answer, ...]:
    servers = run.intent.encrypted_resolvers if resolvers is None else resolvers
    return ask(
        servers, names, serial=False, recursion=True, checking_disabled=checking_disabled, timeout_s=_ENCRYPTED_S
    )
