"""Delegations as they are in the world, each in a run that walks from the root: what it notes contradicts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from second_edition.dkim.published import Answer, Server
from second_edition.dns import delegation as walking
from second_edition.dns import lookup
from second_edition.engine import resolving
from second_edition.errors import ByodkimError
from second_edition.rotation.resolution import Delegation
from tests.second_edition.dns import internet
from tests.second_edition.dns.daemons import Daemon, bind, knot, nsd
from tests.second_edition.dns.internet import Internet, above, delegation, serve, zone
from tests.second_edition.engine.played import Stage
from tests.second_edition.engine.test_dns_refusals import profiled
from tests.second_edition.evidence.raw import contradictions
from tests.second_edition.sandbox.generator import zone_line

Machines = Sequence[tuple[Daemon, Mapping[str, str], str]]
NS1, NS2, NS9 = ({f"ns{number}.example.jp": f"192.0.2.5{number}"} for number in (1, 2, 9))


def beside(parent: dict[str, str], *machines: tuple[Daemon, Mapping[str, str], str]) -> Machines:
    """A root and top-level domains that delegate example.jp to ``parent``, and machines."""
    root, top = above(parent)
    return (knot, root, "192.0.2.1"), (nsd, top, "192.0.2.2"), *machines


def differing(keys: str) -> Machines:
    """The registrar has a server that the zone dropped, and which refuses; the zone has one that no parent names."""
    ours, other = zone("example.jp", NS1 | NS2, keys), zone("example.org", {"ns9.example.jp": ""})
    held = (bind, {"example.jp": ours}, "192.0.2.51 192.0.2.52"), (nsd, {"example.org": other}, "192.0.2.59")
    return beside(NS1 | NS9, *held)


def aliases(keys: str) -> Machines:
    """Each key record is a CNAME to a name in another's zone."""
    names = [line.split()[0] for line in keys.splitlines()]
    there = keys.replace("._domainkey.example.jp.", ".keys.example.com.")
    ours = zone("example.jp", NS1, *(f"{one} 300 CNAME {one.split('.')[0]}.keys.example.com." for one in names))
    theirs = zone("example.com", {"ns.example.com": "198.51.100.54"}, there)
    return beside(NS1, (nsd, {"example.jp": ours}, "192.0.2.51"), (nsd, {"example.com": theirs}, "198.51.100.54"))


def split(keys: str) -> Machines:
    """The key records' zone is one of its own, and so is the next selector's own name, elsewhere."""
    current, following = keys.splitlines()
    name = following.split()[0].rstrip(".")
    own = zone("example.jp", NS1 | NS9, delegation("_domainkey.example.jp", NS2))
    cut = delegation(name, {"ns9.example.jp": ""})
    below = zone("_domainkey.example.jp", {"ns2.example.jp": ""}, current, cut)
    held = {"_domainkey.example.jp": below}, {name: zone(name, {"ns9.example.jp": ""}, following)}
    return beside(
        NS1, (nsd, {"example.jp": own}, "192.0.2.51"), (nsd, held[0], "192.0.2.52"), (nsd, held[1], "192.0.2.59")
    )


def unreachable(keys: str) -> Machines:
    """No root server answers, and the system's resolver knows no such zone."""
    del keys
    return ()


WORLDS: Sequence[Callable[[str], Machines]] = (differing, aliases, split, unreachable)


def asked_in(world: Internet) -> Callable[..., tuple[Answer, ...]]:
    """Asks a world's name servers, each where it really is."""

    def ask(servers: Sequence[Server], names: Sequence[str], **how: Any) -> tuple[Answer, ...]:
        places = [world.at(one) if one.address in world.ports else replace(one, port=1) for one in servers]
        answers = [lookup.ask([place], names, **how) for place in places]
        return tuple(replace(one, server=of) for of, some in zip(servers, answers, strict=True) for one in some)

    return ask


QUICK = {"made": (differing, aliases, split)}


@pytest.mark.parametrize("made", WORLDS, ids=lambda made: made.__name__)
def test_a_run_that_walks(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[str], Machines]
) -> None:
    facts = stage.sandbox.facts
    keys = "".join(zone_line(facts, one) for one in (facts.current_selector, facts.next_selector))
    with serve(tmp_path / "world", *made(keys)) as world:

        def find(name: str, **_: Any) -> Delegation:
            return walking.find_servers(name, roots=internet.ROOTS, ask=world.ask, lifetime_s=0.5)

        monkeypatch.setattr(resolving, "find_servers", find)
        monkeypatch.setattr(resolving, "ask", asked_in(world))
        run = stage.begin(**profiled(stage, monkeypatch))
        try:
            stage.play(run)
        except ByodkimError:
            assert run.record.closed
    events = run.journal.as_json
    seen = next(event["observation"]["dns"]["delegation"] for event in events if event["event"] == "observed")
    assert (seen and seen["found_by"]) == (None if made is unreachable else "walk")
    assert contradictions(events) == []
