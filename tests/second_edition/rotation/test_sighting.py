"""How the key record stood, in short: by authoritative servers, or by the resolvers that stand in for them."""

from __future__ import annotations

from msgspec.structs import replace

from second_edition.rotation.observation import Observation, Used
from second_edition.rotation.resolution import NameServers
from second_edition.rotation.timing import lagging, remembered, sighting
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import COUNTED, ELSEWHERE, FAILING, HALF, KEY, NAMES, RESOLVED, SILENT, WEAK, first_only
from tests.second_edition.rotation.world import Change, both

BLOCKED = both(world.at_every_server(**SILENT), COUNTED)


def no_server(seen: Observation) -> Observation:
    return world.unread("dns")(seen)


@each(
    ("change", "everywhere"),
    [
        (world.same, True),
        (world.at_one_server(KEY, failure="no-route", rcode=""), False),  # which IPv6 alone reaches
        (world.both(world.at_one_server(KEY, failure="no-route", rcode=""), world.dual_stack), True),
        (world.at_one_server(), False),
        (world.at_one_server(WEAK), False),
        (world.at_one_server(**SILENT), False),
        (world.unread("key"), False),
        (world.no_key("unreadable"), False),
        (no_server, False),
        (both(BLOCKED, world.dns(encrypted=RESOLVED)), True),
        (both(BLOCKED, world.dns(encrypted=(*RESOLVED, ELSEWHERE))), True),
        (both(BLOCKED, world.dns(encrypted=RESOLVED), first_only), True),
        (both(BLOCKED, world.dns(encrypted=HALF)), False),
        (both(BLOCKED, world.dns(encrypted=RESOLVED), world.unread("key")), False),
        (both(BLOCKED, world.dns(encrypted=(ELSEWHERE,))), False),
        (both(no_server, COUNTED, world.dns(encrypted=RESOLVED)), False),
    ],
)
def test_whether_the_key_was_served_everywhere(change: Change, everywhere: bool) -> None:
    assert sighting(change(world.good())).everywhere is everywhere


@each("unread", [world.unread("key"), world.no_key("unreadable")])
def test_where_the_key_could_not_be_read_what_is_served_may_be_it(unread: Change) -> None:
    assert remembered(unread(world.good())) == ()
    absent = both(world.at_one_server(), unread)(world.good())
    assert remembered(absent) == (sighting(absent),)  # whatever the key is, it was not there
    assert remembered(world.at_one_server(WEAK)(world.good())) != ()


@each(
    ("change", "answered", "lags"),
    [
        (world.same, True, False), (world.at_every_server(), True, False), (BLOCKED, False, False),
        (world.at_one_server(serial=2026112400), True, True),  # an older copy of the zone
        (both(world.at_every_server(**SILENT), world.dns(encrypted=RESOLVED)), True, False),
        (both(world.at_every_server(**SILENT), world.dns(encrypted=(FAILING,))), False, False),
    ],
)  # fmt: skip
def test_whether_anybody_answered_and_whether_some_servers_only_lag(change: Change, answered: bool, lags: bool) -> None:
    seen = change(world.good())
    assert (seen.dns_answered, lagging(seen)) == (answered, lags)


def test_which_selector_is_in_use_and_whether_the_one_asked_for_was() -> None:
    assert world.unread("identity")(world.good()).current_selector == ""
    worked = [Used(world.NEXT, "", world.RUN, True), Used(world.NEXT, "", world.RUN, True, unsigned=True)]
    known = [*worked, Used(world.NEXT, "", world.RUN), Used(world.CURRENT, "", world.RUN, True)]
    assert [replace(world.good(), used=(one,)).goes_back for one in known] == [True, False, False, False]
    # Two messages of one server say the same, whatever their ids.
    first, second = (NameServers(world.SERVERS[0], NAMES, raw=raw) for raw in ("aQ==", "ag=="))
    others = replace(first, names=NAMES[:1]), replace(first, failure="lame"), replace(first, server=world.SERVERS[1])
    assert {first} == {second}
    assert first not in (*others, NAMES)


def test_the_longest_times_are_remembered_and_a_resolver_s_are_not() -> None:
    two = world.at_one_server(KEY, ttl=7200, negative_ttl=900)
    seen = sighting(two(world.good()))
    assert (seen.at, seen.ttl, seen.negative_ttl) == ("2026-11-24T04:08:57.000+00:00", 7200, 900)
    untold = sighting(world.at_every_server(KEY, ttl=None)(world.good()))
    assert (untold.ttl, untold.negative_ttl) == (None, None)
    led = world.at_every_server(cname=("keys.example.com",), rcode="NOERROR", ttl=300, negative_ttl=300)
    there = world.answer(world.SERVERS[0], "keys.example.com", rcode="NXDOMAIN", authoritative=True, negative_ttl=86400)
    followed = sighting(both(led, world.dns(followed=(there,)))(world.good()))
    assert (followed.ttl, followed.negative_ttl) == (3600, 86400)
    assert sighting(world.dns(followed=(there,))(world.good())).negative_ttl is None  # nobody is led there
    assert sighting(world.at_one_server(WEAK, ttl=60)(world.good())).ttl == 60  # the other server has the key already
    resolved = sighting(both(two, COUNTED, world.dns(encrypted=RESOLVED))(world.good()))
    assert (resolved.everywhere, resolved.ttl, resolved.negative_ttl) == (True, None, 900)
