"""DNSSEC as validating resolvers see it: a zone that is signed soundly, and one whose signatures have expired."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from second_edition.dkim.published import Server
from second_edition.plain import from_plain, plain
from second_edition.rotation.findings import Finding, Verdict
from second_edition.rotation.observation import Observation
from tests.second_edition.dns.daemons import nsd, unbound
from tests.second_edition.dns.internet import zone
from tests.second_edition.dns.observed import DOMAIN, RECORD, STRINGS, findings, looked, stopping
from tests.second_edition.dns.signed import sign

TEXT = zone(DOMAIN, {f"ns1.{DOMAIN}": "192.0.2.53"}) + RECORD


@contextmanager
def at(folder: Path, *, expired: bool) -> Iterator[tuple[Server, Server, Server]]:
    """Yield the zone's name server, a resolver that validates and one that does not."""
    text, anchor = sign(TEXT, DOMAIN, expired=expired)
    with (
        nsd(folder / "nsd", {DOMAIN: text}) as port,
        unbound(folder / "strict", {DOMAIN: port}, anchors=[anchor]) as strict,
        unbound(folder / "lenient", {DOMAIN: port}) as lenient,
    ):
        server, validating, other = (Server("", "127.0.0.1", number) for number in (port, strict, lenient))
        yield server, validating, other


def dnssec(seen: Observation) -> Finding:
    return findings(seen)["DNS-DNSSEC"]


def test_sound_signatures_pass(tmp_path: Path) -> None:
    with at(tmp_path, expired=False) as (server, validating, _):
        seen = looked([server], resolvers=(validating,))
    assert [one.records for one in seen.dns.resolved] == [(STRINGS,)]
    assert seen.dns.unvalidated == ()
    assert (dnssec(seen).verdict, stopping(seen)) == (Verdict.PASS, set())


def test_expired_signatures_stop_the_run_also_where_another_resolver_does_not_validate(tmp_path: Path) -> None:
    with at(tmp_path, expired=True) as (server, validating, lenient):
        seen = looked([server], resolvers=(lenient, validating))
    assert [one.rcode for one in seen.dns.resolved] == ["NOERROR", "SERVFAIL"]
    assert [(one.server, one.records) for one in seen.dns.unvalidated] == [(validating, (STRINGS,))]
    assert stopping(seen) == {"DNS-DNSSEC"}
    assert (dnssec(seen).verdict, dnssec(seen).values) == (Verdict.FAIL, {"servers": str(validating)})
    assert from_plain(Observation, plain(seen)) == seen
