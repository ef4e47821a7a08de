"""Before and after, the chain of the key pair, and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from msgspec.structs import replace

from second_edition.display.words import Words
from second_edition.rotation import proof, timing
from second_edition.rotation.comparison import Row, compare
from second_edition.rotation.lock import may_take
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import COUNTED, HOLDER, KEY, PLACEHOLDER, RESOLVED, SILENT, WEAK
from tests.second_edition.rotation.world import NEXT, Change, both


def chain(change: Change) -> tuple[proof.Link, ...]:
    return proof.links(change(world.good()))


def test_the_chain_holds_link_by_link_in_the_good_world() -> None:
    links = chain(world.same)
    assert [link.place for link in links] == ["s3", "secret", "dns", "dns", "message", "message"]
    assert {link.sha256 for link in links} == {world.sha256(world.NEXT_BITS)}
    assert {link.note for link in links} == {""}
    assert world.PLACES == ("ns1.example.jp 192.0.2.53:53", "ns2.example.jp [2001:db8::53]:53")
    assert [link.where for link in links] == [
        f"s3://byodkim-keys/dkim-keys/example.jp/{NEXT}/private_key.pem (v3Kx)",
        "byodkim/example.jp AWSCURRENT (5e2b)",
        *world.PLACES,
        *world.PLACES,
    ]
    assert proof.holds(links)


@each(
    ("change", "place", "note"),
    [
        (world.no_key("unreadable"), 0, "unreadable"),
        (world.stored_key(world.WEAK_BITS), 0, ""),
        (world.secret(defect="selector-absent", dns_value=""), 1, "selector-absent"),
        (world.secret(dns_value=PLACEHOLDER), 1, "placeholder"),
        (world.secret(dns_value="v=DKIM1; p=\ud800"), 1, "non-ascii"),
        (world.secret(dns_value=WEAK), 1, ""),
        (world.at_one_server(), 3, "absent"),
        (world.at_one_server(WEAK), 3, ""),
        (world.at_one_server(KEY, KEY), 3, "several-records"),
        (world.at_one_server(**SILENT), 3, "no-answer"),
        (world.rehearsed("", "", "BadSignature"), 5, "BadSignature"),
    ],
)
def test_the_link_that_breaks_is_shown(change: Change, place: int, note: str) -> None:
    links = chain(change)
    good = chain(world.same)
    assert not proof.holds(links)
    assert [(link.place, link.where) for link in links] == [(link.place, link.where) for link in good]
    odd = [number for number, link in enumerate(links) if link.sha256 != world.sha256(world.NEXT_BITS)]
    assert odd == [place]
    assert links[place].note == note
    assert (links[place].sha256 == "") is bool(note)


def test_a_cname_is_a_link_as_what_it_leads_to() -> None:
    end = world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com")
    aliased = world.at_one_server(cname=("keys.example.com",), rcode="NOERROR")
    assert chain(aliased)[3].note == "cname"
    assert proof.holds(chain(world.both(aliased, world.dns(followed=(end,)))))
    assert len(chain(world.both(world.at_one_server(failure="no-route", rcode=""), world.dual_stack))) == 5


def test_times_that_follow_from_the_write() -> None:
    at = datetime(2026, 11, 24, 4, 9, 3, tzinfo=UTC)
    assert timing.deadline(at) == datetime(2026, 11, 27, 4, 9, 3, tzinfo=UTC)
    assert timing.overlap_ends(at, 7, 3600) == datetime(2026, 12, 1, 5, 14, 3, tzinfo=UTC)
    assert timing.overlap_ends(at, 7, 2**31 - 1) == timing.overlap_ends(at, 7, 7 * 86400)  # resolvers cap a TTL
    assert timing.MAX_CLOCK_SKEW.total_seconds() == 300
    assert list(islice(timing.pauses(), 11)) == [*(0.05 * 2**number for number in range(9)), 15.0, 15.0]


def test_a_lock_is_over_five_minutes_after_its_time_and_one_without_a_time_never_is() -> None:
    over = datetime(2026, 11, 24, 4, 45, 1, tzinfo=UTC)
    holder = replace(HOLDER, expires="2026-11-24T04:40:01+00:00")
    assert [one.until for one in (holder, HOLDER)] == ["2026-11-24T04:45:01+00:00", ""]
    assert [may_take(holder, over + timedelta(seconds=late), gone=False) for late in (0, 1)] == [False, True]
    assert not may_take(HOLDER, over, gone=False)


def test_no_link_and_no_key_prove_nothing() -> None:
    nothing = chain(world.both(world.unread("secret"), world.unread("dns"), world.unread("signature")))
    assert nothing == ()
    assert not proof.holds(nothing)
    assert not proof.holds((proof.Link("s3", "x", "", "empty"), proof.Link("dns", "y", "", "absent")))
    assert proof.holds((proof.Link("s3", "x", "a4"),))


def test_how_a_link_is_named_and_why_it_shows_no_key() -> None:
    unversioned, resolved = world.key(version_id=""), both(world.at_every_server(**SILENT), COUNTED)
    assert chain(unversioned)[0].where == f"s3://byodkim-keys/dkim-keys/example.jp/{NEXT}/private_key.pem"
    assert chain(both(resolved, world.dns(encrypted=RESOLVED)))[2].where == "ns1.example.jp"
    notes = [("s3", "unreadable"), ("secret", "odd"), ("s3", "")]
    said = [Words("en", UTC).phrase(proof.Link(place, "x", "", note).why) for place, note in notes]
    assert said == ["no whole private key", "not valid: odd", ""]
    assert not proof.defect("")


def test_what_only_waits_for_dns_and_at_how_many_places_a_key_stands() -> None:
    changes = [world.at_one_server(), world.at_one_server(**SILENT), world.same]
    assert [proof.unpublished(chain(change)) for change in changes] == [True, False, False]
    assert proof.counted(chain(world.same)) == (4, 2)


def test_every_field_is_told_before_and_after_and_what_is_not_as_it_should_be() -> None:
    before = replace(world.found(), selectors=("a", "b", "c"))
    after = replace(before, selectors=(NEXT,), status="PENDING", signing_enabled=False, verified_for_sending=None)
    rows = compare(before, after, NEXT, {"verified_for_sending"})
    assert rows[1:7] == (
        Row("selectors", "a b c", NEXT, NEXT),
        Row("status", "SUCCESS", "PENDING", "SUCCESS"),
        Row("signing_enabled", "true", "false", "true"),
        Row("signing_origin", "EXTERNAL", "EXTERNAL", "EXTERNAL"),
        Row("verified_for_sending", "true", "", "true", unknown=True),
        Row("verification_status", "SUCCESS", "SUCCESS", ""),
    )
    assert [row.field for row in rows if row.changed] == ["selectors", "status", "signing_enabled"]
    assert [row.field for row in rows if not row.as_expected] == ["status", "signing_enabled"]
