"""The processes of a run, found below its runner."""

from __future__ import annotations

from typing import Final

import psutil

#: By a word of the command line.
KINDS: Final = {"kernel": "ipykernel_launcher", "custodian": "second_edition.custody.custodian"}


def kin(runner: int) -> dict[str, psutil.Process]:
    """The custodian, and the kernel where the runner is plain papermill: else it executes the cells itself."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.Process(runner).children(recursive=True):
        line = process.cmdline()
        found |= {kind: process for kind, word in KINDS.items() if word in line}
    assert "custodian" in found, found
    return found


def kernel_and_custodian(papermill: int) -> tuple[psutil.Process, psutil.Process]:
    """The processes of a run by plain papermill."""
    found = kin(papermill)
    kernel, custodian = found["kernel"], found["custodian"]
    assert custodian.ppid() == kernel.pid
    return kernel, custodian
