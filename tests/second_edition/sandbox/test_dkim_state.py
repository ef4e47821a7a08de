"""The life cycle of a key in SES, arrow by arrow, with time and DNS handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from second_edition.ses_sandbox import dkim_state
from second_edition.ses_sandbox.dkim_state import DkimState, Look, SigningKey
from second_edition.ses_sandbox.keys import KeyPair, make_key_pair
from tests.second_edition.each import each

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
INTERVAL = timedelta(seconds=60)
HOURS_72 = timedelta(hours=72)
PAIR, OTHER = make_key_pair(1024), make_key_pair(1024)
KEY = SigningKey(("sel",), PAIR)
ABSENT, UNTYPED, UNASKED = (Look(error=word) for word in ("HOST_NOT_FOUND", "TYPE_NOT_FOUND", "DNS_SERVER_ERROR"))


def served(pair: KeyPair) -> Look:
    return Look((pair.dns_value.encode(),))


class Dns:
    """A DNS that can be changed, and counts how often it was asked."""

    def __init__(self, look: Look) -> None:
        self.look, self.asked = look, list[str]()

    def __call__(self, name: str) -> Look:
        self.asked.append(name)
        return self.look


def started(before: DkimState | None = None, key: SigningKey = KEY, at: datetime = START) -> DkimState:
    return dkim_state.put(before, "example.jp", "EXTERNAL", key, at, INTERVAL)


def at(state: DkimState, moment: datetime, dns: Dns) -> DkimState:
    return dkim_state.observed(state, moment, dns, INTERVAL)


def success(dns: Dns | None = None) -> DkimState:
    return at(started(), START + INTERVAL, dns or Dns(served(PAIR)))


def test_a_put_is_not_started_then_pending_and_asks_dns_only_after_the_interval() -> None:
    dns = Dns(served(PAIR))
    state = started()
    assert state.status == "NOT_STARTED"
    state = at(state, START + INTERVAL / 2, dns)
    assert (state.status, dns.asked) == ("PENDING", [])
    state = at(state, START + INTERVAL, dns)
    assert (state.status, dns.asked) == ("SUCCESS", ["sel._domainkey.example.jp"])
    assert state.last_checked == state.last_success == START + INTERVAL
    assert state.verified


@each(
    ("look", "error"),
    [
        (ABSENT, "HOST_NOT_FOUND"),
        (UNTYPED, "TYPE_NOT_FOUND"),
        (UNASKED, "DNS_SERVER_ERROR"),
        (served(OTHER), "INVALID_VALUE"),
        (Look((PAIR.dns_value.encode(), PAIR.dns_value.encode())), "INVALID_VALUE"),
        (Look((PAIR.dns_value.encode()[:-40],)), "INVALID_VALUE"),
        (Look((b"v=DKIM1; k=rsa; p=",)), "INVALID_VALUE"),
        (Look((b"v=DKIM1; p=customerProvidedPublicKey",)), "INVALID_VALUE"),
        (Look((PAIR.dns_value.replace("k=rsa", "k=ed25519").encode(),)), "INVALID_VALUE"),
        (Look((PAIR.dns_value.replace("DKIM1", "DKIM2").encode(),)), "INVALID_VALUE"),
    ],
)
def test_without_the_record_it_stays_pending_for_72_hours_then_fails(look: Look, error: str) -> None:
    dns = Dns(look)
    state = at(started(), START + INTERVAL, dns)
    assert (state.status, state.error, state.last_success) == ("PENDING", error, None)
    state = at(state, START + HOURS_72 - timedelta(seconds=1), dns)
    assert state.status == "PENDING"
    state = at(state, START + HOURS_72, dns)
    assert (state.status, state.verified) == ("FAILED", False)


def test_failed_is_terminal_until_the_next_put() -> None:
    dns = Dns(ABSENT)
    state = at(at(started(), START + INTERVAL, dns), START + HOURS_72, dns)
    dns.look, asked = served(PAIR), len(dns.asked)
    state = at(state, START + HOURS_72 * 10, dns)
    assert (state.status, len(dns.asked)) == ("FAILED", asked)
    later = START + HOURS_72 * 11
    state = at(started(state, at=later), later + INTERVAL, dns)
    assert (state.status, state.verified) == ("SUCCESS", True)


def test_a_record_found_at_the_last_moment_counts() -> None:
    dns = Dns(ABSENT)
    state = at(started(), START + INTERVAL, dns)
    dns.look = served(PAIR)
    assert at(state, START + HOURS_72 - INTERVAL, dns).status == "SUCCESS"


def test_a_lost_record_is_a_temporary_failure_that_heals_in_time() -> None:
    dns = Dns(served(PAIR))
    state = success(dns)
    dns.look, lost = ABSENT, START + INTERVAL * 2
    state = at(state, lost, dns)
    assert (state.status, state.error, state.verified) == ("TEMPORARY_FAILURE", "HOST_NOT_FOUND", True)
    assert (state.last_checked, state.last_success) == (lost, START + INTERVAL)
    dns.look = served(PAIR)
    state = at(state, lost + HOURS_72 - INTERVAL, dns)
    assert (state.status, state.error, state.lost) == ("SUCCESS", "", None)


def test_a_record_that_stays_lost_fails_72_hours_after_the_loss() -> None:
    dns = Dns(served(PAIR))
    state = success(dns)
    dns.look, lost = ABSENT, START + timedelta(days=30)
    state = at(state, lost, dns)
    state = at(state, lost + HOURS_72 - timedelta(seconds=1), dns)
    assert state.status == "TEMPORARY_FAILURE"
    assert at(state, lost + HOURS_72, dns).status == "FAILED"


def test_the_very_same_key_put_again_starts_anew() -> None:
    state = started(success(), at=START + timedelta(days=1))
    assert (state.status, state.verified, state.proved) == ("NOT_STARTED", True, KEY)


def test_each_of_three_tokens_must_stand() -> None:
    key = SigningKey(("a", "b", "c"), PAIR)
    state = started(key=key)

    def two_of_three(name: str) -> Look:
        return ABSENT if name.startswith("c.") else served(PAIR)

    assert dkim_state.observed(state, START + INTERVAL, two_of_three, INTERVAL).status == "PENDING"
    assert at(state, START + INTERVAL, Dns(served(PAIR))).status == "SUCCESS"


def test_what_signs_in_each_state() -> None:
    following = SigningKey(("next",), OTHER)
    verified = success()
    pending = at(started(verified, following, START + INTERVAL), START + INTERVAL, Dns(ABSENT))
    lost = at(verified, START + INTERVAL * 5, Dns(ABSENT))
    failed = dkim_state.failed(pending)
    expected = {"unsigned": None, "next": following, "current": KEY}
    for knob, key in expected.items():
        assert dkim_state.signs_with(verified, knob) == KEY
        assert dkim_state.signs_with(lost, knob) == KEY
        assert dkim_state.signs_with(pending, knob) == key
        assert dkim_state.signs_with(failed, knob) is None
    assert dkim_state.signs_with(started(), "current") is None


def test_the_key_that_was_left_stays_known_when_the_next_one_is_put_again() -> None:
    other, dns = SigningKey(("next",), OTHER), Dns(served(OTHER))
    switched = at(started(success(), other, START + INTERVAL), START + 2 * INTERVAL, dns)
    again = started(switched, other, START + 3 * INTERVAL)
    verified = at(again, START + 4 * INTERVAL, dns)
    assert [state.status for state in (switched, verified)] == ["SUCCESS", "SUCCESS"]
    assert [dkim_state.signs_with(state, "current", "current") for state in (switched, verified)] == [KEY, KEY]
