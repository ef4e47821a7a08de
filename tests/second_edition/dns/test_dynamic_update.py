"""Signed updates against real Knot DNS and BIND: what they take, what they refuse, and what they leave as it was."""

from __future__ import annotations

import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.name
import pytest

from second_edition.dkim.published import Server
from second_edition.dns.dynamic_update import TsigKey, UpdateServer
from second_edition.dns.publisher import MOVED, ZoneRefused
from second_edition.rotation.publication import REVOKED_VALUE
from second_edition.rotation.record_set import Change, RecordSet, Standing
from tests.second_edition.dns.servers import free_port
from tests.second_edition.dns.updated import NAME, ZONE, Key, Updated, between, bind, knot, serial, whole
from tests.second_edition.each import each

VALUE = f"v=DKIM1; k=rsa; p={'A' * 392}".encode()
AFTER = RecordSet(300, ((VALUE[:255], VALUE[255:]),))
MAKE = Change("example.jp", NAME, None, AFTER)
TXT = (f"{NAME}.", "TXT")


@pytest.fixture(scope="module")
def key() -> Key:
    return Key()


@pytest.fixture(scope="module", params=[knot, bind], ids=["knot", "bind"])
def port(request: pytest.FixtureRequest, key: Key, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with request.param(tmp_path_factory.mktemp("zone"), key) as port:
        yield port


@pytest.fixture
def server(port: int, key: Key) -> Iterator[UpdateServer]:
    """The server, whose zone has no record at the name."""
    yield at(port, key)
    standing = at(port, key).read(NAME)
    if standing.found is not None:
        assert at(port, key).write(Change("example.jp", NAME, standing.found, None)).error == ""


def at(port: int, key: Key, **other: object) -> UpdateServer:
    told = {"name": key.name, "algorithm": key.algorithm, "secret": key.secret, **other}
    return UpdateServer(Server("", "127.0.0.1", port), TsigKey(**told))  # type: ignore[arg-type]


def dig(port: int, name: str = NAME) -> str:
    command = ["dig", "@127.0.0.1", "-p", str(port), "+short", "+tcp", "TXT", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def refusal(server: UpdateServer, name: str = NAME) -> ZoneRefused:
    with pytest.raises(ZoneRefused) as caught:
        server.read(name)
    return caught.value


def test_a_record_is_made_changed_revoked_and_removed_and_nothing_else(server: UpdateServer, port: int) -> None:
    before = whole(port)
    assert TXT not in before
    assert server.read(NAME) == Standing(NAME, "example.jp", None, "", serial(port))
    assert server.write(MAKE).error == ""
    assert dig(port) == f'"{VALUE[:255].decode()}" "{VALUE[255:].decode()}"'
    made = whole(port)
    assert made.pop(TXT)[0] == 300
    assert made == before
    assert server.read(NAME).found == AFTER

    longer = RecordSet(3600, AFTER.records)
    assert server.write(Change("example.jp", NAME, AFTER, longer)).error == ""
    assert whole(port)[TXT] == (3600, (f'"{VALUE[:255].decode()}" "{VALUE[255:].decode()}"',))

    revoked = RecordSet(3600, ((REVOKED_VALUE.encode(),),))
    assert server.write(Change("example.jp", NAME, longer, revoked)).error == ""
    assert dig(port) == f'"{REVOKED_VALUE}"'

    assert server.write(Change("example.jp", NAME, revoked, None)).error == ""
    assert whole(port) == before


def test_what_else_may_stand_at_a_name_is_told(server: UpdateServer) -> None:
    alias = server.read("alias._domainkey.example.jp")
    assert (alias.found, alias.other) == (None, "CNAME elsewhere.example.net")
    several = server.read("several._domainkey.example.jp").found
    assert several == RecordSet(3600, ((b"one",), (b"two",)))


@pytest.mark.parametrize("start", [knot, bind])
@pytest.mark.parametrize("wild", ['TXT "for all"', "CNAME elsewhere.example.net."])
def test_what_a_wildcard_answers_does_not_stand_at_the_name(start: Updated, wild: str, tmp_path: Path) -> None:
    own = Key()
    with start(tmp_path, own, f"{ZONE}*._domainkey {wild}\n") as port:  # type: ignore[call-arg]
        server, before = at(port, own), whole(port)
        assert dig(port) != ""
        assert server.read(NAME) == Standing(NAME, "example.jp", serial=1)
        assert server.write(MAKE).error == ""
        assert server.read(NAME).found == AFTER
        assert server.write(Change("example.jp", NAME, AFTER, None)).error == ""
        assert whole(port) == before


@pytest.mark.parametrize("start", [knot, bind])
def test_what_stands_at_the_name_itself_is_seen_below_a_wildcard_of_the_same_value(
    start: Updated, tmp_path: Path
) -> None:
    own, name = Key(), "alike._domainkey.example.jp"
    with start(tmp_path, own, f'{ZONE}*._domainkey TXT "for all"\nalike._domainkey TXT "for all"\n') as port:  # type: ignore[call-arg]
        found = at(port, own).read(name).found
        assert found is not None
        assert at(port, own).write(Change("example.jp", name, found, AFTER)).error == ""


@pytest.mark.parametrize("name", ["www.example.jp", "mail-9.example.jp", "_dmarc.example.jp"])
def test_the_key_can_do_no_more_than_the_readme_lets_it(server: UpdateServer, port: int, name: str) -> None:
    before = whole(port)
    assert server.write(Change("example.jp", name, None, AFTER)).error in ("REFUSED", "NOTAUTH")
    assert whole(port) == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        # Somebody made one; somebody changed it; somebody took it away; a CNAME came to stand there.
        (Change("example.jp", "several._domainkey.example.jp", None, AFTER), "YXRRSET"),
        (Change("example.jp", "several._domainkey.example.jp", RecordSet(3600, ((b"one",),)), AFTER), "NXRRSET"),
        (Change("example.jp", NAME, RecordSet(3600, ((b"one",),)), AFTER), "NXRRSET"),
        (Change("example.jp", NAME, RecordSet(3600, ((b"one",),)), None), "NXRRSET"),
        (Change("example.jp", "alias._domainkey.example.jp", None, AFTER), "YXRRSET"),
    ],
    ids=["made", "changed", "gone", "gone-remove", "cname"],
)
def test_a_record_that_changed_since_it_was_read_stops_the_update(
    server: UpdateServer, port: int, change: Change, error: str
) -> None:
    before, count = whole(port), serial(port)
    came = server.write(change)
    assert (came.error in MOVED, came.error, came.unclear) == (True, error, False)
    assert (whole(port), serial(port)) == (before, count)


