"""When a key record may be relied on: by what was seen of it, from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from byodkim.dkim.published import Answer, Server
from byodkim.events.run import Begin, Closed, Observed
from byodkim.evidence import history, sealing_key
from byodkim.evidence.journal import SUFFIX, read
from byodkim.evidence.seal import seal
from byodkim.evidence.world import World
from byodkim.plain import plain
from byodkim.rotation.observation import Observation
from byodkim.rotation.resolution import Sighting
from byodkim.rotation.timing import (
    CACHE_MARGIN,
    UNTOLD_NEGATIVE_S,
    Activation,
    activation,
    condensed,
    remembered,
    sighting,
)
from tests.dns.observed import KEY, NAME, observation
from tests.each import each
from tests.evidence.journals import Log
from tests.verification.made import signer

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
        # It went and came again: caches may hold what they held before.
        ((absent(0, 7200), served(5), absent(10, 60), served(15)), served(20), 15, 7200),
        ((absent(0, 7200),), served(20), 20, 7200),
        ((absent(0, None),), replace(served(20, 60), negative_ttl=None), 20, UNTOLD_NEGATIVE_S),
        # The TTL changed: what was published then is not what is published now.
        ((absent(0), served(5, 86400)), served(20, 300), 20, 86400),
        ((served(5, 900),), served(20, 7200), 20, 900),
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
    lambda kind, ttl: Sighting("", kind, ttl or (3600 if kind else None), 300),
    st.booleans(),
    st.sampled_from((300, 7200, 0)),
)


@given(st.lists(STATES, max_size=8), st.integers(0, 8))
def test_what_is_remembered_from_run_to_run_tells_the_same_as_everything(states: list[Sighting], cut: int):
    history = [replace(one, at=at(number)) for number, one in enumerate(states)]
    now = served(60)
    carried = condensed([*condensed(history[:cut]), *history[cut:]])
    assert len(carried) <= 2
    assert activation(carried, now) == activation(history, now)


def test_servers_that_could_not_be_asked_are_no_sighting_of_something_else():
    seen = observation()
    silent = Answer(Server("ns2.example.jp", "198.51.100.53"), NAME, failure="timeout")
    absent = Answer(Server("ns3.example.jp", "198.51.100.54"), NAME, "NXDOMAIN", True, negative_ttl=900)
    assert remembered(seen) == (sighting(seen),)
    assert remembered(replace(seen, records=())) == remembered(replace(seen, records=(*seen.records, silent))) == ()
    lacking = replace(seen, records=(*seen.records, silent, absent))
    assert remembered(lacking) == (sighting(lacking),)


def journal(folder: Path, number: int, seen: Observation | None, **begin: str) -> None:
    """A journal as a run leaves it."""
    clock = iter(START + timedelta(seconds=step) for step in range(10))
    log = Log(folder / f"{number}.2026112{number}T000000Z-0000{SUFFIX}", lambda: next(clock))
    log.write(Begin, **{"domain": "example.jp", "selector": NAME.split(".")[0], "target": "aws"} | begin)
    if seen is not None:
        log.write(Observed, observation=json.loads(json.dumps(plain(seen))))
        log.write(Closed, outcome="PLANNED")
    log.close()
    seal(read(log.path), signer())


def kept(folder: Path) -> tuple[Sighting, ...]:
    trusted = sealing_key.trusted((), folder)
    found = history.look(folder, World("example.jp", "", "123456789012", "ap-northeast-1"), trusted=trusted)
    return found.sightings(observation().next_key)


def test_the_newest_run_of_the_selector_is_remembered_with_what_it_remembered(tmp_path: Path):
    first = replace(observation(at=at(0)), records=())
    second = replace(observation(at=at(30)))
    second = replace(second, dns=replace(second.dns, history=(sighting(first),)))
    journal(tmp_path, 1, first)
    journal(tmp_path, 2, second)
    journal(tmp_path, 3, None)
    journal(tmp_path, 4, observation(at=at(40)), selector="mail-20260912-1")
    journal(tmp_path, 5, observation(at=at(50)), domain="example.com")
    journal(tmp_path, 6, observation(at=at(60)), target="sandbox")
    assert kept(tmp_path) == (sighting(first), sighting(second))


def test_nothing_is_remembered_of_journals_that_do_not_hold_or_are_not_there(tmp_path: Path):
    assert kept(tmp_path) == ()
    journal(tmp_path, 1, observation())
    path = next(tmp_path.iterdir())
    path.write_text(path.read_text().replace(KEY.sha256, "0" * 64))
    assert kept(tmp_path) == ()


@each("history", [(), (served(0),), (served(0), served(10))])
def test_a_record_never_seen_otherwise_may_be_relied_on_at_once(history: Sequence[Sighting]):
    assert activation(history, served(20)) is None
