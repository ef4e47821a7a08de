"""Before and after, the chain of the key pair, and times."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from msgspec.structs import replace

from byodkim.rotation import proof, timing
from byodkim.rotation.comparison import RUN_SHEET, compare
from byodkim.rotation.observation import Identity, Used
from tests.each import each
from tests.rotation import world
from tests.rotation.rows import HALF, KEY, PLACEHOLDER, RESOLVED, SILENT, WEAK
from tests.rotation.world import CURRENT, NEXT, Change

BEFORE = world.found()
AFTER = replace(BEFORE, selectors=(NEXT,), status="PENDING", last_checked="2026-11-24T04:09:04+00:00")


def test_every_field_of_the_identity_has_a_row_the_unchanged_too() -> None:
    rows = compare(BEFORE, AFTER, NEXT)
    assert [row.field for row in rows] == [name for name in Identity.__struct_fields__ if name != "name"]
    assert {row.field for row in rows if row.changed} == {"selectors", "status", "last_checked"}


def test_rows_say_what_was_what_is_and_what_should_be() -> None:
    rows = {row.field: row for row in compare(BEFORE, AFTER, NEXT)}
    selector, status = rows["selectors"], rows["status"]
    assert (selector.before, selector.after, selector.expected) == (CURRENT, NEXT, NEXT)
    assert (status.before, status.after, status.expected) == ("SUCCESS", "PENDING", "SUCCESS")
    assert [row.field for row in rows.values() if not row.as_expected] == ["status"]
    assert {row.field: row.expected for row in rows.values() if row.expected} == {
        "selectors": NEXT, "status": "SUCCESS", "signing_enabled": "true", "signing_origin": "EXTERNAL",
        "verified_for_sending": "true",
    }  # fmt: skip
    assert {row.expected for row in rows.values()} == {NEXT, "SUCCESS", "true", "EXTERNAL", ""}
    assert set(RUN_SHEET) <= rows.keys()


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


def test_a_secret_without_an_entry_is_no_link_where_the_selector_needs_none() -> None:
    entry = world.secret(defect="selector-absent", dns_value="")
    worked = Used(NEXT, world.sha256(world.NEXT_BITS), world.RUN, worked=True)
    returned = chain(world.both(entry, lambda seen: replace(seen, used=(worked,))))
    assert [link.place for link in returned] == ["s3", "dns", "dns", "message", "message"]
    assert proof.holds(returned)
    another = replace(worked, sha256=world.sha256(world.WEAK_BITS))
    assert not proof.holds(chain(world.both(entry, lambda seen: replace(seen, used=(another,)))))


BLOCKED = world.both(world.at_every_server(**SILENT), world.dns(path="blocked"))
OTHERS = (*RESOLVED, world.answer(world.SERVERS[1], "5f3c", KEY, authoritative=False))


@each(
    ("change", "expected"),
    [
        (world.dns(encrypted=OTHERS, encrypted_counts=True), [("ns1.example.jp", "")]),
        (
            world.dns(encrypted=HALF, encrypted_counts=True),
            [("ns1.example.jp", ""), ("ns2.example.jp", "absent")],
        ),
        (world.dns(encrypted=RESOLVED), [(place, "no-answer") for place in world.PLACES]),
    ],
)
def test_resolvers_that_stand_in_are_links_of_their_own(change: Change, expected: list[tuple[str, str]]) -> None:
    links = [link for link in chain(world.both(BLOCKED, change)) if link.place == "dns"]
    assert [(link.where, link.note) for link in links] == expected
    assert [link.sha256 for link in links] == ["" if note else world.sha256(world.NEXT_BITS) for _, note in expected]


def test_a_cname_is_a_link_as_what_it_leads_to() -> None:
    end = world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com")
    aliased = world.at_one_server(cname=("keys.example.com",), rcode="NOERROR")
    assert chain(aliased)[3].note == "cname"
    assert proof.holds(chain(world.both(aliased, world.dns(followed=(end,)))))
    assert len(chain(world.at_one_server(failure="no-route", rcode=""))) == 5  # which IPv6 alone reaches


def test_times_that_follow_from_the_write() -> None:
    at = datetime(2026, 11, 24, 4, 9, 3, tzinfo=UTC)
    assert timing.deadline(at) == datetime(2026, 11, 27, 4, 9, 3, tzinfo=UTC)
    assert timing.overlap_ends(at, 7, 3600) == datetime(2026, 12, 1, 5, 14, 3, tzinfo=UTC)
    assert timing.overlap_ends(at, 7, 2**31 - 1) == timing.overlap_ends(at, 7, 7 * 86400)  # resolvers cap a TTL
    assert timing.MAX_CLOCK_SKEW.total_seconds() == 300


def test_pauses_double_up_to_the_longest_and_never_end() -> None:
    assert list(islice(timing.pauses(1, 10), 7)) == [1, 2, 4, 8, 10, 10, 10]
    assert next(timing.pauses()) == 0.05  # SES may have verified at once, a nameserver have it in the next instant
    assert next(islice(timing.pauses(), 1000, None)) == 15.0


def test_no_link_and_no_key_prove_nothing() -> None:
    nothing = chain(world.both(world.unread("secret"), world.unread("dns"), world.unread("signature")))
    assert nothing == ()
    assert not proof.holds(nothing)
    assert not proof.holds((proof.Link("s3", "x", "", "empty"), proof.Link("dns", "y", "", "absent")))
    assert proof.holds((proof.Link("s3", "x", "a4"),))