@pytest.mark.parametrize("start", [knot, bind])
@pytest.mark.parametrize("algorithm", ["hmac-sha384", "hmac-sha512"])
def test_stronger_algorithms_work(start: Updated, algorithm: str, tmp_path: Path) -> None:
    own = Key(algorithm=algorithm)
    with start(tmp_path, own) as port:
        assert at(port, own).write(MAKE).error == ""
        assert at(port, own).read(NAME).found == AFTER
        assert refusal(at(port, own, algorithm="hmac-sha256")).code in ("BADKEY", "NOTAUTH")


@each(
    ("other", "codes"),
    [
        # To a key that it does not know, Knot says NOTAUTH and no more.
        ({"name": "somebody-else."}, ("BADKEY", "NOTAUTH")),
        ({"algorithm": "hmac-sha512"}, ("BADKEY", "NOTAUTH")),
        ({"secret": b"x" * 32}, ("BADSIG",)),
    ],
    ids=["name", "algorithm", "secret"],
)
def test_a_wrong_key_is_refused_before_anything_is_looked_at(
    port: int, key: Key, other: dict[str, object], codes: tuple[str, ...]
) -> None:
    before, count = whole(port), serial(port)
    wrong = at(port, key, **other)
    assert refusal(wrong).code in codes
    came = wrong.write(MAKE)
    assert came.error in codes
    assert came.unclear  # what is not signed may come from anybody: the zone is read before it is believed
    assert (whole(port), serial(port)) == (before, count)


def test_a_clock_that_is_wrong_is_told(port: int, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = whole(port), time.time
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: real() + 3600)
        came = at(port, key).write(MAKE)
        assert refusal(at(port, key)).code == "BADTIME"
    assert came.error == "BADTIME"
    assert whole(port) == before


def test_a_server_that_is_not_there_never_saw_the_update(key: Key) -> None:
    nowhere = at(free_port(), key)
    came = nowhere.write(MAKE)
    assert (came.error, came.unclear) == ("unreachable", False)
    assert refusal(nowhere).code == "unreachable"


def test_an_answer_that_never_comes_leaves_it_unclear(server: UpdateServer, port: int, key: Key) -> None:
    with between(port, lambda _: None) as cut:
        came = at(cut, key).write(MAKE)
    assert came.unclear
    assert came.error in ("connection", "timeout")
    assert server.read(NAME).found == AFTER  # it was applied all the same


def unknown_key(came: bytes) -> bytes:
    """Say, in place of the answer, that the key is not known: such a TSIG record has no signature (RFC 8945, 5.2.1)."""
    keyring: Any = False
    read = dns.message.from_wire(came, keyring=keyring)
    assert read.tsig is not None
    owner, algorithm = (dns.name.Name.to_wire(name) or b"" for name in (read.tsig.name, read.tsig[0].algorithm))
    rdata = algorithm + struct.pack("!HIHHHHH", 0, int(time.time()), 300, 0, read.id, 17, 0)
    head = struct.pack("!HHHHHH", read.id, 0xA809, 0, 0, 0, 1)
    return head + owner + struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata


@pytest.mark.parametrize(
    "forge",
    [
        unknown_key,
        lambda came: came[:2] + b"\xa8\x00" + b"\x00" * 8,  # "done", and no signature
        lambda came: came[:2] + b"\xa8\x05" + b"\x00" * 8,  # "refused", and no signature
        lambda came: came[:3] + bytes([came[3] ^ 5]) + came[4:],  # another rcode under the old signature
        lambda came: came[:-20],
        lambda _: b"",
    ],
)
def test_an_answer_that_is_not_the_servers_counts_for_nothing(
    server: UpdateServer, port: int, key: Key, forge: Callable[[bytes], bytes]
) -> None:
    with between(port, forge) as forged:
        came = at(forged, key).write(MAKE)
    assert came.unclear
    assert came.error
    assert server.read(NAME).found == AFTER


def test_the_key_is_not_shown(key: Key) -> None:
    shown = repr(at(1, key)) + str(at(1, key).key)
    assert key.name in shown
    assert key.base64 not in shown
    assert repr(key.secret)[2:-1] not in shown
