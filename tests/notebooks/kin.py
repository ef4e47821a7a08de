"""The processes of a run, found below its runner, whether they were forked or started."""

from __future__ import annotations

from typing import Final

import psutil

#: By the name that a forked process gives itself, or by a word of the command line of one that was started.
KINDS: Final = {
    "kernel": ("byodkim-kernel", "ipykernel_launcher"),
    "custodian": ("byodkim-custody", "byodkim.custody.custodian"),
    "nursery": ("byodkim.custody.nursery",),
}


def kin(runner: int) -> dict[str, psutil.Process]:
    """Kernel and custodian; and the nursery, where the runner has one of its own."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.Process(runner).children(recursive=True):
        name, line = process.name(), process.cmdline()
        for kind, known in KINDS.items():
            forked = name.startswith("byodkim-")  # which has the command line of whom it was forked of
            if known[0] == name or (not forked and not set(known).isdisjoint(line)):
                found.setdefault(kind, process)  # the nursery is older than what is forked of it
    assert {"kernel", "custodian"} <= set(found), found
    return found
