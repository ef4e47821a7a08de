"""A plan and its rehearsal: what the one would do in production, and the other did in a twin. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from byodkim.dkim.published import Answer
from byodkim.rotation.plan import Plan

#: Facts that a twin has of its own: account and Region, and versions and digests of what it made anew.
_OWN: Final = re.compile(r"account|region|.*(version|sha256|etag).*")
_MADE: Final = re.compile(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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


def _facts(plan: Plan, servers: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, write in enumerate(plan.writes, 1):
        selectors = " → ".join(filter(None, (write.current_selector, write.next_selector)))
        yield f"write {number}", f"{write.operation} {_MADE.sub('*', write.target)} {selectors}".strip()
    numbers = {f"dns.{server}": f"dns.server {number}" for number, server in enumerate(servers, 1)}
    for name, value in plan.relies_on.items():
        if not _OWN.fullmatch(name) and (name in numbers or not name.startswith("dns.")):
            yield numbers.get(name, name), _MADE.sub("", value).strip()
