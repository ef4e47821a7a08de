"""Resolvers over HTTPS and TLS, and what a run makes of their word where port 53 is blocked."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from second_edition.dkim.published import Answer, Judgement, Server, Verdict, judge
from second_edition.dns.lookup import ask
from second_edition.dns.raw_answer import parse_raw
from second_edition.dns.server_names import parse_encrypted
from second_edition.errors import ParameterError
from second_edition.plain import from_plain, plain
from second_edition.rotation.findings import Verdict as Found
from second_edition.rotation.resolution import BLOCKED, OPEN, Delegation
from tests.second_edition.dns.daemons import nsd, unbound
from tests.second_edition.dns.internet import zone
from tests.second_edition.dns.observed import DOMAIN, KEY, NAME, RECORD, STRINGS, findings, looked, stopping
from tests.second_edition.dns.servers import free_port
from tests.second_edition.each import each
from tests.second_edition.evidence.authority import openssl
from tests.second_edition.rotation.remedies import special


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for the address of loopback that vouches for itself, and its private key, as files."""
    certificate, key = folder / "resolver.pem", folder / "resolver.key"
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key), "-out")
    named = ("-subj", "/CN=resolver", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    openssl("req", "-x509", *made, str(certificate), *named)
    return certificate, key


PATH = "/dns-query"
ABSENT = f"none._domainkey.{DOMAIN}"
asked = partial(ask, serial=False, recursion=True, timeout_s=60.0)


@dataclass
class World:
    """A resolver that speaks TLS and one that speaks HTTPS, before a zone that holds the record."""

    tls: Server
    https: Server
    trusting: ssl.SSLContext
    certificate: Path
    posts: list[tuple[str, str]]
    fault: str = ""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("encrypted")
    tls_port, (certificate, key) = free_port(), certified(folder)
    trusting = ssl.create_default_context(cafile=certificate)
    text = zone(DOMAIN, {f"ns1.{DOMAIN}": "192.0.2.53"}) + RECORD
    with (
        nsd(folder / "nsd", {DOMAIN: text}) as zone_port,
        unbound(folder / "unbound", {DOMAIN: zone_port}, (tls_port, certificate, key)) as plain,
    ):
        made = World(Server("", "", 0), Server("", "", 0), trusting, certificate, [])
        with doh(made, plain, certificate, key) as https_port:
            made.tls, made.https = parse_encrypted(f"tls://127.0.0.1:{tls_port}, https://127.0.0.1:{https_port}{PATH}")
            yield made


@contextmanager
def doh(world: World, resolver: int, certificate: Path, key: Path) -> Iterator[int]:
    """An HTTPS server that hands questions on to a real resolver (RFC 8484)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wire = self.rfile.read(int(self.headers["Content-Length"]))
            world.posts.append((self.path, self.headers["Content-Type"]))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.settimeout(60)
                udp.sendto(wire, ("127.0.0.1", resolver))
                answer = udp.recv(65535)
            if world.fault == "short":
                answer = answer[:5]
            self.send_response(503 if world.fault == "status" else 200)
            kind = "text/html" if world.fault == "page" else "application/dns-message"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    class Listening(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return  # who does not trust the certificate hangs up

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Listening(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def https(world: World, request: pytest.FixtureRequest) -> Iterator[World]:
    world.fault = request.param
    yield world
    world.fault = ""


def test_both_ways_give_the_record_and_say_where_there_is_none(world: World):
    answers = asked([world.tls, world.https], [NAME.upper() + ".", ABSENT], context=world.trusting)
    assert [(one.server, one.name) for one in answers] == [
        (server, name) for server in (world.tls, world.https) for name in (NAME, ABSENT)
    ]
    assert [one.transport for one in answers] == ["tls", "tls", "https", "https"]
    for found, absent in (answers[:2], answers[2:]):
        assert (found.rcode, found.records, found.failure) == ("NOERROR", (STRINGS,), "")
        assert judge(found, KEY.sha256, recursive=True) == Judgement(Verdict.THE_KEY, sha256=KEY.sha256)
        assert judge(found, KEY.sha256) == Judgement(Verdict.LAME)  # no authority, and no proof
        assert (absent.rcode, judge(absent, recursive=True).verdict) == ("NXDOMAIN", Verdict.ABSENT)
        assert absent.negative_ttl == 300
        for answer in (found, absent):
            assert parse_raw(from_plain(Answer, plain(answer)), recursion=True) == answer
    assert set(world.posts) == {(PATH, "application/dns-message")}


def test_a_certificate_of_nobody_we_trust(world: World):
    answers = asked([world.tls, world.https], [NAME])
    assert [(one.failure, one.records) for one in answers] == [("untrusted", ())] * 2
    assert judge(answers[0], recursive=True) == Judgement(Verdict.NO_ANSWER, "untrusted")


def test_a_certificate_for_another_address(world: World):
    (other,) = parse_encrypted(f"tls://localhost:{world.tls.port}")
    (answer,) = asked([other], [NAME], context=world.trusting)
    assert answer.failure == "untrusted"


@pytest.mark.parametrize("https", ["status", "page", "short"], indirect=True)
def test_what_is_no_answer_over_https_is_malformed(https: World):
    """A gateway's page, say, that asks to sign in."""
    (answer,) = asked([https.https], [NAME], context=https.trusting)
    assert (answer.failure, answer.records) == ("malformed", ())


@each("scheme", ["tls", "https"])
def test_nobody_there_and_somebody_silent(scheme: str, world: World):
    (closed,) = parse_encrypted(f"{scheme}://127.0.0.1:{free_port()}" + (PATH if scheme == "https" else ""))
    with socket.create_server(("127.0.0.1", 0)) as quiet:
        (silent,) = parse_encrypted(
            f"{scheme}://127.0.0.1:{quiet.getsockname()[1]}" + (PATH if scheme == "https" else "")
        )
        (nobody,) = asked([closed], [NAME], context=world.trusting)
        (nothing,) = asked([silent], [NAME], context=world.trusting, timeout_s=0.3)
    assert [nobody.failure, nothing.failure] == ["port-closed", "timeout"]


@each(
    ("text", "servers"),
    [
        ("https://192.0.2.1/dns-query", [("192.0.2.1", 443)]),
        ("https://dns.example.jp:8443/q , tls://192.0.2.1", [("dns.example.jp", 8443), ("192.0.2.1", 853)]),
        ("tls://[2001:db8::1]:8853", [("2001:db8::1", 8853)]),
        ("", []),
    ],
)
def test_encrypted_resolvers_of_the_profile(text: str, servers: list[tuple[str, int]]):
    assert [(server.address, server.port) for server in parse_encrypted(text)] == servers


@each(
    "text",
    [
        "192.0.2.1", "http://192.0.2.1/dns-query", "https://192.0.2.1", "tls://", "tls://192.0.2.1/x", "https:///q",
        "tls://192.0.2.1:0", "tls://192.0.2.1:99999", "https://a:b@192.0.2.1/q", "https://192.0.2.1/q?x=1",
        "tls://192.0.2.1,tls://192.0.2.1", "tls://[2001:db8::1",
    ],
)  # fmt: skip
def test_resolvers_that_are_none(text: str):
    with pytest.raises(ParameterError, match="no resolver that can be asked") as caught:
        parse_encrypted(text)
    assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match="encrypted_resolvers"):
        parse_encrypted(text, "ja")


