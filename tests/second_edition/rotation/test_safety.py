"""Whatever the world looks like, nothing is to be written unless one key pair is proved, in the right place."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from second_edition.evidence.journal import digest
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS, Expected
from second_edition.rotation.findings import Verdict
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import BLOCKED
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import KEY, ROWS, WEAK
from tests.second_edition.rotation.world import Change

# Every change of the table, and some that make another world as sound as the good one.
SOUND: tuple[Change, ...] = (
    world.same,
    world.both(world.stored_key(world.WEAK_BITS), world.secret(dns_value=WEAK), world.at_every_server(WEAK)),
    world.at_every_server(KEY.removeprefix("v=DKIM1; ")),
    world.identity(selectors=("mail-20250917-3",)),
    world.identity(status="FAILED"),
    world.stands("FAILED"),
)
CHANGES = (*SOUND, *(row.change for row in ROWS))


def changed(numbers: list[int]) -> Observation:
    """The good world after as many of the changes as can follow each other."""
    seen = world.good()
    for number in numbers:
        try:
            seen = CHANGES[number](seen)
        except (AssertionError, TypeError, IndexError):  # what it would change is gone already
            continue
    return seen


worlds = st.builds(changed, st.lists(st.integers(0, len(CHANGES) - 1), max_size=4))
reasons = st.dictionaries(st.sampled_from(sorted(CHECKS.checks)), st.just("agreed"))
expectations = st.sampled_from([world.EXPECTED, Expected("", world.REGION), Expected("999999999999", "us-east-1")])


VALUES = {world.sha256(bits): world.dns_value(bits) for bits in (world.NEXT_BITS, world.CURRENT_BITS, world.WEAK_BITS)}


def bare(value: str) -> str:
    return value.removeprefix("v=DKIM1; ").rstrip(";")


def served(seen: Observation) -> set[str]:
    """The key records of the table's key pairs among what is served for the selector asked for."""
    # Where port 53 is blocked and the profile takes their word, encrypted resolvers stand in; a CNAME leads on.
    stand_in = seen.dns.encrypted if seen.dns.path == BLOCKED and seen.dns.encrypted_counts else ()
    followed = seen.dns.followed if any(one.cname for one in seen.records) else ()  # else nobody is led there
    said = (one for one in (*seen.records, *followed) if one.authoritative)  # a lame server's word is none
    answers = (*said, *stand_in)
    found = {bare(b"".join(record).decode("utf-8", "replace")) for one in answers for record in one.records}
    return found & set(map(bare, VALUES.values()))


def proved(seen: Observation, expected: Expected) -> bool:
    """By comparing what was planted, not by reading it."""
    key, secret = seen.next_key.key, seen.next_key.secret
    if key is None or secret is None or seen.identity is None or seen.caller is None:
        return False
    value = VALUES.get(key.sha256, "")
    entered = secret.dns_value == value and not secret.defect
    # A rollback needs no entry: SES has the selector, or was seen to sign with it and this key, which DNS serves.
    used = any(one.worked and (one.selector, one.sha256) == (seen.selector, key.sha256) for one in seen.used)
    worked = used or seen.current_selector == seen.selector
    left = (
        secret.defect in ("selector-absent", "no-entry", "not-json", "binary")
        and worked
        and served(seen) == {bare(value)}
    )
    return (
        (entered or left)
        and not key.defect
        and seen.identity.signing_origin == "EXTERNAL"
        and (seen.caller.account, seen.caller.region) == (expected.account, expected.region)
    )


FOLLOWED = next(row.change for row in ROWS if row.name == "followed")
ROLLBACK = next(row.change for row in ROWS if row.name == "rollback")
SEVERAL = next(row.change for row in ROWS if (row.check, row.name) == ("DNS-SINGLE", "two"))


@settings(max_examples=300, deadline=None)
@example(ROLLBACK(FOLLOWED(world.good())), world.EXPECTED, dict.fromkeys(CHECKS.checks, "agreed"))
@example(SEVERAL(ROLLBACK(world.good())), world.EXPECTED, dict.fromkeys(CHECKS.checks, "agreed"))
@given(worlds, expectations, reasons | st.just(dict.fromkeys(CHECKS.checks, "agreed")))
def test_no_write_without_a_proved_key_pair_in_the_right_place(
    seen: Observation, expected: Expected, waivers: dict[str, str]
) -> None:
    findings = CHECKS.evaluate(world.case(seen, expected), waivers)
    plan = plans.make(seen, findings, digest)
    if plan.writes and not any(finding.stops for finding in findings):
        assert {finding.id: finding.verdict for finding in findings}["KEY-PAIR"] is Verdict.PASS
        assert proved(seen, expected)


@settings(max_examples=300, deadline=None)
@given(worlds)
def test_no_write_without_the_key_at_every_server_unless_waived(seen: Observation) -> None:
    findings = CHECKS.evaluate(world.case(seen), {})
    if plans.make(seen, findings, digest).writes and not any(finding.stops for finding in findings):
        assert seen.next_key.key is not None
        value = VALUES[seen.next_key.key.sha256]
        # Where port 53 is blocked and the profile takes their word, encrypted resolvers stand in; a CNAME leads on.
        stand_in = seen.dns.encrypted if seen.dns.path == BLOCKED and seen.dns.encrypted_counts else ()
        followed = seen.dns.followed if any(one.cname for one in seen.records) else ()  # else nobody is led there
        answers = (*seen.records, *stand_in, *followed)
        texts = {b"".join(record).decode() for answer in answers for record in answer.records}
        assert len(seen.records) in (1, len(world.SERVERS))  # a row of the table has a zone with one server
        assert {text.removeprefix("v=DKIM1; ").partition("; t=")[0] for text in texts} == {
            value.removeprefix("v=DKIM1; ")
        }


def test_the_sound_worlds_do_get_their_write() -> None:
    for change in SOUND:
        seen = change(world.good())
        findings = CHECKS.evaluate(world.case(seen), {})
        assert not any(finding.stops for finding in findings)
        assert plans.make(seen, findings, digest).writes
