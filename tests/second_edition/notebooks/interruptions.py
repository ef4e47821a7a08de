"""Campaigns that are stopped, killed, throttled or a command a wave, and gone on with: what is played."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from second_edition.evidence.seal import page_seal_path, seal_path
from second_edition.procedures.fleet.runner import under_way
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fleets import (
    AT_ONCE,
    Campaign,
    Told,
    alone,
    approved,
    begun,
    fleet,
    journals,
    lines,
    puts,
    ready,
    selectors,
    told,
    until,
    verify,
    written,
)
from tests.second_edition.notebooks.stage import Stage
from tests.second_edition.notebooks.wire import PUT, Wire, refuse
from tests.second_edition.verification import made

NEXT, CURRENT = "mail-20261124-1", "mail-20260912-1"


def tell_stopped(stage: Stage) -> Told:
    """One changes after the plan: it is left out and told as changed, and the next wave is not begun."""
    told_of = Told()
    some = ready(stage, 0, 1, 2, 4, 9, 10, selector=NEXT)
    rest = ("-r", "identities", some, "-r", "wave", "3", "-r", "canary", "1", *AT_ONCE)
    apply = approved(fleet(stage, *rest), *rest)
    facts, drifting = stage.sandbox.facts, "d00002.example.jp"
    s3 = outside.client(facts, "s3")
    path = f"dkim-keys/{drifting}/{NEXT}/private_key.pem"
    pem = s3.get_object(Bucket=facts.key_bucket, Key=path)["Body"].read()
    s3.put_object(Bucket=facts.key_bucket, Key=path, Body=pem)  # the same key, another version
    s3.close()
    told_of.runs["stopped"] = fleet(stage, *apply)
    told_of.runs["again"] = fleet(stage, *rest)
    told_of.runs["altered"] = _altered(stage, told_of.runs["again"], rest)
    told_of.seen |= {"puts": puts(stage.sandbox), "selectors": selectors(stage.sandbox), "verify": verify(stage)}
    told_of.runs["forged"] = _forged(stage, told_of.runs["again"], rest)
    return told_of


def _altered(stage: Stage, plan: Campaign, rest: tuple[str, ...]) -> Campaign:
    """An apply of a plan whose file somebody has changed since."""
    path = plan.journal.with_name(plan.journal.name.replace(".journal.jsonl", ".fleet.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"d00009", b"d00008", 1))
    ran = fleet(stage, *approved(plan, *rest))
    path.write_bytes(path.read_bytes().replace(b"d00008", b"d00009", 1))
    return ran


def _forged(stage: Stage, plan: Campaign, rest: tuple[str, ...]) -> Campaign:
    """An apply of a plan to which somebody without the sealing key has added a waiver; all hashes are made anew."""
    path = plan.journal.with_name(plan.journal.name.replace(".journal.jsonl", ".fleet.jsonl"))
    kept = {one: one.read_bytes() for one in (path, plan.journal)}
    path.write_bytes(kept[path].replace(b'"parameters":{', b'"parameters":{"waive":"DNS-PUBLISHED: agreed",'))
    surveyed = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    made.write(plan.journal, [one | (surveyed if one["event"] == "surveyed" else {}) for one in plan.events])
    ran = fleet(stage, *approved(plan, *rest))
    for one, data in kept.items():
        one.write_bytes(data)
    return ran


def tell_interrupted(stage: Stage) -> Told:
    """Killed in a wave, stopped by a signal in the next, then gone on with to the end."""
    told_of = Told()
    some = ready(stage, 0, 1, 2, 4, 9, 10, 11)
    rest = ("-r", "identities", some, "-r", "selector", NEXT, "-r", "wave", "4", *AT_ONCE)
    apply = approved(fleet(stage, *rest), *rest)
    known = journals(stage)
    process = begun(stage, *apply)
    until(stage, known, "started", 3)
    os.kill(process.pid, signal.SIGKILL)  # the command alone: custodians and runs live on
    process.communicate()
    told_of.runs["killed"] = killed = told(stage, -signal.SIGKILL, "", "")
    _runs_end(killed)
    told_of.seen["completed"] = killed.record.exists()
    told_of.seen["verify killed"] = verify(stage)
    known = journals(stage)
    process = begun(stage, *apply)
    until(stage, known, "started", 1)
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=600)
    told_of.runs["stopped"] = told(stage, process.returncode, said, complained)
    told_of.runs["done"] = fleet(stage, *apply)
    told_of.seen |= {"puts": puts(stage.sandbox), "written": written(stage), "verify": verify(stage)}
    told_of.seen["selectors"] = selectors(stage.sandbox)
    return told_of


def _runs_end(killed: Campaign) -> None:
    """Waits until the runs that a killed campaign had begun have ended: their processes hold locks."""
    records = [killed.journal.parent / event["record"] for event in killed.all("started")]
    eventually(lambda: not any(map(under_way, records)))


def tell_waves(stage: Stage) -> Told:
    """A command a wave, one of them again; then one for all the rest."""
    told_of = Told()
    some = ready(stage, 0, 1, 2, 4, 9, selector=NEXT)
    rest = ("-r", "identities", some, "-r", "wave", "2", "-r", "canary", "1", *AT_ONCE)
    plan = told_of.runs["plan"] = fleet(stage, *rest)
    apply = approved(plan, *rest)
    for name, wave in (("wave 1", "1"), ("wave 2", "2"), ("again", "1")):
        told_of.runs[name] = fleet(stage, *apply, "-p", "last_wave", wave)
        told_of.seen[f"puts {name}"] = puts(stage.sandbox)
    told_of.runs["rest"] = fleet(stage, *apply)
    first, facts = told_of.runs["wave 1"].event("ended"), stage.sandbox.facts
    secret = facts.secret_id.replace(facts.domain, first["domain"])
    where = ("-r", "target", "sandbox", "-r", "endpoint_url", facts.endpoint_url, "-o", "outputs/later.ipynb")
    alone(stage, *where, "-r", "domain", first["domain"], "-r", "selector", NEXT, "-r", "secret_id", secret)
    (later,) = stage.folder.glob("outputs/later.*.journal.jsonl")
    told_of.seen["later"] = lines(later)
    told_of.runs["after it"] = fleet(stage, *apply)
    told_of.seen["locks"] = [str(path.relative_to(stage.folder)) for path in stage.folder.rglob(".locks")]
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage), "written": written(stage)}
    return told_of


def tell_throttled(stage: Stage) -> Told:
    """SES refuses a write as one call too many, for good: that identity is run again, and no failure is counted."""
    told_of = Told()
    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (refuse(429, "TooManyRequestsException"), 5)}) as wire:
        some = ready(stage, 0, 1)
        rest = ("-r", "identities", some, "-r", "selector", NEXT, "-r", "endpoint_url", wire.url, *AT_ONCE)
        told_of.runs["done"] = fleet(stage, *approved(fleet(stage, *rest), *rest))
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage), "sent": wire.seen.count(PUT)}
    return told_of


def tell_declined(stage: Stage) -> Told:
    """SES refuses the canary's write for what it holds, and takes it the next time."""
    told_of = Told()
    faults = {PUT: (refuse(400, "BadRequestException"), 1)}
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        some = ready(stage, 0, 1, 2)
        rest = ("-r", "identities", some, "-r", "selector", NEXT, "-r", "endpoint_url", wire.url, *AT_ONCE)
        apply = approved(fleet(stage, *rest), *rest)
        told_of.runs["declined"] = fleet(stage, *apply)
        told_of.runs["again"] = fleet(stage, *apply)
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage)}
    return told_of


