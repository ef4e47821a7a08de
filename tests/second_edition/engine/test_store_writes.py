"""What each write to the key store asks the custodian for, and what is said of one that was not applied."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from second_edition.custody.operations import OPERATIONS
from second_edition.engine.run import Run
from second_edition.engine.write_ahead import ERASE, STORE, Failure, Landed
from second_edition.procedures.prepare.preparation import Operation as Storing
from second_edition.procedures.prepare.preparation import Preparation
from second_edition.procedures.prepare.store_writes import Pair, storing
from second_edition.procedures.retire.retirement import Operation as Erasing
from second_edition.procedures.retire.retirement import Retirement
from second_edition.procedures.retire.store_writes import erasing
from second_edition.rotation.plan import Write
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.prepare_rows import STORE as OBJECT
from tests.second_edition.rotation.prepare_rows import entered, fresh
from tests.second_edition.rotation.retire_rows import FACTS

DOMAIN, NEXT = world.DOMAIN, world.NEXT
PAIR = Pair("a" * 64, "v=DKIM1; p=AAAA", "byodkim-keys", "k.pem", "k.pem")


def nothing_stands(op: str, **arguments: str) -> Future[Any]:
    """What a custodian answers where nothing is."""
    inspect.signature(OPERATIONS[op]).bind("session", **arguments)
    future: Future[Any] = Future()
    future.set_result({"key": {"sha256": "", "defect": "absent"}}.get(op, []))
    return future


def run_of(procedure: str, *, clock: Callable[[], datetime] | None = None, **asked: Any) -> Any:
    """What of a run its errors are made of, and what it was asked."""
    intent = SimpleNamespace(selector=NEXT, domain=DOMAIN, language="en", section=SimpleNamespace(**asked), **asked)
    run = SimpleNamespace(intent=intent, procedure=SimpleNamespace(name=procedure), clock=clock)
    run.custodian = SimpleNamespace(ask=nothing_stands)
    run.error = partial(Run.error, cast(Run, run))
    return run


RUN = run_of("prepare")
NEW, LATER = Preparation(fresh(), OBJECT), Preparation(entered(fresh()), OBJECT)
SECRET = {"secret_id": "byodkim/example.jp"}
VERSION, BEFORE = NEW.version(PAIR.sha256, "5e2b"), NEW.version(PAIR.sha256, "4d1a")
OWN, PLACE = {"selector": NEXT}, {"bucket": "byodkim-keys", "key": "k.pem"}
ENTRY = {**OWN, "domain": DOMAIN, "bucket": "byodkim-keys", "path": "k.pem", "value": PAIR.value}


@each(
    ("prepared", "operation", "asked", "arguments", "found"),
    [
        (NEW, Storing.STORE, "store", {**OWN, **PLACE, "sha256": PAIR.sha256, "kms_key": ""}, ""),
        (NEW, Storing.ENTER, "enter", {**SECRET, **ENTRY, "base": "5e2b", "version": VERSION}, "AWSPENDING -"),
        (NEW, Storing.PROMOTE, "promote", {**SECRET, "base": "5e2b", "version": VERSION}, "AWSCURRENT -"),
        (LATER, Storing.PROMOTE, "promote", {**SECRET, "base": "4d1a", "version": BEFORE}, "AWSCURRENT -"),
        (LATER, Storing.RELEASE, "release", {**SECRET, "version": BEFORE}, "AWSPENDING -"),
    ],
)
def test_prepare_asks_for_the_pair_under_way_and_the_version_that_it_was_shown(
    prepared: Preparation, operation: Storing, asked: str, arguments: dict[str, str], found: str
) -> None:
    write = Write(operation.value, "x", next_selector=NEXT)
    made = storing(RUN, prepared, write, PAIR)
    assert (made.events, made.operation, dict(made.arguments), made.proved) == (STORE, asked, arguments, True)
    version = "" if operation is Storing.STORE else arguments["version"]
    assert made.intent == {"write": write, "sha256": PAIR.sha256, "version": version}
    assert made.read_back() == Landed(operation is Storing.RELEASE, found)
    inspect.signature(OPERATIONS[asked]).bind("session", **made.arguments)


FOUND = Retirement(world.good(), FACTS)
ERASED = {"bucket": FACTS.bucket, "key": FACTS.key, "sha256": FOUND.sha256}


@each(
    ("operation", "version", "asked", "arguments", "landed"),
    [
        (Erasing.DELETE, "v1", "erase", {**ERASED, "version": "v1"}, Landed(True)),
        (Erasing.EXPIRE, "", "erase", {**ERASED, "version": ""}, Landed(True)),
    ],
)
def test_retire_asks_for_what_it_looked_into(
    operation: Erasing, version: str, asked: str, arguments: dict[str, str], landed: Landed
) -> None:
    write = Write(operation.value, SECRET["secret_id"], version=version)
    made = erasing(run_of("retire"), FOUND, write)
    assert (made.events, made.operation, dict(made.arguments), made.proved) == (ERASE, asked, arguments, True)
    assert made.intent == {"write": write, "sha256": FOUND.sha256}
    assert made.read_back() == landed
    inspect.signature(OPERATIONS[asked]).bind("session", **made.arguments)
    error = made.failed(Failure("Slow", "", False, Landed(False, "v7")))
    assert error.what == f"{operation.value} at {SECRET['secret_id']} was not applied (Slow); what stands there: v7."
    assert error.means.startswith(f"The key record of {NEXT} is withdrawn at every server; its private key may")


@each(
    ("operation", "landed", "what", "means"),
    [
        (Storing.STORE, Landed(False, "b"), "Another key was stored at x meanwhile (b); nothing was", "not name"),
        (Storing.STORE, Landed(False), "PutObject at x was not applied (Slow); found there: -.", "not name"),
        (Storing.STORE, Landed(None, "c"), "PutObject at x had no clear answer (Slow), and could not", "not name"),
        (Storing.ENTER, Landed(False, "d"), "PutSecretValue at x was not applied (Slow); found", "is stored, and the"),
        (Storing.PROMOTE, Landed(None, "-"), "had no clear answer (Slow), and could not be", "entry waits in the"),
        (Storing.RELEASE, Landed(False, "e"), "was not applied (Slow); found there: e.", "only the label"),
    ],
)
def test_what_is_said_of_a_write_of_prepare_that_was_not_applied(
    operation: Storing, landed: Landed, what: str, means: str
) -> None:
    error = storing(RUN, NEW, Write(operation.value, "x"), PAIR).failed(Failure("Slow", "", False, landed))
    assert (what in error.what, means in error.means) == (True, True)
    assert NEXT in error.means
    assert error.todo.startswith("Run the same command again, with another output path")
