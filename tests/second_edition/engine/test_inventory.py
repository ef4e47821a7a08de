"""The inventory of a real sandbox: each row is what stands there, SES's limit is kept, and a kill loses nothing."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from second_edition.aws.reads import READING
from second_edition.dkim.published import Server
from second_edition.dns.server_names import parse_nameservers
from second_edition.engine import exploring
from second_edition.engine.exploring import Exploration
from second_edition.engine.inventory import InventoryRun, Progress
from second_edition.engine.zone_servers import ZoneServers
from second_edition.errors import AccessError
from second_edition.evidence import inventory_file
from second_edition.evidence.inventory_file import InventoryFile
from second_edition.rotation.inventory import Row
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.servers import free_port
from tests.second_edition.evidence.pasts import Told, write_all
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, key_sha256, servers, txt

BATCHES, PAGES = "GetIdentityDkimAttributes", "ListEmailIdentities"
Take = Callable[..., dict[str, Row]]


@pytest.fixture
def session(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exploration]:
    monkeypatch.chdir(tmp_path)
    opened = exploring.begin({"target": "sandbox", "endpoint_url": sandbox.facts.endpoint_url})
    yield opened
    opened.close()


def begun(session: Exploration) -> InventoryFile:
    return inventory_file.begin(session.folder, session.place, "sandbox", datetime.now(UTC))


def servers_of(session: Exploration, given: str = "") -> ZoneServers:
    return ZoneServers(parse_nameservers(given) if given else session.intent.nameservers, "en")


@pytest.fixture
def take(session: Exploration) -> Take:
    """Takes an inventory; rows by name."""

    def taken(given: str = "", tell: Callable[[Progress], None] = lambda _: None) -> dict[str, Row]:
        file = begun(session)
        found = list(InventoryRun(session, file, time.monotonic, servers_of(session, given), tell).rows())
        assert len({row.name for row in found}) == len(found)
        file.end(datetime.now(UTC))
        assert [row.name for row in inventory_file.rows(file.path)] == [row.name for row in found]
        return {row.name: row for row in found}

    return taken


def test_each_row_is_what_stands_there(sandbox: Sandbox, take: Take) -> None:
    sandbox.set_knobs(identities=230)
    rows = take()
    state = sandbox.state()["identities"]
    assert rows.keys() == state.keys()
    for name, row in rows.items():
        its = state[name]
        assert (row.status, row.signing_enabled, row.origin) == (its["status"], its["signing_enabled"], its["origin"])
        assert row.selector == (its["selectors"][0] if its["origin"] == "EXTERNAL" else "")
        expected = {"FAILED": "absent"}.get(row.status, "a-key") if its["origin"] == "EXTERNAL" else ""
        assert (row.record, {verdict for _, _, verdict, _ in row.servers}) == (expected, {expected} - {""})
        assert row.bits == (2048 if expected == "a-key" else 0)
        assert len(row.servers) == (2 if expected else 0)
        assert (row.origin_by, row.unread) == ("tokens", "")
    assert {row.made_by for row in rows.values()} == {"", "object"}
    assert (rows[DOMAIN].made_by, rows[DOMAIN].urgency) == ("object", "fine")
    assert {name: len(sandbox.calls(name)) for name in (PAGES, BATCHES)} == {PAGES: 1, BATCHES: 3}
    assert sandbox.calls("GetEmailIdentity") == []
    assert {str(call["operation"]) for call in sandbox.calls()} <= READING


def test_what_v1_leaves_open_is_asked_of_v2_and_nothing_else_is(sandbox: Sandbox, take: Take) -> None:
    sandbox.set_knobs(tokens="empty", identities=8)  # the eighth has Easy DKIM, which v1 tells all the same
    rows = take()
    assert len(sandbox.calls("GetEmailIdentity")) == 8
    assert {(row.origin, row.origin_by) for row in rows.values()} == {("EXTERNAL", "ses"), ("AWS_SES", "tokens")}


def test_a_cname_is_followed_to_the_key(sandbox: Sandbox, take: Take) -> None:
    name, target = f"{CURRENT}._domainkey.{DOMAIN}", f"keys.{DOMAIN}"
    (value,) = txt(servers(sandbox.facts)[0], name)
    sandbox.set_record(target, "TXT", [[value[:255].decode(), value[255:].decode()]])
    sandbox.set_record(name, "TXT", [])
    sandbox.set_record(name, "CNAME", [f"{target}."])
    row = take()[DOMAIN]
    assert (row.record, row.bits, row.made_by, row.urgency) == ("a-key", 2048, "object", "fine")
    assert {(verdict, detail) for _, _, verdict, detail in row.servers} == {("a-key", f"CNAME {target}")}
    sandbox.set_record(target, "TXT", [])
    assert take()[DOMAIN].record == "cname"


def test_servers_that_differ_are_asked_for_their_serials(sandbox: Sandbox, take: Take) -> None:
    sandbox.unpublish(CURRENT, server="ns2")
    row = take()[DOMAIN]
    assert row.record == "differ"
    # The second has the newer copy, from which the record was taken.
    assert [verdict for _, _, verdict, _ in row.servers] in (["stale", "absent"], ["absent", "stale"])


def test_a_server_that_does_not_answer_is_said_and_holds_nothing_up(sandbox: Sandbox, take: Take) -> None:
    first = sandbox.facts.nameservers.split(",")[0]
    row = take(f"{first},127.0.0.1:{free_port()}")[DOMAIN]
    assert row.record == "partly"
    assert {(verdict, detail) for _, _, verdict, detail in row.servers} == {("a-key", ""), ("no-answer", "port-closed")}


def test_name_servers_that_cannot_be_found_are_said(session: Exploration) -> None:
    class Nowhere(ZoneServers):
        def _find(self, name: str) -> tuple[Server, ...]:
            raise AccessError(name)

    file = begun(session)
    (row,) = InventoryRun(session, file, time.monotonic, Nowhere((), "en")).rows()
    assert (row.record, row.servers, row.status) == ("unfound", (), "SUCCESS")
    file.close()


def test_the_age_of_a_key_comes_from_the_archive_too(sandbox: Sandbox, session: Exploration, take: Take) -> None:
    at, own = sandbox.facts.endpoint_url, sandbox.facts.id
    told = Told(asked=CURRENT, before="mail-20250912-1", target="sandbox", endpoint=at, sandbox=own)
    write_all(session.folder, [told])
    assert take()[DOMAIN].made_by == "object"  # that run saw another key there
    write_all(session.folder, [dataclasses.replace(told, day=1, key_sha256=key_sha256(sandbox.facts, CURRENT))])
    row = take()[DOMAIN]
    assert row.made_by.startswith("archived")
    assert datetime.fromisoformat(row.made) < datetime.now(UTC)


def test_the_limit_is_kept_and_how_long_it_takes_is_told(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10 calls a second in place of 1: none is refused. ``tests.second_edition.bench.inventory`` has how much of that is used."""
    monkeypatch.chdir(tmp_path)
    sandbox.set_knobs(identities=2999, requests_per_second=10)
    with_limit = exploring.begin({"target": "sandbox", "endpoint_url": sandbox.facts.endpoint_url})
    told: list[float | None] = []
    try:
        file = begun(with_limit)
        # Nobody there: this is about SES alone.
        servers = servers_of(with_limit, f"127.0.0.1:{free_port()}")
        taking = InventoryRun(with_limit, file, time.monotonic, servers, lambda progress: told.append(progress.left_s))
        rows = sum(1 for _ in taking.rows())
        file.end(datetime.now(UTC))
    finally:
        with_limit.close()
    calls = [call for call in sandbox.calls() if call["service"] in ("ses", "sesv2")]
    assert (rows, len(calls), {call["status"] for call in calls}) == (3000, 33, {200})
    at = [datetime.fromisoformat(str(call["at"])) for call in calls]
    assert (at[-1] - at[0]).total_seconds() >= 32 / 10
    assert max(one for one in told if one is not None) >= 0.4 * 32 / 10  # as it began, or was half-way


