"""Both writers of key records, at Route 53 and at a real BIND: add, replace, remove, exactly."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import dns.opcode
import pytest

from byodkim.checks.world import Server, Unread
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    AwsSettings,
    ChangeRecord,
    DnsWriter,
    GetRecord,
    GetRecordChange,
    ZoneRecord,
)
from byodkim.sandbox.world import World
from tests.prepare.named import Named, named
from tests.sandbox.tools import client, texts

NAME = "written._domainkey.example.jp"
VALUE = "v=DKIM1; k=rsa; p=" + "A" * 392
REVOKED = "v=DKIM1; p="


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Named]:
    with named(tmp_path_factory.mktemp("dns") / "named") as running:
        yield running


@pytest.fixture(scope="module")
def custodian(world: World) -> Iterator[Custodian]:
    settings = AwsSettings(region=world.region, endpoint_url=world.endpoint_url, sandbox=True)
    with Custodian(settings, writes=True) as custodian:
        yield custodian


def update_writer(
    world: World, server: Named, *, secret_id: str = "tsig", port: int = 0, **changed: str
) -> DnsWriter:
    secrets = client(world, "secretsmanager")
    with contextlib.suppress(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name=secret_id, SecretString=json.dumps(server.tsig | changed))
    place = Server("", "127.0.0.1", port or server.port)
    return DnsWriter("rfc2136", server=place, tsig_secret_id=secret_id)


@pytest.fixture(params=["route53", "rfc2136"])
def writer(request: pytest.FixtureRequest, world: World, server: Named) -> tuple[DnsWriter, str]:
    """Return a writer, and the server that shows what it wrote."""
    if request.param == "route53":
        zone_id = world.hosted_zone_id
        return DnsWriter("route53", hosted_zone_id=zone_id), world.nameservers[0]
    return update_writer(world, server), server.address


def test_life_of_a_record(custodian, writer):
    where, shown = writer
    assert custodian.ask(GetRecord(where, NAME)).result() == ZoneRecord("example.jp")
    added = custodian.ask(ChangeRecord(where, NAME, add=VALUE, ttl=300)).result()
    assert added.result == "accepted"
    assert texts(shown, NAME) == [VALUE]
    assert custodian.ask(GetRecord(where, NAME)).result() == ZoneRecord("example.jp", (VALUE,), 300)
    again = custodian.ask(ChangeRecord(where, NAME, add=VALUE, ttl=300)).result()
    assert (again.result, again.code) == ("rejected", "NotAsExpected")
    assert (
        custodian.ask(ChangeRecord(where, NAME, VALUE, REVOKED, 60)).result().result == "accepted"
    )
    assert texts(shown, NAME) == [REVOKED]
    wrong = custodian.ask(ChangeRecord(where, NAME, remove=VALUE)).result()
    assert (wrong.result, wrong.code) == ("rejected", "NotAsExpected")
    removed = custodian.ask(ChangeRecord(where, NAME, remove=REVOKED)).result()
    assert removed.result == "accepted"
    change = removed.answer.get("Id", "-")
    assert custodian.ask(GetRecordChange(where, change)).result() == "INSYNC"
    assert texts(shown, NAME) == []


def test_another_zone(custodian, writer):
    answer = custodian.ask(
        ChangeRecord(writer[0], "x._domainkey.example.net", add=VALUE, ttl=300)
    ).result()
    assert answer.result == "rejected"


def test_cname_is_not_replaced(world, custodian, server):
    where = update_writer(world, server)
    name = "alias._domainkey.example.jp"
    assert custodian.ask(GetRecord(where, name)).result() == ZoneRecord("example.jp", other="CNAME")
    assert (
        custodian.ask(ChangeRecord(where, name, add=VALUE, ttl=300)).result().code
        == "NotAsExpected"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret": "AAAA"}, "BADSIG"),
        ({"name": "somebody"}, "BADKEY"),
        ({"algorithm": "hmac-md5"}, "TsigMalformed"),
        ({"secret": "none."}, "TsigMalformed"),
    ],
)
def test_wrong_tsig_key(world, custodian, server, changed, code):
    where = update_writer(world, server, secret_id="-".join(changed.values()), **changed)
    record = custodian.ask(GetRecord(where, NAME)).result()
    assert record.code == code
    answer = custodian.ask(ChangeRecord(where, NAME, add=VALUE, ttl=300)).result()
    assert (answer.result, answer.code) == ("rejected", code)


@pytest.mark.parametrize("is_applied", [True, False])
def test_update_without_an_answer(world, custodian, server, is_applied):
    """Whether it was applied is not said; it can be read."""
    with swallowing(server.port, is_applied) as port:
        where = update_writer(world, server, port=port)
        answer = custodian.ask(ChangeRecord(where, NAME, add=VALUE, ttl=300)).result()
        shown = custodian.ask(GetRecord(where, NAME)).result()
    assert (answer.result, answer.code) == ("unclear", "ConnectionError")
    assert not isinstance(shown, Unread)
    assert shown.values == ((VALUE,) if is_applied else ())
    if is_applied:
        custodian.ask(ChangeRecord(update_writer(world, server), NAME, remove=VALUE)).result()


def test_no_writes_without_leave(world, server):
    settings = AwsSettings(region=world.region, endpoint_url=world.endpoint_url, sandbox=True)
    with Custodian(settings) as reader:
        answer = reader.ask(
            ChangeRecord(update_writer(world, server), NAME, add=VALUE, ttl=300)
        ).result()
    assert (answer.result, answer.code) == ("rejected", "ReadOnlyCustodian")


@contextlib.contextmanager
def swallowing(port: int, is_applied: bool) -> Iterator[int]:
    """Stand before a server, and let the answers to updates, or the updates too, disappear."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listening.accept()
                with connection, contextlib.suppress(OSError, EOFError):
                    _pass_on(connection, port, is_applied)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _pass_on(connection: socket.socket, port: int, is_applied: bool) -> None:
    size = int.from_bytes(connection.recv(2, socket.MSG_WAITALL))
    wire = connection.recv(size, socket.MSG_WAITALL)
    is_update = wire[2] >> 3 & 15 == dns.opcode.UPDATE
    if is_update and not is_applied:
        return
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(size.to_bytes(2) + wire)
        answer_size = server.recv(2, socket.MSG_WAITALL)
        answer = server.recv(int.from_bytes(answer_size), socket.MSG_WAITALL)
    if not is_update:
        connection.sendall(answer_size + answer)
