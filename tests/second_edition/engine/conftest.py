"""Runs within the test's own process, on a standing sandbox: every step can be looked at from both sides."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from second_edition.custody.client import Custodian
from second_edition.engine import kernel
from second_edition.rotation.publication import publishing
from second_edition.rotation.record_set import Wanted
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.updated import NAME
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.sandbox.generator import secret


@pytest.fixture
def stage(child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An empty folder, the world ``ready``, and whatever the steps show."""
    child.reset("ready")
    child.set_knobs(check_interval=0.2)
    monkeypatch.chdir(tmp_path)
    made = Stage(child)
    monkeypatch.setattr(kernel, "show", made.show)
    monkeypatch.setattr(kernel, "show_headline", made.show_headline)
    monkeypatch.setattr(kernel, "show_again", made.show_again)
    yield made
    made.close()


@pytest.fixture
def wanted(stage: Stage) -> Wanted:
    """The key record that the secret has the next selector for, by a digest of our own."""
    value = secret(stage.sandbox)["dns_record"]["value"]
    digest = subprocess.run(["sha256sum"], input=base64.b64decode(value.partition("p=")[2]), capture_output=True)
    return publishing(NAME, value, 300, digest.stdout.decode().split()[0])


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """A timestamp authority whose root lies in ``tsa`` of the test's folder."""
    with Authority(tmp_path / "tsa") as made:
        yield made


@pytest.fixture(scope="module")
def hands(child: Sandbox) -> Iterator[Custodian]:
    """A custodian that takes the standing sandbox for AWS."""
    custodian = Custodian()
    settings = {"region": child.facts.region, "endpoint_url": child.facts.endpoint_url, "sandbox": True}
    custodian.ask("open", settings=settings).result(timeout=600)
    yield custodian
    custodian.close()