def tell_overtaken(stage: Stage, *, folder: str = "outputs", selector: str = CURRENT, moved: bool = False) -> Told:
    """Somebody sets the canary's selector by hand, before SES has verified it; then the same command."""
    told_of, facts = Told(), stage.sandbox.facts
    rest = ("-r", "identities", ready(stage, 0, 1), "-r", "selector", NEXT, "-r", "wait_minutes", "0", *AT_ONCE)
    apply = approved(fleet(stage, *rest), *rest)
    later = 30 if selector == NEXT else 300  # seconds until SES looks, where it is not to have verified before
    stage.sandbox.set_knobs(check_interval=later)
    told_of.runs["first"] = fleet(stage, *apply)
    stage.sandbox.set_knobs(check_interval=1)
    domain = told_of.runs["first"].event("started")["domain"]
    secret = ("-r", "secret_id", facts.secret_id.replace(facts.domain, domain))
    where = ("-r", "target", "sandbox", "-r", "endpoint_url", facts.endpoint_url, "-o", f"{folder}/back.ipynb")
    back = ("-r", "domain", domain, "-r", "selector", selector, "-p", "mode", "apply", "-p", "reason", "taken back")
    (stage.folder / folder).mkdir(exist_ok=True)
    alone(stage, *where, *secret, *back)
    (by_hand,) = stage.folder.glob(f"{folder}/back.*.journal.jsonl")
    if moved:  # nothing but SES and the campaign's own journal tells of the canary's run any more
        record = told_of.runs["first"].event("ended")["record"]
        waves = told_of.runs["first"].journal.parent / Path(record).parent
        waves.rename(stage.folder / "moved")
    told_of.runs["again"] = fleet(stage, *apply)
    told_of.seen |= {"back": lines(by_hand), "selectors": selectors(stage.sandbox), "verify": verify(stage)}
    return told_of


