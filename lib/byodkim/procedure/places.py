"""Several accounts and Regions in one run: each is gone through as a run of its own would, one after another.

A further place is a run within the run, its leg: it shares journal, clock and sandbox, and has a custodian of its own,
whose SES and STS are the place's; the key store is that of the run's own place, as the key pair is. All places are
looked at and planned before anything is written; then each is written only when SES has verified the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from byodkim.custody.client import Custodian
from byodkim.errors import ByodkimError
from byodkim.evidence.record import left_before
from byodkim.intent.intent import Value
from byodkim.intent.places import Further
from byodkim.procedure import closing, verifying, writing
from byodkim.procedure.gate import LeakStopped
from byodkim.procedure.preceding import previous
from byodkim.procedure.run import Run
from byodkim.rotation.findings import Finding
from byodkim.rotation.observation import SUCCESS, Observation

THREADS = 4


def legs(run: Run) -> list[Run]:
    """The legs of a run, in their order; their custodians start."""
    made = [_leg(run, one, len(run.intent.places) + 1) for one in run.intent.places]
    for leg in made:
        leg.left = left_before(previous(leg.folder, leg.world, run.intent.selector), run.intent.selector)
    return made


def _leg(run: Run, at: Further, span: int) -> Run:
    settings = {name: Value(getattr(at, name), at.source) for name in ("region", "aws_profile")}
    profile = at.aws_profile or run.intent.aws_profile
    intent = replace(
        run.intent,
        account=at.account, region=at.region, expected_region=at.region, aws_profile=profile,
        # What approvers agree to is the plan for all places, which the run's own checks look at.
        approvals=0, approved="", places=(), values={**run.intent.values, **settings},
    )  # fmt: skip
    other = at.account != run.intent.account
    return Run(
        run.id, run.procedure, intent, run.clock, run.journal, None, Custodian(), ThreadPoolExecutor(THREADS),
        sandbox=run.sandbox, found=run.found, walking=run.walking, history=run.history, gate=run.gate,
        world=replace(run.world, account=at.account, region=at.region) if run.world else None,
        lock_folder=run.lock_folder, place=at.name, span=span,
        lock_place=f"{at.account}/{at.region}" if other else at.region,
        settings={
            "access_key": f"sandbox-{at.account}" if other else "sandbox",
            "store_region": run.intent.region,
            "store_profile": run.intent.aws_profile,
        },
    )  # fmt: skip


def begun(run: Run) -> dict[str, Any]:
    """Return what the first event says of the further places; nothing where there are none."""
    if not run.legs:
        return {}
    told = [
        {
            "account": leg.intent.account,
            "region": leg.intent.region,
            "aws_profile": leg.intent.aws_profile,
            "source": leg.intent.values["region"].source,
            "previous": previous(leg.folder, leg.world, run.intent.selector),
        }
        for leg in run.legs
    ]
    return {"places": told}


def observations(run: Run) -> list[Observation]:
    """Return what was seen in the further places, as ``begin`` set it under way."""
    found = []
    for leg in run.legs:
        with attributed(run, leg):
            assert leg.observing is not None  # noqa: S101 - begin set it
            found.append(leg.observing.result())
    return found


def check(run: Run) -> list[tuple[Run, tuple[Finding, ...]]]:
    """Makes every check in every place, and gives them in the order of the places.

    The run's own are made last: what approvers agreed to is a plan for all.
    """
    found = [(leg, writing.check(leg, leg.seen)) for leg in run.legs if leg.seen is not None]
    assert run.seen is not None  # noqa: S101 - observe set it
    return [(run, writing.check(run, run.seen)), *found]


def plan(run: Run) -> None:
    """Plans each place, and writes down the plan for them all."""
    for one in (*run.legs, run):
        assert one.seen is not None  # noqa: S101 - observe set it
        findings = one.record.findings
        one.plan = writing.plan(one, one.seen, findings)
    if run.legs and run.plan is not None:
        run.write("united", plan=writing.united(run, run.plan).plain())


def follow(run: Run, progress: Callable[[], None]) -> None:
    """Goes on to the further places, as far as SES has verified the one before.

    ``progress`` is called whenever there is something to show.

    Raises:
        RunRefused, RunFailed: of the place that it stopped in; those after it were not touched.
    """
    for before, leg in zip((run, *run.legs), run.legs, strict=False):
        if not _verified(before):
            return
        with attributed(run, leg):
            try:
                if leg.plan is not None and leg.plan.changes:
                    writing.apply(leg, leg.plan)
                leg.custodian.ask("forget")
                verifying.wait(leg, progress)
            finally:
                progress()


def _verified(one: Run) -> bool:
    """Return whether SES shows the selector as verified: an empty list of selectors is no other one."""
    after = one.record.after
    return after is not None and after.status == SUCCESS and after.selector in ("", one.intent.selector)


@contextmanager
def attributed(run: Run, one: Run) -> Iterator[None]:
    """Yield what is raised within is of that place, and says so."""
    try:
        yield
    except BaseException as error:
        attribute(run, one, error)
        raise


def attribute(run: Run, one: Run, error: BaseException) -> None:
    """Says in an error's text in which place of several it happened."""
    if not run.legs or run.stopped:
        return
    run.stopped = name_of(run, one)
    if isinstance(error, ByodkimError) and not isinstance(error, LeakStopped):
        error.what = closing.at(run.stopped, error.what, run.intent.language)
        error.args = (error.diagnostics(),)


def name_of(run: Run, one: Run) -> str:
    """The name of a place."""
    return one.place or run.record.places[0]


def first(run: Run, tell: Callable[[Run], ByodkimError | None]) -> ByodkimError | None:
    """The first error that ``tell`` has of any place."""
    for one in (run, *run.legs):
        if (error := tell(one)) is not None:
            attribute(run, one, error)
            return error
    return None
