"""What is carried from a full read: never anything that what API v1 tells now could contradict."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from second_edition.dkim.published import Judgement, Verdict
from second_edition.rotation.inventory import key_bits, of_batch, record_state, unclear
from second_edition.rotation.observation import EXTERNAL, SUCCESS, Identity
from second_edition.rotation.reading import BATCH_CALL, CARRIED_S, DIARY, SENDING, Reading, composed
from tests.second_edition.each import each

STATUSES = ("NOT_STARTED", "PENDING", SUCCESS, "FAILED", "TEMPORARY_FAILURE")
FULL = Identity(
    "example.jp", "DOMAIN", ("a",), SUCCESS, True, EXTERNAL, True, SUCCESS,
    last_checked="2026-11-24T03:00:00+00:00", last_success="2026-11-24T03:00:00+00:00",
)  # fmt: skip
AT = "2026-11-24T04:09:41.000+00:00"
selectors = st.sampled_from([(), ("a",), ("b",), ("c",), ("a", "b", "c")])
identities = st.builds(
    Identity,
    name=st.just("example.jp"), identity_type=st.just("DOMAIN"), selectors=selectors, status=st.sampled_from(STATUSES),
    signing_enabled=st.sampled_from([True, False, None]),
    signing_origin=st.sampled_from([EXTERNAL, "AWS_SES", "AWS_SES_US_EAST_1", ""]),
    verified_for_sending=st.sampled_from([True, False, None]), verification_status=st.sampled_from(STATUSES),
    error_type=st.sampled_from(["", "HOST_NOT_FOUND"]), last_checked=st.sampled_from(["", "x"]),
)  # fmt: skip
answers = st.fixed_dictionaries(
    {
        "selectors": selectors.map(list),
        "status": st.sampled_from([*STATUSES, "something new"]),
        "signing_enabled": st.sampled_from([True, False, None]),
    }
)


def told(selector: str, status: str, enabled: bool | None = True) -> dict[str, Any]:
    return {"selectors": [selector], "status": status, "signing_enabled": enabled}


def test_what_v1_tells_of_an_identity_and_when_it_does_not_do() -> None:
    assert of_batch("example.jp", told("a", SUCCESS)) == Identity(
        "example.jp", "DOMAIN", ("a",), SUCCESS, True, EXTERNAL, None, ""
    )
    answers = [{"selectors": [], "status": status, "signing_enabled": on} for status, on in (
        ("NOT_STARTED", True), ("PENDING", False), ("NOT_STARTED", False), ("", False),
    )]  # fmt: skip
    empty = [of_batch("example.jp", answer) for answer in answers]
    assert [one.signing_origin for one in empty] == [""] * 4
    assert [unclear(one) for one in empty] == [True, True, False, False]
    easy = replace(FULL, signing_origin="AWS_SES", current_signing_key_length="RSA_1024_BIT")
    assert [key_bits(one) for one in (easy, replace(easy, signing_origin=EXTERNAL))] == [1024, 0]
    no_route, absent = Judgement(Verdict.NO_IPV6), Judgement(Verdict.ABSENT)
    assert [record_state(some) for some in ([no_route, absent], [no_route], [])] == ["absent", str(Verdict.NO_IPV6), ""]


def test_as_it_was_all_is_carried() -> None:
    for wrote in ("", "b"):
        assert composed(FULL, told("a", SUCCESS), wrote) == FULL


@each("status", ["NOT_STARTED", "PENDING"])
def test_while_ses_looks_nothing_is_said_of_what_it_may_have_changed(status: str) -> None:
    expected = replace(
        FULL, selectors=("b",), status=status, verified_for_sending=None, verification_status="",
        last_checked="", last_success="", error_type="",
    )  # fmt: skip
    assert composed(FULL, told("b", status), "b") == expected


def test_what_is_verified_may_send_where_it_might_before() -> None:
    expected = replace(FULL, selectors=("b",), last_checked="", last_success="")
    assert composed(FULL, told("b", SUCCESS), "b") == expected
    for full in (replace(FULL, verified_for_sending=False), replace(FULL, verification_status="FAILED")):
        assert composed(full, told("b", SUCCESS), "b") is None


def test_what_an_earlier_run_began_goes_on() -> None:
    for status in ("PENDING", "NOT_STARTED"):
        full = replace(FULL, status=status, error_type="HOST_NOT_FOUND")
        assert composed(full, told("a", SUCCESS)) == replace(FULL, last_checked="", last_success="")
        assert composed(full, told("a", "FAILED")) is None


def test_what_nobody_knows_by_then_is_named() -> None:
    def unknown(now: dict[str, Any], wrote: str = "") -> set[str]:
        return set(Reading(AT, BATCH_CALL, "r", 0, asdict(FULL), AT, now, wrote).unknown)

    assert unknown(told("b", SUCCESS), "b") == set(DIARY)
    assert unknown(told("b", "PENDING"), "b") == {*DIARY, *SENDING}
    assert unknown(told("a", SUCCESS)) == unknown(told("b", SUCCESS)) == set()  # as it was; to be read in full


@each(
    ("full", "now", "wrote"),
    [
        (FULL, told("b", SUCCESS), ""),  # somebody wrote
        (FULL, told("c", "PENDING"), "b"),  # somebody else did
        (FULL, told("a", "PENDING"), ""),  # written again, by somebody
        (FULL, told("a", "TEMPORARY_FAILURE"), ""),
        (FULL, told("b", "FAILED"), "b"),
        (FULL, told("b", "something new"), "b"),
        (FULL, told("b", SUCCESS, None), "b"),
        (FULL, told("a", SUCCESS, False), ""),
        (FULL, {"selectors": [], "status": "PENDING", "signing_enabled": True}, "b"),
        (replace(FULL, signing_origin="AWS_SES"), told("b", "PENDING"), "b"),
    ],
)
def test_all_else_is_read_in_full(full: Identity, now: dict[str, Any], wrote: str) -> None:
    assert composed(full, now, wrote) is None


@given(identities, answers, st.sampled_from(["", "b"]))
def test_whatever_comes_nothing_is_made_up(full: Identity, now: dict[str, Any], wrote: str) -> None:
    """Show what API v1 tells stands as told; all else is as the full read had it, or is not said at all."""
    found = composed(full, now, wrote)
    if found is None:
        return
    shown = {"selectors": list(found.selectors), "status": found.status, "signing_enabled": found.signing_enabled}
    assert shown == now
    for name, value in asdict(found).items():
        if name in now or value == asdict(full)[name]:
            continue
        assert value in ("", None)
    moved = (list(full.selectors), full.status) != (now["selectors"], now["status"])
    if moved:
        assert found.selectors == ((wrote,) if wrote else full.selectors)
        assert full.signing_origin == EXTERNAL
    if moved and found.status == SUCCESS:
        assert (full.verified_for_sending, full.verification_status) == (True, SUCCESS)
    reading = Reading(AT, BATCH_CALL, "r", 0, asdict(full), AT, now, wrote)
    assert (reading.unknown > set()) is (found != full)
    assert all(asdict(found)[name] in ("", None) for name in reading.unknown) or found.status == SUCCESS


@each(("ago", "kept"), [(0.0, True), (CARRIED_S, True), (CARRIED_S + 1, False), (-0.9, True), (-1.0, False)])
def test_what_is_carried_is_of_the_last_day(ago: float, kept: bool) -> None:
    full_at = (datetime.fromisoformat(AT) - timedelta(seconds=ago)).isoformat()
    reading = Reading(AT, BATCH_CALL, "r", 99, asdict(FULL), full_at, told("a", SUCCESS))
    assert (reading.identity is not None) is kept