def tell_invented(stage: Stage) -> Told:
    """Somebody without the sealing key puts down an apply run that has switched all, and began before the others."""
    told_of, plans = Told(), list[Campaign]()
    for name, numbers in (("one.csv", (4,)), ("two.csv", (0, 1))):
        rest = ("-r", "identities", ready(stage, *numbers, name=name), "-r", "selector", NEXT, *AT_ONCE)
        plans.append(fleet(stage, *rest))
        if len(plans) == 1:
            source = fleet(stage, *approved(plans[0], *rest))
    _invent(source, plans[1])
    told_of.runs["applied"] = fleet(stage, *approved(plans[1], *rest))
    told_of.seen |= {"written": written(stage), "selectors": selectors(stage.sandbox)}
    return told_of


def _invent(source: Campaign, plan: Campaign) -> None:
    """Makes the journal of an apply run of a plan from another campaign's."""
    at, run, events = plan.events[0]["at"], f"{plan.run.partition('-')[0]}-00012345", list[dict[str, object]]()
    for event in source.events:
        if event["event"] == "ended":
            more = {"outcome": "SWITCHED", "touched": False, "ended_at": at}
            more |= dict.fromkeys(("run", "head", "record", "journal"), "")
            events += [{**event, **more, "number": n, "domain": f"d0000{n}.example.jp"} for n in (0, 1)]
        elif event["event"] not in ("started", "halted", "filed", "read-for", "closed"):
            events.append(event | ({"of": plan.run} if "of" in event else {}))
    events[0] |= {"run": run, "previous": None}
    made.write(plan.journal.with_name(f"invented-fleet.{run}.journal.jsonl"), [{**one, "at": at} for one in events])


def tell_hurried(stage: Stage) -> Told:
    """Somebody without the sealing key says that the first wave is verified, which SES has yet to do."""
    told_of = Told()
    apply, source = _pending(stage)
    told_of.runs["pending"] = source
    run, ends = (
        f"{source.run.partition('-')[0]}-ffff2345",
        max(n for n, one in enumerate(source.events) if one["event"] == "ended"),
    )
    events = [one | ({"outcome": "SWITCHED"} if one["event"] == "ended" else {}) for one in source.events[: ends + 1]]
    events[0] |= {"run": run}
    made.write(source.journal.with_name(f"hurried-fleet.{run}.journal.jsonl"), events)
    told_of.runs["again"] = fleet(stage, *apply)
    invented = _begun(told_of.runs["again"])
    told_of.runs["begun"] = fleet(stage, *apply)
    for path in invented:
        path.unlink()
    told_of.seen["written"] = written(stage)
    stage.sandbox.set_knobs(blind_in="123456789012/ap-northeast-1")
    stage.sandbox.advance(timedelta(hours=73))  # SES gives up
    told_of.runs["given up"] = fleet(stage, *apply)
    told_of.runs["refused"] = fleet(stage, *apply)
    return told_of


