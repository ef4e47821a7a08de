"""Many identities beside the sandbox's own: SES lists them, name servers have their records, and a reset ends them."""

from __future__ import annotations

from typing import Any

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import CURRENT, dig, servers
from tests.second_edition.sandbox.test_standing import started


def test_a_crowd_comes_with_its_records_and_goes_with_a_reset(sandbox: Sandbox, ses: Any) -> None:
    before = {one["name"]: one["serial"] for one in sandbox.state()["name_servers"]}
    sandbox.set_knobs(identities=25)
    listed = [one["IdentityName"] for one in ses.list_email_identities()["EmailIdentities"]]
    assert listed == [*(f"d{number:05}.example.jp" for number in range(25)), "example.jp"]
    states = sandbox.state()["identities"]
    kinds = [(states[name]["origin"], states[name]["status"]) for name in listed[:10]]
    assert kinds == [("EXTERNAL", "SUCCESS")] * 7 + [("AWS_SES", "SUCCESS"), ("EXTERNAL", "FAILED"), kinds[0]]
    for server in servers(sandbox.facts):
        own, of_first, of_ninth = (
            dig(server, f"{CURRENT}._domainkey.{name}", "TXT", "+short")
            for name in ("example.jp", "d00000.example.jp", "d00008.example.jp")
        )
        assert "v=DKIM1" in own
        assert (of_first, of_ninth) == (own, "")
    assert all(one["serial"] == before[one["name"]] + 1 for one in sandbox.state()["name_servers"])
    sandbox.reset()
    assert list(sandbox.state()["identities"]) == ["example.jp"]


def test_a_standing_sandbox_begins_with_a_crowd_and_a_limit() -> None:
    with started("ready", "--identities", "12", "--requests-per-second", "3") as child:
        standing = Sandbox.connect(f"http://127.0.0.1:{child.port}")
        assert len(standing.state()["identities"]) == 13
        assert standing.facts.requests_per_second == 3
        standing.reset()  # its first settings come back, the crowd with them
        assert len(standing.state()["identities"]) == 13