# What a run makes of it.


def closed() -> dict[str, Delegation]:
    """A delegation that a resolver told, as no root server answered, to a server that does not answer either."""
    return {NAME: Delegation(DOMAIN, "resolver", servers=(Server("ns1", "127.0.0.1", free_port()),))}


@pytest.fixture
def _trusted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(world.certificate))


DNS = {"DNS-PATH", "DNS-ANSWERS", "DNS-PUBLISHED", "DNS-DELEGATION"}


def test_a_blocked_network_is_told_at_once_and_refused():
    seen = looked(known=closed())
    assert (seen.dns.path, seen.dns.encrypted) == (BLOCKED, ())
    assert stopping(seen) >= DNS
    found = findings(seen)["DNS-PATH"]
    assert found.verdict is Found.FAIL
    assert "name resolvers in encrypted_resolvers" in special(found)


@pytest.mark.usefixtures("_trusted")
def test_encrypted_answers_are_shown_and_are_no_evidence_unless_the_profile_says_so(world: World):
    seen = looked(known=closed(), encrypted=(world.tls, world.https))
    assert [one.transport for one in seen.dns.encrypted] == ["tls", "https"]
    assert stopping(seen) >= DNS
    found = findings(seen)["DNS-PATH"]
    assert "encrypted_dns_is_evidence = true" in special(found)
    assert (found.values["good"], found.values["total"]) == (2, 2)


@pytest.mark.usefixtures("_trusted")
def test_encrypted_answers_are_evidence_where_the_profile_says_so(world: World):
    seen = looked(known=closed(), encrypted=(world.tls, world.https), evidence=True)
    assert seen.dns.by_encrypted
    assert stopping(seen) == set()
    assert findings(seen)["DNS-PUBLISHED"].values["total"] == 2


@pytest.mark.usefixtures("_trusted")
def test_one_encrypted_resolver_that_does_not_answer_refuses(world: World):
    (dead,) = parse_encrypted(f"tls://127.0.0.1:{free_port()}")
    seen = looked(known=closed(), encrypted=(world.tls, dead), evidence=True)
    assert {"DNS-PATH", "DNS-ANSWERS"} <= stopping(seen)


@pytest.mark.usefixtures("_trusted")
def test_encrypted_resolvers_are_not_asked_where_port_53_is_open(world: World, tmp_path: Path):
    text = zone(DOMAIN, {f"ns1.{DOMAIN}": "192.0.2.53"})
    before = len(world.posts)
    with nsd(tmp_path, {DOMAIN: text}) as port:
        seen = looked([Server("", "127.0.0.1", port)], encrypted=(world.https,), evidence=True)
    assert (seen.dns.path, seen.dns.encrypted, len(world.posts)) == (OPEN, (), before)
    assert "DNS-PUBLISHED" in stopping(seen)