def tell_killed(stage: Stage) -> Told:
    """All is killed once SES has taken the first write, which it has yet to verify; the key record goes meanwhile."""
    told_of = Told()
    apply, source = _pending(stage)
    _cut(source.journal.parent / source.event("ended")["journal"], "answer")
    _cut(source.journal, "started")
    stage.sandbox.unpublish(NEXT, identity="d00000.example.jp")
    for name in ("after", "once more"):
        told_of.runs[name] = fleet(stage, *apply)
    told_of.seen["written"] = written(stage)
    return told_of


def tell_unseen(stage: Stage) -> Told:
    """All is killed once SES has taken the first write; the next run of that identity does not come to see SES."""
    told_of = Told()
    with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
        apply, source = _pending(stage, "-r", "endpoint_url", wire.url)
        _cut(source.journal.parent / source.event("ended")["journal"], "answer")
        _cut(source.journal, "started")
        denied = (refuse(403, "AccessDeniedException"), 0)
        wire.faults = dict.fromkeys(("GetEmailIdentity", "GetIdentityDkimAttributes"), denied)
        told_of.runs["unseen"] = fleet(stage, *apply)
        wire.faults = {}
        told_of.runs["again"] = fleet(stage, *apply)
    told_of.seen |= {"written": written(stage), "verify": verify(stage)}
    return told_of


def _pending(stage: Stage, *words: str) -> tuple[tuple[str, ...], Campaign]:
    """The command that applies a plan of two waves, and its first run: SES has yet to verify the first wave."""
    stage.sandbox.set_knobs(check_interval=86400)
    pace = ("-r", "canary", "1", "-r", "wave", "1", "-r", "pause_minutes", "0", "-p", "wait_minutes", "0")
    rest = ("-r", "identities", ready(stage, 0, 1), "-r", "selector", NEXT, *pace, *words)
    apply = approved(fleet(stage, *rest), *rest)
    return apply, fleet(stage, *apply)


def _cut(journal: Path, last: str) -> None:
    """Leaves what a run that was killed after that event leaves."""
    events = lines(journal)
    end = next(n for n, one in enumerate(events) if one["event"] == last) + 1
    made.write(journal, events[:end])
    for path in (seal_path(journal), page_seal_path(journal)):
        path.unlink(missing_ok=True)


def _begun(source: Campaign) -> list[Path]:
    """Makes the journal of a run that begins an identity and is killed, and the identity's, which says SWITCHED."""
    ended, day = source.event("ended"), source.run.partition("-")[0]
    own = source.journal.parent / ended["journal"]
    found = [
        own.with_name(f"zz.{day}-ffff2346.journal.jsonl"),
        source.journal.with_name(f"zz.{day}-ffff2347.journal.jsonl"),
    ]
    events = [one | ({"outcome": "SWITCHED", "error": None} if one["event"] == "closed" else {}) for one in lines(own)]
    events[0] |= {"run": f"{day}-ffff2346"}
    made.write(found[0], events)
    begun = next(n for n, one in enumerate(source.events) if one["event"] == "started")
    events = [
        *source.events[:begun],
        source.events[begun] | {"record": str(Path(ended["record"]).with_name("zz.ipynb"))},
    ]
    events[0] = events[0] | {"run": f"{day}-ffff2347"}
    made.write(found[1], events)
    return found


STORIES: dict[str, Callable[[Stage], Told]] = {
    "overtaken": tell_overtaken,
    "overtaken and moved": partial(tell_overtaken, folder="elsewhere", moved=True),
    "finished by hand": partial(tell_overtaken, selector=NEXT), "invented": tell_invented, "hurried": tell_hurried,
    "killed": tell_killed, "unseen": tell_unseen,
    "declined": tell_declined, "throttled": tell_throttled, "waves": tell_waves,
    "stopped": tell_stopped, "interrupted": tell_interrupted,
}  # fmt: skip
