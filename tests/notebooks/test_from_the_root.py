"""A run that finds the name servers itself, walking from the real root addresses on, in a network of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.notebooks.runs import ROOT

pytestmark = pytest.mark.prove  # tests/engine/test_walks.py walks from a root of its own

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("rooted")
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.notebooks.rooted", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_servers_are_found_by_the_walk_and_all_is_well(came: dict[str, Any]) -> None:
    same = came["same"]
    assert (same["outcome"], same["puts"], same["selector"]) == ("SWITCHED", 1, NEXT), same["paragraph"]
    assert (same["found_by"], same["asked"]) == ("walk", ["192.0.2.51", "192.0.2.52"])
    assert same["failed"] == ["DNS-DNSSEC", "DNS-RESOLVERS"]  # no resolver answers in this network, which only warns


def test_parent_and_child_that_differ_are_refused(came: dict[str, Any]) -> None:
    dropped = came["dropped"]
    assert (dropped["outcome"], dropped["puts"], dropped["selector"]) == ("REFUSED", 0, CURRENT)
    assert dropped["failed"] == ["DNS-DELEGATION", "DNS-DNSSEC", "DNS-RESOLVERS"]
    assert "DNS-DELEGATION failed" in dropped["paragraph"]
    assert "ns2.example.jp names: ns1.example.jp" in dropped["paragraph"]
