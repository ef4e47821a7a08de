"""The request as octoDNS reads it: by octoDNS itself, whose YamlProvider and records are the judge."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from octodns.provider.yaml import YamlProvider
from octodns.zone import Zone

from byodkim.dkim.key_record import PublicKey
from byodkim.dns.foreign_sheet import octodns_text
from byodkim.dns.request_sheet import Request
from byodkim.errors import ParameterError
from tests.dkim import keys


def request(bits: int = 2048, domain: str = "example.jp", ttl: int = 300) -> Request:
    return Request(domain, "mail-20261124-1", PublicKey.from_der(keys.spki(bits)), ttl)


def read(folder: Path, zone: str, text: str) -> Zone:
    """The zone as octoDNS reads it from its file, strictly: names in order, every record validated."""
    (folder / f"{zone}.yaml").write_text(text)
    found = Zone(f"{zone}.", [])
    YamlProvider("config", str(folder), enforce_order=True, escaped_semicolons=True).populate(found, lenient=False)
    return found


@pytest.mark.parametrize("bits", [1024, 2048])
@pytest.mark.parametrize(
    ("domain", "zone", "owner"),
    [
        ("example.jp", "", "mail-20261124-1._domainkey"),
        ("news.example.jp", "example.jp", "mail-20261124-1._domainkey.news"),
    ],
)
def test_octodns_reads_the_one_record_as_it_is_meant(
    tmp_path: Path, bits: int, domain: str, zone: str, owner: str
) -> None:
    asked = request(bits, domain)
    (record,) = read(tmp_path, zone or domain, octodns_text(asked, zone)).records
    assert (record.name, record._type, record.ttl) == (owner, "TXT", 300)
    assert record.fqdn == f"{asked.name}."
    (value,) = record.values
    assert value.replace("\\;", ";") == asked.value
    # As octoDNS hands it to a provider: cut into strings of at most 255 bytes, in quotes.
    (chunked,) = record.chunked_values
    strings = [part.strip('"').replace("\\;", ";") for part in chunked.split('" "')]
    assert "".join(strings) == asked.value
    assert len(strings) == (1 if bits == 1024 else 2)
    assert max(map(len, strings)) <= 255


def test_put_beside_a_teams_records_it_changes_none_of_them(tmp_path: Path) -> None:
    entry = "".join(line for line in octodns_text(request()).splitlines(True) if not line.startswith(("#", "---")))
    team = '---\n"":\n  type: TXT\n  value: v=spf1 -all\n'
    both = read(tmp_path, "example.jp", team + entry)
    assert {record.name: len(record.values) for record in both.records} == {"": 1, "mail-20261124-1._domainkey": 1}


def test_a_zone_that_does_not_hold_the_name_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"does not lie in the zone example\.net"):
        octodns_text(request(), "example.net")


def test_its_words_are_comments_and_warn_of_applying_it_alone() -> None:
    for language, words in (("en", "would remove every other record of example.jp"), ("ja", "すべて削除されます")):
        text = octodns_text(request(), language=language)  # type: ignore[arg-type]
        assert words in text
        assert list(yaml.safe_load(text)) == ["mail-20261124-1._domainkey"]
