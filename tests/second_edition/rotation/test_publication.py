"""What stands and what is wanted give one exact change, or a refusal."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC

import pytest
from msgspec.structs import replace

from second_edition.display.words import Words
from second_edition.evidence.journal import digest
from second_edition.rotation.findings import Phrase
from second_edition.rotation.publication import REVOKED_VALUE, NotPlanned, make, publishing, removing, resolved, revoking, why
from second_edition.rotation.record_set import Aim, Change, Publication, RecordSet, Standing, Wanted
from tests.second_edition.dkim import keys
from tests.second_edition.each import each

NAME = "mail-20261124-1._domainkey.example.jp"
SHA256 = hashlib.sha256(keys.spki()).hexdigest()
VALUE = f"v=DKIM1; k=rsa; p={base64.b64encode(keys.spki()).decode()}"
OTHER = f"v=DKIM1; k=rsa; p={base64.b64encode(keys.spki(1024)).decode()}"
WANTED = publishing(NAME, VALUE, 3600, SHA256)
WORDS = Words("en", UTC)


def held(*values: str, ttl: int = 3600) -> RecordSet:
    cut = tuple(tuple(value.encode()[at : at + 255] for at in range(0, len(value), 255)) for value in values)
    return RecordSet(ttl, cut)


def standing(*values: str, ttl: int = 3600, other: str = "") -> Standing:
    return Standing(NAME, "example.jp", held(*values, ttl=ttl) if values else None, other, 7)


def planned(found: Standing, wanted: Wanted = WANTED, replacing: str = "") -> Publication:
    return make(found, wanted, digest, replacing)


def refusal(found: Standing, wanted: Wanted = WANTED, replacing: str = "") -> NotPlanned:
    with pytest.raises(NotPlanned) as caught:
        planned(found, wanted, replacing)
    return caught.value


def test_where_nothing_stands_the_record_is_made_in_strings_of_at_most_255_bytes() -> None:
    change = planned(standing()).change
    assert change is not None
    assert (change.zone, change.name, change.before) == ("example.jp", NAME, None)
    assert change.after == held(VALUE)
    (record,) = change.after.records
    assert (len(record), len(record[0]), b"".join(record)) == (2, 255, VALUE.encode())


def test_where_it_stands_nothing_is_done_however_it_is_cut() -> None:
    assert planned(standing(VALUE)).change is None
    odd = RecordSet(3600, ((VALUE.encode()[:100], VALUE.encode()[100:300], VALUE.encode()[300:]),))
    assert planned(replace(standing(), found=odd)).change is None


def test_the_same_key_in_other_words_is_let_be() -> None:
    assert planned(standing(VALUE.removeprefix("v=DKIM1; "), ttl=300)).change is None


def test_another_ttl_is_a_change() -> None:
    change = planned(standing(VALUE, ttl=300)).change
    assert change == Change("example.jp", NAME, held(VALUE, ttl=300), held(VALUE))


@each(
    ("found", "reason", "values"),
    [
        (standing(other="CNAME x.example.net"), "cname", {"other": "CNAME x.example.net"}),
        (standing(other="TXT SetIdentifier a"), "policy", {"other": "TXT SetIdentifier a"}),
        (standing(OTHER, VALUE), "several", {"count": "2"}),
        (standing(OTHER), "another", {"value": OTHER}),
        (standing('say "hi"'), "another", {"value": 'say \\"hi\\"'}),
        (standing(REVOKED_VALUE), "another", {"value": REVOKED_VALUE}),
    ],
)
def test_what_is_none_of_ours_is_not_touched(found: Standing, reason: str, values: dict[str, str]) -> None:
    refused = refusal(found)
    assert (refused.reason, refused.observed.values) == (reason, {"name": NAME, **values})


def test_what_stands_there_is_said_and_what_to_do_about_it() -> None:
    refused = refusal(standing(other="CNAME x.example.net"))
    assert WORDS.phrase(refused.observed) == f"At {NAME} stands CNAME x.example.net: no TXT record may stand beside it."
    assert WORDS.phrase(refused.todo) == "Have the CNAME taken away, or the record published where it leads."
    withdrawn = refusal(standing(other="CNAME x.example.net"), removing(NAME, WANTED.sha256))
    assert WORDS.phrase(withdrawn.todo) == "Have the CNAME taken away, or the key withdrawn where it leads."
    assert NotPlanned("unread", Phrase("Sign in."), name=NAME, code="x", why="").todo == Phrase("Sign in.")


@each(
    ("code", "message", "said"),
    [
        ("BADKEY", "17", " The server does not know the TSIG key's name."),
        ("other-zone", "example.com", " The hosted zone is that of example.com, which does not hold the name."),
        ("AccessDenied", "Not for role X.", " It says: Not for role X."),
        ("AccessDenied", "", ""),
    ],
)
def test_what_the_error_of_a_zone_s_keeper_means(code: str, message: str, said: str) -> None:
    meant = why(code, message)
    assert (WORDS.phrase(meant), bool(meant)) == (said, bool(said))


def test_plans_that_differ_in_anything_have_digests_of_their_own() -> None:
    there, worded = standing(VALUE), publishing(NAME, VALUE.removeprefix("v=DKIM1; "), 3600, SHA256)
    plans = [planned(there), planned(replace(there, zone="jp")), planned(there, worded), planned(there, replacing="x")]
    assert len({one.digest for one in (*plans, planned(standing()))} - {""}) == 5
    assert make(there, WANTED, digest) == plans[0]


def test_another_record_is_replaced_where_its_very_value_was_named() -> None:
    change = planned(standing(OTHER, ttl=300), replacing=OTHER).change
    assert change == Change("example.jp", NAME, held(OTHER, ttl=300), held(VALUE))
    assert refusal(standing(OTHER), replacing=OTHER[:-1]).reason == "another"
    assert refusal(standing(OTHER, VALUE), replacing=OTHER).reason == "several"
    assert refusal(standing(other="CNAME x"), replacing="x").reason == "cname"


def test_a_key_is_revoked_by_an_empty_p() -> None:
    change = planned(standing(VALUE), revoking(NAME, 3600, SHA256)).change
    assert change == Change("example.jp", NAME, held(VALUE), held(REVOKED_VALUE))
    assert planned(standing(REVOKED_VALUE), revoking(NAME, 3600, SHA256)).change is None
    assert planned(standing("p="), revoking(NAME, 3600, SHA256)).change is None
    assert planned(standing(), revoking(NAME, 3600, SHA256)).change is None
    assert refusal(standing(OTHER), revoking(NAME, 3600, SHA256)).reason == "another"


def test_the_record_of_the_key_or_its_revoked_one_is_removed_and_no_other() -> None:
    for value in (VALUE, REVOKED_VALUE):
        change = planned(standing(value), removing(NAME, SHA256)).change
        assert change == Change("example.jp", NAME, held(value), None)
    assert planned(standing(), removing(NAME, SHA256)).change is None
    assert refusal(standing(OTHER), removing(NAME, SHA256)).reason == "another"
    assert refusal(standing("v=spf1 -all"), removing(NAME, SHA256)).reason == "another"


def test_a_reading_tells_whether_a_change_was_applied() -> None:
    made, gone = Change("example.jp", NAME, None, held(VALUE)), Change("example.jp", NAME, held(VALUE), None)
    assert resolved(standing(VALUE), made) is True
    assert resolved(standing(), made) is False
    assert resolved(standing(OTHER), made) is None
    assert resolved(standing(VALUE, ttl=60), made) is None
    assert resolved(standing(), gone) is True
    assert resolved(standing(VALUE), gone) is False
    assert resolved(standing(other="CNAME x"), made) is None
    changed = Change("example.jp", NAME, held(VALUE, ttl=60), held(VALUE))
    assert resolved(standing(VALUE, ttl=60), changed) is False
    assert resolved(standing(VALUE), changed) is True


def test_names_are_compared_in_lower_case() -> None:
    name, lower = "Mail-1._domainkey.example.jp", "mail-1._domainkey.example.jp"
    assert publishing(name, VALUE, 60, SHA256) == Wanted(lower, Aim.PUBLISH, SHA256, VALUE, 60)
    assert revoking(name, 60, SHA256) == Wanted(lower, Aim.REVOKE, SHA256, REVOKED_VALUE, 60)
    assert removing(name, SHA256) == Wanted(lower, Aim.REMOVE, SHA256)
