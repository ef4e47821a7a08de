"""Name the selector to prepare, where none is given: by ``selector_pattern``."""

from __future__ import annotations

from byodkim.checks.world import History, Secret
from byodkim.engine.observe import read_history, setting
from byodkim.engine.run import Run

#: What names a selector after which it is no longer new.
USED = ("rotate", "retire", "fleet")


def name_selector(run: Run) -> None:
    """Give the run a selector.

    It is the one that the folder's newest run of prepare named, until a rotation asks for it:
    an unfinished run is completed, and a plan is applied. Else it has today's date, by the run's
    clock and time zone, and the first number from 1 that neither secret nor records name.
    """
    past = read_history(run)
    selector = _under_way(past) or _new(run, past)
    run.settings = run.settings._replace(values={**run.settings.values, "selector": selector})


def _under_way(past: History) -> str:
    opened = [each.selector for each in past.unfinished if each.procedure == "prepare"]
    closed = [each.selector for each in past.runs if each.procedure == "prepare"]
    newest = next((each for each in (*reversed(opened), *reversed(closed)) if each), "")
    used = {each.selector for each in past.runs if each.procedure in USED}
    used |= {each.selector for each in past.unfinished if each.procedure in USED}
    used |= {each.previous for each in past.runs}
    return "" if newest in used else newest


def _new(run: Run, past: History) -> str:
    secret = run.custodian.secret(setting(run, "secret_id")).result()
    taken = {entry.selector for entry in secret.entries} if isinstance(secret, Secret) else set()
    taken |= {each.selector for each in past.runs} | {each.selector for each in past.unfinished}
    taken |= {each.previous for each in past.runs}
    today = f"{run.now().astimezone(run.settings.zone):%Y%m%d}"
    pattern, number = run.settings.text("selector_pattern"), 1
    while (selector := pattern.format(date=today, number=number)) in taken:
        number += 1
    return selector
