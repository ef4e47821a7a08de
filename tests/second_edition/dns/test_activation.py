"""When a key record may be relied on: by what was seen of it, from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from second_edition.dkim.published import Answer, Server
from second_edition.rotation.resolution import Sighting
from second_edition.rotation.timing import (
    CACHE_MARGIN,
    UNTOLD_NEGATIVE_S,
    Activation,
    activation,
    condensed,
    remembered,
    sighting,
)
from tests.second_edition.dns.observed import NAME, observation
from tests.second_edition.each import each

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def at(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")


def absent(minutes: int, negative_ttl: int | None = 300) -> Sighting:
    return Sighting(at(minutes), False, None, negative_ttl)


def served(minutes: int, ttl: int | None = 3600) -> Sighting:
    return Sighting(at(minutes), True, ttl, 300)


@each(
    ("history", "now", "since", "cached_s"),
    [
        # Nothing stood there: caches hold "none", and never longer for the TTL of the record that came.
        ((absent(0),), served(20), 20, 300),
        ((absent(0), served(10)), served(20), 10, 300),
        ((absent(0), served(5), absent(10), served(15)), served(20), 15, 300),
        # It went and came again: caches may hold what they held before, until that expires.
        ((absent(0, 7200), served(5), absent(10, 60), served(15)), served(20), 15, 7200 - 600),
        ((absent(0, 7200),), served(20), 20, 7200),
        ((absent(0, None),), replace(served(20, 60), negative_ttl=None), 20, UNTOLD_NEGATIVE_S),
        # The TTL changed: what was published then is not what is published now.
        ((absent(0), served(5, 86400)), served(20, 300), 20, 86400),
        ((served(5, 900),), served(20, 7200), 20, 900),
        # It changed more than once: caches may still hold what stood there before all that.
        ((absent(0, 86400), served(5), served(10, 60)), served(20, 300), 20, 86400 - 900),
        ((absent(0, 86400), served(5), served(10, 60)), served(20), 20, 86400 - 900),
        # A resolver's TTL counts down and is none; an authoritative server's tells by then that the TTL has changed.
        ((absent(0), served(5, None), served(10)), served(20, 300), 20, 3600),
        ((absent(0), served(5), served(10, None)), served(20, 300), 20, 3600),
        # The longest that a zone lets "none" be held, whenever it did, and not at all where it does not.
        ((absent(0, 86400), absent(10)), served(20), 20, 86400),
        ((absent(0), absent(10, 86400)), served(20), 20, 86400),
        ((absent(0, 0),), served(20), 20, 300),
        ((absent(0, 0),), replace(served(20), negative_ttl=0), 20, 0),
        # A TTL of 68 years: no resolver holds it for longer than it caps a TTL to.
        ((Sighting(at(0), False, 2**31 - 1, 300),), served(20), 20, 7 * 86400),
        ((absent(0, 2**31 - 1),), served(20), 20, 7 * 86400),
        # Something else stood there, before or after nothing did.
        ((Sighting(at(0), False, 3600, 300),), served(20, 60), 20, 3600),
        ((Sighting(at(0), False, 3600, 300), absent(10)), served(20, 60), 20, 3600),
        ((absent(0), Sighting(at(10), False, 3600, 300)), served(20, 60), 20, 3600),
    ],
)
def test_not_before_every_cache_has_forgotten(history: Sequence[Sighting], now: Sighting, since: int, cached_s: int):
    first = START + timedelta(minutes=since)
    expected = Activation(first + timedelta(seconds=cached_s) + CACHE_MARGIN, first, cached_s)
    assert activation(history, now) == expected
    assert activation(condensed(history), now) == expected
    assert activation(condensed(tuple(reversed(history))), now) == expected


def test_a_ttl_that_counts_down_at_a_resolver_is_no_change():
    assert activation((served(0, None),), served(20)) is None


STATES = st.builds(
    lambda kind, ttl: Sighting("", kind, ttl or None, 300),
    st.booleans(),
    st.sampled_from((300, 7200, 0)),
)


@given(st.lists(STATES, max_size=8), st.integers(0, 8))
def test_what_is_remembered_from_run_to_run_tells_the_same_as_everything(states: list[Sighting], cut: int):
    history = [replace(one, at=at(number)) for number, one in enumerate(states)]
    now = served(60)
    carried = condensed([*condensed(history[:cut]), *history[cut:]])
    assert carried == condensed(history)
    assert activation(carried, now) == activation(history, now)


def test_servers_that_could_not_be_asked_are_no_sighting_of_something_else():
    seen = observation()
    silent = Answer(Server("ns2.example.jp", "198.51.100.53"), NAME, failure="timeout")
    absent = Answer(Server("ns3.example.jp", "198.51.100.54"), NAME, "NXDOMAIN", True, negative_ttl=900)
    assert remembered(seen) == (sighting(seen),)
    assert remembered(replace(seen, records=())) == remembered(replace(seen, records=(*seen.records, silent))) == ()
    lacking = replace(seen, records=(*seen.records, silent, absent))
    assert remembered(lacking) == (sighting(lacking),)


@each("history", [(), (served(0),), (served(0), served(10))])
def test_a_record_never_seen_otherwise_may_be_relied_on_at_once(history: Sequence[Sighting]):
    assert activation(history, served(20)) is None
