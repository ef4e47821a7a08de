"""A write of an earlier run that may still land: nothing is concluded and nothing is written until it no longer can."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from byodkim.evidence import journal
from byodkim.evidence.record import ROTATE
from byodkim.messages import say
from byodkim.procedure.run import Run, RunRefused

RUNS: Final = 5  # how many of the newest are looked at


def refuse(run: Run) -> None:
    """Refuse an apply run while an earlier one's write without a clear answer may still land.

    The run that wrote reads SES back for ``late_write_seconds``. Where it was stopped before, SES may show the selector
    of before now and the other one a moment later.

    Raises:
        RunRefused: names that run, and the time from which the command can be run again.
    """
    if not run.intent.applies or run.world is None:
        return
    language, now = run.intent.language, run.clock()
    for account in islice(journal.earlier(run.folder, run.world.same_identity), RUNS):
        begin, answer = account.events[0], account.last("answer")
        if answer is None or begin.get("procedure", ROTATE) != ROTATE or account.last("resolved"):
            continue
        error = answer.get("error") or {}
        # A custodian that died says nothing of a request on its way: the next run reads SES, as ever.
        if not error.get("unclear") or error.get("code") == "CustodianDied":
            continue
        until = datetime.fromisoformat(answer["at"]) + timedelta(seconds=float(begin["late_write_seconds"]))
        if now < until:
            values = {"run": begin["run"], "until": until.isoformat(timespec="seconds")}
            raise RunRefused(*(say("steps", f"landing{part}", language, **values) for part in ("", ".means", ".todo")))
