"""What is compared of production's plan and its twin's; which rehearsals count is a row of FLEET-REHEARSED."""

from __future__ import annotations

import msgspec

from second_edition.rotation.plan import PUT, Plan, Write
from second_edition.rotation.rehearsal import Tried, acts, differing, is_of, moved

NOW = Plan(
    (Write(PUT, "example.jp", "mail-20260912-1", "mail-20261124-1", "a" * 64),),
    {
        "account": "123456789012", "dns.192.0.2.1:53": f"a-key sha256:{'1' * 64}", "identity.status": "SUCCESS",
        "key.version": "v1",
    },
    "d" * 64,
)  # fmt: skip


def test_a_twins_plan_differs_by_what_it_does_not_by_its_keys_and_place() -> None:
    twins = Plan(
        (Write(PUT, "example.jp", "mail-20260912-1", "mail-20261124-1", "b" * 64),),
        {
            "account": "111122223333", "dns.127.0.0.1:5354": f"a-key sha256:{'2' * 64}", "identity.status": "SUCCESS",
            "key.version": "v9",
        },
        "e" * 64,
    )  # fmt: skip
    servers = (["192.0.2.1:53"], ["127.0.0.1:5354"])
    assert differing(NOW, twins, *servers) == []
    absent = msgspec.structs.replace(twins, relies_on={**twins.relies_on, "dns.127.0.0.1:5354": "absent"})
    assert differing(NOW, absent, *servers) == [("dns.server 1", "a-key", "absent")]
    other = msgspec.structs.replace(twins, writes=(msgspec.structs.replace(twins.writes[0], next_selector="x"),))
    assert [name for name, _, _ in differing(NOW, other, *servers)] == ["write 1"]


def test_what_else_differs_is_named_with_what_stands_in_each() -> None:
    facts = {"check.DNS-SINGLE": "FAIL", "dns.one that nobody named": "absent", "secret.stage": "AWSPENDING"}
    waived = {"check.DNS-SINGLE": "WAIVED: of 10:00; agreed", "dns.192.0.2.1:53": f"a-key sha256:{'1' * 64}"}
    there, here = (msgspec.structs.replace(NOW, relies_on=one) for one in (NOW.relies_on | waived, facts))
    assert differing(there, here, ["192.0.2.1:53"]) == [
        ("check.DNS-SINGLE", "WAIVED", "FAIL"),
        ("dns.server 1", "a-key", "-"),
        ("identity.status", "SUCCESS", "-"),
        ("secret.stage", "-", "AWSPENDING"),
    ]


def test_what_has_moved_since_a_twin_was_made_is_told() -> None:
    tried, bare = Tried("r", "SWITCHED", "", "", NOW), msgspec.structs.replace(NOW, writes=())
    since = {**NOW.relies_on, "identity.status": "FAILED", "check.KEY-PAIR": "FAIL", "warning.DNS-V6": "FAIL"}
    assert moved(tried, msgspec.structs.replace(NOW, relies_on=since)) == (("identity.status", "SUCCESS", "FAILED"),)
    assert moved(tried, bare) == (("write 1", str(NOW.writes[0]), "-"),)
    assert moved(msgspec.structs.replace(tried, plan=bare), NOW) == (("write 1", "-", str(NOW.writes[0])),)
    assert is_of(Plan((Write("DeleteObject", "s3://keys/x"),), {}, ""), "mail-20261124-1")  # which names no selector


def test_what_is_written_is_compared_but_for_versions_digests_and_times() -> None:
    def made(version: str, sha256: str, time: str) -> Plan:
        place = f"s3://keys/mail-20261124-1/private_key_{time}.pem"
        return Plan((Write("DeleteObject versionId", place, version=version, key_sha256=sha256),), {}, "")

    there, here = made("v1", "a" * 64, "20261120_101500"), made("v9", "b" * 64, "20261128_000000")
    assert acts(there) == acts(here) == ["DeleteObject versionId s3://keys/mail-20261124-1/private_key_*.pem"]
    several = msgspec.structs.replace(there, writes=(*there.writes, *here.writes))
    assert acts(several) == acts(there)  # a twin's object has one version
    assert acts(msgspec.structs.replace(there, writes=(*there.writes, Write("remove", "x.example.jp")))) != acts(here)
