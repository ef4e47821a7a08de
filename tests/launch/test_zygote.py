"""Who asks for a run and dies while asking: nothing is run, and nothing goes on at work."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from byodkim.fleet.warm import Warm


@pytest.mark.parametrize("told", [b"{", b'{"parameters": {"selector": "mail'])
def test_a_question_that_was_cut_short_ends_its_runner(tmp_path: Path, told: bytes) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with Warm(1, environment) as warm, (tmp_path / "out").open("w+b") as out:
        assert warm._zygote is not None
        zygote = psutil.Process(warm._zygote.pid)
        ends = time.monotonic() + 30
        while not (runners := zygote.children()) and time.monotonic() < ends:
            time.sleep(0.02)
        (runner,) = runners
        with socket.socket(socket.AF_UNIX) as asker:
            asker.connect(str(warm._path))
            socket.send_fds(asker, [told[:1]], [out.fileno(), out.fileno()])
            asker.sendall(told[1:])
        runner.wait(timeout=10)
        assert out.seek(0, os.SEEK_END) == 0
