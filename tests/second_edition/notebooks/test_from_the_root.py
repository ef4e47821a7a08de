"""A run that finds the name servers itself, walking from the real root addresses on, in a network of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_edition.notebooks.runs import ROOT

pytestmark = pytest.mark.prove  # tests/second_edition/engine/test_walks.py walks from a root of its own

NEXT = "mail-20261124-1"


def test_the_servers_are_found_by_the_walk_and_all_is_well(tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.second_edition.notebooks.rooted", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout.splitlines()[-1])
    assert (came["outcome"], came["puts"], came["selector"]) == ("SWITCHED", 1, NEXT), came["paragraph"]
    assert (came["found_by"], came["asked"]) == ("walk", ["192.0.2.51", "192.0.2.52"])
    assert came["failed"] == ["DNS-DNSSEC", "DNS-RESOLVERS"]  # no resolver answers in this network, which only warns
