"""A plan and its rehearsal: what the one would do in production, and the other did in a twin. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from second_edition.dkim.published import Answer
from second_edition.rotation.plan import CHECK, WARNING, Plan, Write, drift

#: Facts that a twin has of its own: account and Region, and versions and digests of what it made anew.
_OWN: Final = re.compile(r"account|region|.*(version|sha256|etag).*")
_MADE: Final = re.compile(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}[_T]\d{6}Z?")


class Tried(Struct, frozen=True, forbid_unknown_fields=True):
    """A rehearsal of a change, in a twin of the identity.

    Attributes:
        run: its id.
        outcome: of it; "" where it never closed.
        at: when it closed, by the twin's clock.
        observed_at: when production was as the twin is.
        plan: production's plan then; ``None`` for none.
        carried: the rehearsal's own plan, which it carried out; ``None`` for none.
        origin: the run of production that its twin says it was made of; ``sha256``: of the twin's description.
        defect: "" or why it proves nothing: its record is ``altered``, ``unsealed`` or ``unread``, its twin ``edited``,
            or the run that the twin was made of is ``missing``.
    """

    run: str
    outcome: str
    at: str
    observed_at: str
    plan: Plan | None
    carried: Plan | None = None
    origin: str = ""
    sha256: str = ""
    defect: str = ""


class Rehearsal(Struct, frozen=True):
    """A plan that is to be carried out, and its newest rehearsal; ``None`` where there is none."""

    plan: Plan
    tried: Tried | None


def is_of(plan: Plan, selector: str) -> bool:
    """Return whether a plan is of a change that concerns a selector; one that writes nothing may be."""
    return all(write.next_selector in ("", selector) for write in plan.writes)


def moved(tried: Tried, present: Plan) -> tuple[tuple[str, str, str], ...]:
    """Return in which facts production differs from what the twin was made of: (fact, then, now)."""
    if tried.plan is None:
        return ()
    writes = [
        (f"write {number}", f"{then or '-'}", f"{now or '-'}")
        for number, (then, now) in enumerate(zip_longest(tried.plan.writes, present.writes), 1)
        if then != now
    ]
    return (*writes, *(fact for fact in drift(tried.plan, present) if not fact[0].startswith((CHECK, WARNING))))


def acts(plan: Plan | None) -> list[str]:
    """Return what a plan writes, each thing once: a twin's keys, versions and times are its own."""
    return list(dict.fromkeys(_act(write) for write in plan.writes)) if plan else []


def differing(
    shown: Plan, made: Plan, servers: Sequence[str] = (), own: Sequence[str] = ()
) -> list[tuple[str, str, str]]:
    """Return what differs between production's plan and the twin's, but for keys and versions: (fact, there, here).

    Args:
        shown: the plan that the twin is made of.
        made: the twin's.
        servers: name servers of production, in the order of the twin's ``own``.
        own: the twin's name servers.
    """
    there, here = dict(_facts(shown, servers)), dict(_facts(made, own))
    names = sorted({*there, *here})
    found = ((name, there.get(name, "-"), here.get(name, "-")) for name in names)
    return [one for one in found if one[1] != one[2]]


def servers_of(answers: Sequence[Answer]) -> list[str]:
    """Return the name servers that answered, each once, as a plan's facts name them."""
    return list(dict.fromkeys(f"{one.server.name} {one.server}".strip() for one in answers))


def _act(write: Write) -> str:
    selectors = " → ".join(filter(None, (write.current_selector, write.next_selector)))
    return f"{write.operation} {_MADE.sub('*', write.target)} {selectors}".strip()


def _facts(plan: Plan, servers: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, act in enumerate(acts(plan), 1):
        yield f"write {number}", act
    numbers = {f"dns.{server}": f"dns.server {number}" for number, server in enumerate(servers, 1)}
    for name, value in plan.relies_on.items():
        if name.startswith(CHECK):
            value = value.partition(":")[0]  # what was waived is said in names of its own
        if not _OWN.fullmatch(name) and (name in numbers or not name.startswith("dns.")):
            yield numbers.get(name, name), _MADE.sub("", value).strip()
