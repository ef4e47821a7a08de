"""Foreseeing: a key record at every authoritative server, and what a plan run of rotate would see and find."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.names import check_selector
from byodkim.errors import CustodyError, ParameterError
from byodkim.evidence import history
from byodkim.evidence.journal import digest
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import observing, resolving
from byodkim.procedure.exploring import Exploration
from byodkim.procedure.surveying import identity_of, key_store, selectors
from byodkim.rotation import plan as plans
from byodkim.rotation.checks import CHECKS, Case, Expected
from byodkim.rotation.observation import Observation, Stored


def record(exploration: Exploration, domain: str, selector: str) -> Observation:
    """The key record of a selector at every authoritative server, and what was seen of DNS besides.

    Args:
        exploration: the open session.
        domain: the signing domain.
        selector: "" for the one that SES signs with.

    Raises:
        ParameterError: the selector is none, or SES does not say which it signs with.
        AccessError: the name servers cannot be found.
    """
    selector = selector or _in_use(exploration, domain)
    look = exploration.look(domain, check_selector(selector, exploration.language))
    answers, dns = resolving.look(look, selector)
    keys = {one.sha256 for one in judge_together(answers, None, dns.followed)}
    dns = resolving.besides(look, answers, (), dns, keys.pop() if len(keys) == 1 else "")
    at = exploration.clock().isoformat(timespec="milliseconds")
    return Observation(at, domain, selector, None, None, Stored(selector), None, answers, (), dns=dns)


def _in_use(exploration: Exploration, domain: str) -> str:
    if selector := identity_of(exploration, domain).selector:
        return selector
    language = exploration.language
    raise ParameterError(
        say("explore", "no-selector", language, domain=domain),
        say("explore", "untouched", language),
        say("explore", "no-selector.todo", language),
    )


def asked_for(exploration: Exploration) -> str:
    """The selector of the parameter, else the one that the secret names beside the one in use.

    Raises:
        ParameterError: the secret is not known, names none, or several.
        AccessError: the secret or the identity cannot be read.
    """
    if exploration.selector:
        return exploration.selector
    language, home = exploration.language, exploration.home
    named = selectors(key_store(exploration))
    current = identity_of(exploration, home.domain).selector
    others = [selector for selector in named if selector != current]
    if len(others) == 1 or (named and not others):
        return (others or named)[0]
    key = "several-selectors" if others else "no-next"
    raise ParameterError(
        say("explore", key, language, names=", ".join(others) or "-", secret=home.secret_id or "-"),
        say("explore", "untouched", language),
        say("explore", "name-selector", language),
    )


def rotation(exploration: Exploration, selector: str) -> Record:
    """Return what a plan run to ``selector`` would see, find and plan. It takes no lock, and writes no journal.

    The private keys are fetched for it by the custodian, which forgets them when this returns.

    Raises:
        ParameterError: the selector is none, or the profile does not say where the keys of this identity are.
    """
    home, language = exploration.home, exploration.language
    if not home.secret_id:
        raise ParameterError(
            say("explore", "no-secret", language, domain=home.domain or "-"), say("explore", "untouched", language)
        )
    look = exploration.look(home.domain, check_selector(selector, language))
    world = look.world
    look.archive = look.pool.submit(lambda: history.look(look.folder, world) if world else history.History())
    try:
        seen = observing.gather(look)
        exploration.gate.rely_on(exploration.custodian)
    finally:
        with suppress(CustodyError):  # one that has died has forgotten
            exploration.custodian.ask("forget").result()
    findings = CHECKS.evaluate(Case(seen, Expected(look.intent.account, look.intent.expected_region, False)), {})
    events: list[dict[str, Any]] = [
        {"event": "begin", "at": seen.at, "selector": selector, "domain": home.domain},
        {"event": "observed", "observation": plain(seen)},
        {"event": "checked", "findings": plain(findings)},
        {"event": "planned", "plan": plain(plans.make(seen, findings, digest))},
    ]
    return Record(events)
