"""Caches of real resolvers: a record may be relied on when they have forgotten what stood there before."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from msgspec.structs import replace

from byodkim.dkim.published import Server
from byodkim.dns.lookup import ask
from byodkim.rotation.findings import Verdict as Found
from byodkim.rotation.resolution import Sighting
from tests.dns.daemons import knot, nsd, unbound
from tests.dns.observed import DOMAIN, NAME, STRINGS, findings, looked, stopping
from tests.dns.test_faults import BASE, WITH, at, words


def test_21_a_negative_cache_says_until_when(tmp_path: Path):
    """Two resolvers: one was asked before the record was published, by somebody else; the other never."""
    with at(tmp_path, (nsd, BASE)) as servers:
        (server,) = servers
        stubs = {DOMAIN: server.port}
        with unbound(tmp_path / "early", stubs) as early, unbound(tmp_path / "late", stubs) as late:
            one, two = Server("", "127.0.0.1", early), Server("", "127.0.0.1", late)
            ask([one], [NAME], recursion=True)
            before = looked(servers, resolvers=(two,))
            publish(tmp_path / "0", server)
            history = (Sighting(before.at, False, None, before.records[0].negative_ttl),)
            after = looked(servers, resolvers=(one, two), history=history)
    # A run asks no resolver before every authoritative server serves the key, and so leaves none with "none".
    assert (before.dns.resolved, words(before)) == ((), ["absent"])
    assert words(after) == ["the-key"]
    primed, fresh = after.dns.resolved
    assert (primed.rcode, fresh.records) == ("NXDOMAIN", (STRINGS,))
    assert primed.negative_ttl is not None
    assert 0 < primed.negative_ttl <= 300
    assert stopping(after) == {"TIME-ACTIVATE"}
    assert findings(after)["DNS-RESOLVERS"].verdict is Found.FAIL
    found = findings(after)["TIME-ACTIVATE"]
    assert (found.verdict, found.values["seconds"]) == (Found.FAIL, 300)
    # What was seen absent and is seen published ten minutes on, and again after that, may be relied on.
    later = replace(after, at="2026-11-24T04:19:00.000+00:00")
    kept = (*history, Sighting("2026-11-24T04:08:58.000+00:00", True, 3600, 300))
    assert stopping(replace(later, dns=replace(later.dns, history=kept))) == set()
    assert stopping(later) == {"TIME-ACTIVATE"}


def publish(folder: Path, server: Server) -> None:
    """Writes the record into nsd's zone and has it read again."""
    (folder / f"{DOMAIN}.zone").write_text(WITH.replace(" 7 7200", " 8 7200"))
    os.kill(int((folder / "pid").read_text()), signal.SIGHUP)
    for _ in range(500):
        if ask([server], [NAME])[0].records:
            return
        time.sleep(0.02)
    raise AssertionError((folder / "server.log").read_text())


def test_26_a_ttl_that_changed_starts_the_time_again(tmp_path: Path):
    with at(tmp_path, (knot, WITH.replace(f"{NAME}. 3600", f"{NAME}. 300"))) as servers:
        same, other = (
            looked(servers, history=(Sighting("2026-11-23T00:00:00.000+00:00", True, ttl, 300),)) for ttl in (300, 3600)
        )
    assert (stopping(same), stopping(other)) == (set(), {"TIME-ACTIVATE"})
