"""Publishing from a notebook's run by signed updates, at a real Knot DNS and BIND."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil
import pytest

from byodkim.dkim.published import Server
from byodkim.engine import publishing
from byodkim.engine.gate import LeakStopped, Unsearched
from byodkim.engine.run import Run
from byodkim.events.run import Unread
from byodkim.intent.profile import Way
from byodkim.rotation.record_set import Wanted
from tests.dns.updated import NAME, Key, bind, knot, serial, whole
from tests.engine.played import Stage
from tests.engine.test_publishing import carry_out, spelled
from tests.notebooks import outside

QUICK = {"primary": (knot,)}  # tests/dns has both


@pytest.fixture(params=[knot, bind], ids=["knot", "bind"])
def primary(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, Key]]:
    key = Key()
    start: Callable[[Path, Key], AbstractContextManager[int]] = request.param
    with start(tmp_path / "zone", key) as port:
        yield port, key


def by_update(stage: Stage, port: int, key: Key, **other: Any) -> tuple[Run, Way]:
    """A run whose authoritative server takes updates, and the way there."""
    stage.sandbox.reset("dns-absent")
    client = outside.client(stage.sandbox.facts, "secretsmanager")
    client.create_secret(Name="byodkim/tsig", SecretString=json.dumps({**key.document, **other}))
    client.close()
    return stage.begin(mode="apply", nameservers=f"127.0.0.1:{port}"), Way(
        "rfc2136", "", Server("", "127.0.0.1", port), "byodkim/tsig"
    )


def test_the_zones_own_primary_takes_it_and_no_secret_is_left_anywhere(
    stage: Stage, primary: tuple[int, Key], wanted: Wanted, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    port, key = primary
    run, way = by_update(stage, port, key)
    before, count = whole(port), serial(port)
    shown = publishing.plan(run, way, wanted)
    assert (whole(port), serial(port)) == (before, count)
    carry_out(run, way, shown)
    assert publishing.prove(run, wanted) is True
    after = whole(port)
    assert after.pop((f"{NAME}.", "TXT")) == (300, (spelled(wanted.value),))
    assert after == before
    with pytest.raises(LeakStopped):
        run.write(Unread, operation="", code=f"the secret is {key.base64}")
    with pytest.raises(Unsearched):  # the custodian ended at the first hit
        run.gate.check("shown", key.secret.hex())
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "zone" not in path.parts]
    assert run.journal.path in files
    texts = [path.read_bytes() for path in files]
    texts += [" ".join(one.info["cmdline"] or ()).encode() for one in psutil.process_iter(["cmdline"])]
    texts += [text.encode() for text in capfd.readouterr()]
    for canary in (key.base64, key.secret.hex(), key.base64[4:24]):
        assert [text for text in texts if canary.encode() in text] == []
