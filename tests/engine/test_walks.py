"""Delegations as they are in the world, each in a run that walks from the root: what it notes contradicts nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from byodkim.dkim.published import Answer, Server
from byodkim.dns import delegation as walking
from byodkim.dns import lookup
from byodkim.engine import resolving
from byodkim.errors import ByodkimError
from byodkim.rotation.resolution import Delegation
from tests.dns import internet
from tests.dns.daemons import Daemon, bind, knot, nsd
from tests.dns.internet import Internet, delegation, serve, zone
from tests.engine.played import Stage
from tests.engine.test_dns_refusals import profiled
from tests.evidence.raw import contradictions
from tests.sandbox.generator import zone_line

Machines = Sequence[tuple[Daemon, dict[str, str], str]]
NS1, NS2, NS9 = ({f"ns{number}.example.jp": f"192.0.2.5{number}"} for number in (1, 2, 9))


def above(parent: dict[str, str], *more: str) -> Machines:
    """The root, and the top-level domains: jp delegates example.jp to ``parent``."""
    tops = (delegation("jp", {"a.dns.jp": "192.0.2.2"}), delegation("com", {"a.gtld.net": "192.0.2.2"}))
    jp = zone("jp", {"a.dns.jp": "192.0.2.2"}, delegation("example.jp", parent), *more)
    com = zone("com", {"a.gtld.net": ""}, delegation("example.com", {"ns.example.com": "198.51.100.54"}))
    root = zone(".", {"a.root-servers.net": "192.0.2.1"}, *tops)
    return (knot, {".": root}, "192.0.2.1"), (nsd, {"jp": jp, "com": com}, "192.0.2.2")


def differing(keys: str) -> Machines:
    """The registrar has a server that the zone dropped, and which refuses; the zone has one that no parent names."""
    ours, other = zone("example.jp", NS1 | NS2, keys), zone("example.org", {"ns9.example.jp": ""})
    held = (bind, {"example.jp": ours}, "192.0.2.51 192.0.2.52"), (nsd, {"example.org": other}, "192.0.2.59")
    return (*above(NS1 | NS9), *held)


def chained(keys: str) -> Machines:
    """Each server beyond the parent's names one more, which nobody else knows."""
    first, second = zone("example.jp", NS1 | NS2, keys), zone("example.jp", NS1 | NS2 | NS9, keys)
    return (*above(NS1), (nsd, {"example.jp": first}, "192.0.2.51"), (nsd, {"example.jp": second}, "192.0.2.52"))


def aliases(keys: str) -> Machines:
    """Each key record is a CNAME to a name in another's zone."""
    names = [line.split()[0] for line in keys.splitlines()]
    there = keys.replace("._domainkey.example.jp.", ".keys.example.com.")
    ours = zone("example.jp", NS1, *(f"{one} 300 CNAME {one.split('.')[0]}.keys.example.com." for one in names))
    theirs = zone("example.com", {"ns.example.com": "198.51.100.54"}, there)
    return (*above(NS1), (nsd, {"example.jp": ours}, "192.0.2.51"), (nsd, {"example.com": theirs}, "198.51.100.54"))


def of_ipv6(keys: str) -> Machines:
    """No server has an IPv4 address."""
    servers = {"ns1.example.jp": "2001:db8::51", "ns2.example.jp": "2001:db8::52"}
    return (*above(servers), (bind, {"example.jp": zone("example.jp", servers, keys)}, "2001:db8::51 2001:db8::52"))


def split(keys: str) -> Machines:
    """The key records' zone is one of its own, and so is the next selector's own name, elsewhere."""
    current, following = keys.splitlines()
    name = following.split()[0].rstrip(".")
    own = zone("example.jp", NS1 | NS9, delegation("_domainkey.example.jp", NS2))
    cut = delegation(name, {"ns9.example.jp": ""})
    below = zone("_domainkey.example.jp", {"ns2.example.jp": ""}, current, cut)
    held = {"_domainkey.example.jp": below}, {name: zone(name, {"ns9.example.jp": ""}, following)}
    return (
        *above(NS1), (nsd, {"example.jp": own}, "192.0.2.51"), (nsd, held[0], "192.0.2.52"),
        (nsd, held[1], "192.0.2.59"),
    )  # fmt: skip


def without_addresses(keys: str) -> Machines:
    """One server's name has no address, another's server is silent; some names are in capital letters."""
    servers = {"NS1.Example.JP": "192.0.2.51", "ns3.example.jp": "192.0.2.53", "ns9.example.com": ""}
    return (*above(servers), (nsd, {"example.jp": zone("example.jp", servers, keys)}, "192.0.2.51"))


def with_the_one_above(keys: str) -> Machines:
    """One server holds the zone and the one above it, so that no referral to it is seen."""
    root, (daemon, tops, addresses) = above(NS1)
    return root, (daemon, {**tops, "example.jp": zone("example.jp", NS1, keys)}, f"{addresses} 192.0.2.51")


def unreachable(keys: str) -> Machines:
    """No root server answers, and the system's resolver knows no such zone."""
    del keys
    return ()


WORLDS: Sequence[Callable[[str], Machines]] = (
    differing, chained, aliases, of_ipv6, split, without_addresses, with_the_one_above, unreachable,
)  # fmt: skip


def asked_in(world: Internet) -> Callable[..., tuple[Answer, ...]]:
    """Asks a world's name servers, each where it really is."""

    def ask(servers: Sequence[Server], names: Sequence[str], **how: Any) -> tuple[Answer, ...]:
        places = [world.at(one) if one.address in world.ports else replace(one, port=1) for one in servers]
        answers = [lookup.ask([place], names, **how) for place in places]
        return tuple(replace(one, server=of) for of, some in zip(servers, answers, strict=True) for one in some)

    return ask


QUICK = {"made": (differing, aliases)}


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
