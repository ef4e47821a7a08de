"""The process of which runs are forked: who dies while asking has nothing run; a campaign's runs stand back."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from byodkim.fleet.warm import Warm


def first_of(zygote: psutil.Process) -> psutil.Process:
    """The runner that is forked ahead."""
    ends = time.monotonic() + 30
    while not (runners := zygote.children()) and time.monotonic() < ends:
        time.sleep(0.02)
    (runner,) = runners
    return runner


@pytest.mark.parametrize(("finishes", "nicer"), [(True, 5), (False, 0)])
def test_runs_of_a_campaign_stand_back_behind_what_writes(tmp_path: Path, finishes: bool, nicer: int) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    own = os.nice(0)
    with Warm(1, environment, finishes=finishes) as warm:
        assert warm._zygote is not None
        assert warm._nursery is not None
        runner = first_of(psutil.Process(warm._zygote.pid))
        assert runner.nice() == min(own + nicer, 19)
        assert psutil.Process(warm._nursery.process.pid).nice() == own  # of which the custodians are, who write


@pytest.mark.parametrize("told", [b"{", b'{"parameters": {"selector": "mail'])
def test_a_question_that_was_cut_short_ends_its_runner(tmp_path: Path, told: bytes) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with Warm(1, environment) as warm, (tmp_path / "out").open("w+b") as out:
        assert warm._zygote is not None
        runner = first_of(psutil.Process(warm._zygote.pid))
        with socket.socket(socket.AF_UNIX) as asker:
            asker.connect(str(warm._path))
            socket.send_fds(asker, [told[:1]], [out.fileno(), out.fileno()])
            asker.sendall(told[1:])
        runner.wait(timeout=10)
        assert out.seek(0, os.SEEK_END) == 0