def test_identities_that_are_deleted_meanwhile_are_said(sandbox: Sandbox, session: Exploration, take: Take) -> None:
    file = begun(session)
    file.page([{"name": name, "kind": "DOMAIN"} for name in (DOMAIN, "gone.example.jp")], "")
    file.close()
    rows = take()
    assert (rows["gone.example.jp"].unread, rows[DOMAIN].unread) == ("NotFoundException", "")
    assert len(sandbox.calls(BATCHES)) == 1


def test_more_than_a_page_is_listed(sandbox: Sandbox, take: Take) -> None:
    sandbox.set_knobs(identities=1004)
    assert len(take()) == 1005
    assert {name: len(sandbox.calls(name)) for name in (PAGES, BATCHES)} == {PAGES: 2, BATCHES: 11}


def test_a_token_that_is_no_longer_taken_begins_the_list_anew(
    sandbox: Sandbox, session: Exploration, take: Take
) -> None:
    sandbox.set_knobs(identities=4)
    file = begun(session)
    file.page([{"name": DOMAIN, "kind": "DOMAIN"}], "of another day")
    file.close()
    assert len(take()) == 5
    assert [call["status"] for call in sandbox.calls(PAGES)] == [400, 200]


def test_what_is_known_stays_where_it_ends_too_early(session: Exploration) -> None:
    file = begun(session)
    taking = InventoryRun(session, file, time.monotonic, servers_of(session))
    session.custodian.close()
    with pytest.raises(Exception, match="custodian") as caught:
        list(taking.rows())
    assert "\n" not in str(caught.value)
    file.close()
    assert begun(session).path == file.path
