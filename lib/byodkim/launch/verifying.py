"""Runs verified: each by itself, on all cores where they are many; then in their order, and against witnesses."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from byodkim.evidence import heads
from byodkim.evidence.archive import Listed, Standing, weighed
from byodkim.evidence.verification import verify_chain, verify_run
from byodkim.evidence.verification_case import Files, Speaker, Verified
from byodkim.evidence.verification_files import collect
from byodkim.evidence.verification_policy import aged
from byodkim.launch.trust import Trusted, trusted
from byodkim.launch.witnesses import Witnesses, witnesses
from byodkim.messages import Language

Item = TypeVar("Item")
Came = TypeVar("Came")

#: Fewer runs than this are verified sooner than another process is up.
FEW: Final = 64
#: Runs that are verified before there are other processes: what they load and remember, those have from the start.
FIRST: Final = 2
CHUNK: Final = 8  # items that a process takes at once
KIND: Final = "fork" if sys.platform == "linux" else "spawn"


def verify_archive(files: Sequence[Files], given: Trusted, said: Witnesses, language: Language) -> Sequence[Verified]:
    """Verify runs: each by itself, then in their order, against witnesses, as campaigns, and by the policy."""
    tell = Speaker(language)
    runs = verify_chain(verify_all(files, given, language), language)
    witness = bool(given.policy and given.policy.witness)
    runs = heads.compare(runs, (*said.heads, *said.given), tell, required=witness)
    return aged(runs, given.policy, datetime.now(UTC), tell)


def verified(listed: Sequence[Listed], folder: Path, language: Language) -> tuple[Listed, ...]:
    """Return the runs of ``folder`` with what ``byodkim verify`` finds of them, in the words of ``language``.

    Whose seals and approvals count: those that the nearest ``byodkim.toml`` names, else this user's own.

    Raises:
        ByodkimError: a key of ``byodkim.toml`` is none.
    """
    files = collect([folder], language)
    if not files:
        return tuple(listed)
    given = trusted((), (), None, language)
    runs = verify_archive(files, given, witnesses((), (), given.heads_files, language), language)
    return weighed(listed, {one.path: _standing(one) for one in runs})


def _standing(one: Verified) -> Standing:
    key = {"no-run": "unbegun"}.get(one.verdict, one.verdict)
    return Standing(key, one.sound, tuple(finding.text for finding in one.findings if finding.fault))


def verify_all(files: Sequence[Files], trusted: Trusted, language: Language) -> list[Verified]:
    """Verify each run by itself, in the order given."""
    verify = partial(verify_run, trust=trusted.of, language=language)
    here = files if len(files) < FEW else files[:FIRST]
    found = [verify(one) for one in here]
    return found + (on_all_cores(verify, files[len(here) :]) if len(here) < len(files) else [])


def on_all_cores(act: Callable[[Item], Came], items: Sequence[Item]) -> list[Came]:
    """Return what ``act`` makes of each item, in their order; here, where another process was killed."""
    context = multiprocessing.get_context("fork") if KIND == "fork" else multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(os.cpu_count() or 1, context, _help)
    try:
        return list(pool.map(act, items, chunksize=CHUNK))
    except BrokenProcessPool:
        return [act(item) for item in items]
    finally:
        pool.shutdown(cancel_futures=True)


def _help() -> None:
    """Begin another process, which ends without a word when it is interrupted, or who began it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
