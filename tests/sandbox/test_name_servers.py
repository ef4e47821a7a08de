"""The sandbox's name servers, as dig sees them."""

import re

import pytest
from botocore.exceptions import ClientError

from byodkim.sandbox.world import control
from tests.sandbox.tools import NEW, client, dig, key_name, texts


def header(answer: str) -> tuple[str, set[str]]:
    """Return rcode and flags of an answer that dig printed."""
    rcode, flags = re.search(r"status: (\w+),", answer), re.search(r"flags: ([a-z ]*);", answer)
    assert rcode is not None, answer
    assert flags is not None, answer
    return rcode[1], set(flags[1].split())


@pytest.mark.parametrize(
    ("fault", "rcode", "is_authoritative", "records"),
    [
        ("", "NOERROR", True, 1),
        ("servfail", "SERVFAIL", False, 0),
        ("refused", "REFUSED", False, 0),
        ("lame", "NOERROR", False, 1),
        ("nxdomain", "NXDOMAIN", True, 1),
    ],
)
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_a_fault_of_one_server(world, fault, rcode, is_authoritative, records, transport):
    control(world, "dns", servers=["ns2"], fault=fault)
    name = key_name(world, NEW)
    answer = dig(world.nameservers[1], name, "TXT", transport)
    assert header(answer)[0] == rcode
    assert ("aa" in header(answer)[1]) == is_authoritative
    assert answer.count("v=DKIM1") == records
    assert len(texts(world.nameservers[0], name)) == 1


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_a_silent_server(world, transport):
    control(world, "dns", servers=["ns1"], fault="silent")
    assert "status:" not in dig(world.nameservers[0], key_name(world, NEW), "TXT", transport)


def test_a_truncated_answer_and_no_tcp(world):
    control(world, "dns", servers=["ns1"], fault="truncated")
    name = key_name(world, NEW)
    answer = dig(world.nameservers[0], name, "TXT", "+ignore")
    assert "tc" in header(answer)[1]
    assert "v=DKIM1" not in answer
    assert texts(world.nameservers[0], name) == []


def test_a_long_answer_is_truncated_and_complete_over_tcp(world):
    name = key_name(world, NEW)
    control(world, "dns", name=name, texts=["v=DKIM1; p=" + "A" * 600])
    cut = dig(world.nameservers[0], name, "TXT", "+noedns", "+ignore")
    assert "tc" in header(cut)[1]
    assert "v=DKIM1" in dig(world.nameservers[0], name, "TXT", "+noedns")
    assert "tc" not in header(dig(world.nameservers[0], name, "TXT", "+ignore"))[1]


def test_records_of_every_kind(world):
    name, address = key_name(world, "x"), world.nameservers[0]
    control(world, "dns", name=name, texts=["one", ["t", "wo"]], ttl=77)
    assert sorted(texts(address, name)) == ["one", "two"]
    assert re.search(r"\s77\s+IN\s+TXT", dig(address, name))
    control(world, "dns", name=name, texts=[], cname=key_name(world, NEW))
    assert len(texts(address, name)) == 1
    assert key_name(world, NEW) in dig(address, name, "CNAME", "+short")
    control(world, "dns", name=key_name(world, NEW), texts=[], cname=name)
    assert texts(address, name) == []
    assert header(dig(address, name))[0] == "NOERROR"


def test_names_within_the_zone_in_any_case(shared):
    assert len(texts(shared.nameservers[0], key_name(shared, NEW).upper())) == 1
    assert header(dig(shared.nameservers[0], "example.com"))[0] == "REFUSED"
    assert header(dig(shared.nameservers[0], "_domainkey.example.jp"))[0] == "NOERROR"
    servers = dig(shared.nameservers[0], "example.jp", "NS", "+short").split()
    assert servers == ["ns1.example.jp.", "ns2.example.jp.", "ns3.example.jp."]


def soa(address: str) -> list[str]:
    return dig(address, "example.jp", "SOA", "+short").split()[2:]


def test_a_stale_server_keeps_the_old_zone_and_its_serial(world):
    name = key_name(world, "x")
    control(world, "dns", servers=["ns3"], frozen=True)
    old = soa(world.nameservers[2])
    control(world, "dns", name=name, texts=["later"])
    assert texts(world.nameservers[0], name) == ["later"]
    assert texts(world.nameservers[2], name) == []
    assert soa(world.nameservers[2]) == old
    assert int(soa(world.nameservers[0])[0]) == int(old[0]) + 1


def test_the_soa_is_set(world):
    control(world, "dns", minimum=60, soa_ttl=1800)
    for address in world.nameservers:
        fields = soa(address)
        assert fields[4] == "60"
        negative = dig(address, key_name(world, "none"))
        assert re.search(r"\s1800\s+IN\s+SOA", negative)


def test_the_resolver_rejects_bogus_dnssec(world):
    name, address = key_name(world, NEW), world.resolvers[0]
    rcode, flags = header(dig(address, name))
    assert (rcode, {"ra", "rd"} & flags, "aa" in flags) == ("NOERROR", {"ra", "rd"}, False)
    control(world, "dns", servers=["resolver"], fault="bogus")
    assert header(dig(address, name))[0] == "SERVFAIL"
    assert header(dig(address, name, "TXT", "+cdflag"))[0] == "NOERROR"


def test_a_wildcard_answers_for_names_that_do_not_exist(world):
    address, none = world.nameservers[0], key_name(world, "none")
    control(world, "dns", name=f"*._domainkey.{world.domain}", texts=["wild"])
    assert texts(address, none) == ["wild"]
    assert texts(address, key_name(world, NEW)) != ["wild"]
    assert header(dig(address, none, "A"))[0] == "NOERROR"


def test_route_53_takes_no_string_of_256_bytes(world):
    rows = [{"Value": f'"{"x" * 256}"'}]
    records = {"Name": key_name(world, "x"), "Type": "TXT", "TTL": 60, "ResourceRecords": rows}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": records}]}
    route53 = client(world, "route53")
    with pytest.raises(ClientError, match="CharacterStringTooLong"):
        route53.change_resource_record_sets(HostedZoneId=world.hosted_zone_id, ChangeBatch=changes)
