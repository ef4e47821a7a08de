"""Record sets as Route 53 spells them; what answers depend on who asks is told apart from a key record."""

from __future__ import annotations

from typing import Any

from second_edition.aws.route53 import HostedZone, quoted, unquoted
from second_edition.rotation.record_set import Change, RecordSet, Standing
from tests.second_edition.each import each

NAME = "mail-20261124-1._domainkey.example.jp"


class Listing:
    """Answers in the shapes of botocore's model of Route 53; what was written is kept."""

    def __init__(self, *sets: dict[str, Any]) -> None:
        self.sets, self.batches = sets, list[dict[str, Any]]()

    def get_hosted_zone(self, **_: Any) -> dict[str, Any]:
        return {"HostedZone": {"Name": "example.jp.", "Config": {"PrivateZone": False}}}

    def list_resource_record_sets(self, **request: Any) -> dict[str, Any]:
        assert request["StartRecordName"] == f"{NAME}."
        return {"ResourceRecordSets": list(self.sets)}

    def change_resource_record_sets(self, **request: Any) -> dict[str, Any]:
        self.batches.append(request["ChangeBatch"])
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING"}, "ResponseMetadata": {"RequestId": "r"}}

    def get_change(self, **_: Any) -> dict[str, Any]:
        return {"ChangeInfo": {"Status": "PENDING"}}


def txt(*values: str, name: str = f"{NAME}.", **more: Any) -> dict[str, Any]:
    records = [{"Value": value} for value in values]
    return {"Name": name, "Type": "TXT", "TTL": 300, "ResourceRecords": records, **more}


def read(*sets: dict[str, Any]) -> Standing:
    listing = Listing(*sets)
    return HostedZone("Z1", listing, listing).read(NAME)


@each(
    ("strings", "value"),
    [
        ((b"v=DKIM1; k=rsa; p=A",), '"v=DKIM1; k=rsa; p=A"'),
        ((b"one", b"two"), '"one" "two"'),
        ((b'say "hi" \\',), '"say \\"hi\\" \\\\"'),
        ((b"\x00\x7f\xe3",), '"\\000\\177\\343"'),
        ((b"",), '""'),
    ],
)
def test_character_strings_are_spelled_as_the_developer_guide_says(strings: tuple[bytes, ...], value: str) -> None:
    assert quoted(strings) == value
    assert unquoted(value) == strings


def test_a_value_is_deleted_as_it_was_spelled() -> None:
    found = read(txt('"on\\145"  "two"')).found
    assert found == RecordSet(300, ((b"one", b"two"),), ('"on\\145"  "two"',))
    listing = Listing()
    written = HostedZone("Z1", listing, listing).write(
        Change("example.jp", NAME, found, RecordSet(60, ((b"x" * 255, b"y"),)))
    )
    assert (written.error, written.receipt, written.request_id) == ("", "C1", "r")
    (batch,) = listing.batches
    assert batch == {
        "Changes": [
            {"Action": "DELETE", "ResourceRecordSet": txt('"on\\145"  "two"')},
            {"Action": "CREATE", "ResourceRecordSet": {**txt(f'"{"x" * 255}" "y"'), "TTL": 60}},
        ]
    }


def test_only_what_stands_at_the_very_name_counts() -> None:
    assert read(txt('"x"', name="next.example.jp.")) == Standing(NAME, "example.jp")
    assert read(txt('"x"', name=f"{NAME.upper()}.")).found is not None
    assert read({"Name": f"{NAME}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}).found is None


@each(
    ("there", "other"),
    [
        (txt('"x"', SetIdentifier="blue", Weight=1), "TXT SetIdentifier blue"),
        (txt('"x"', SetIdentifier="far", GeoLocation={"CountryCode": "JP"}), "TXT SetIdentifier far"),
        ({"Name": f"{NAME}.", "Type": "TXT", "AliasTarget": {"DNSName": "x.example.jp."}}, "TXT AliasTarget"),
        (
            {"Name": f"{NAME}.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net."}]},
            "CNAME x.example.net",
        ),
        ({"Name": f"{NAME}.", "Type": "CNAME", "AliasTarget": {"DNSName": "y.example.net."}}, "CNAME y.example.net"),
    ],
)
def test_records_that_are_no_plain_ones_are_told(there: dict[str, Any], other: str) -> None:
    seen = read(there)
    assert (seen.found, seen.other) == (None, other)
