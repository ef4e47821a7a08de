"""No write without proof, whatever happens to SES, secret, key store, DNS, credentials, approvals and lock meanwhile.

The procedure's own steps act on a world in memory that changes between any two of them. At each write the world is
asked for the truth: not what was observed, but what is.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar, cast
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from second_edition.engine import locking, resolving, stages
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.events.run import Begin, Caller
from second_edition.evidence import approval
from second_edition.evidence import received as judging
from second_edition.evidence.history import History
from second_edition.intent.intent import Intent
from second_edition.procedures.rotate.steps import PROCEDURE
from second_edition.rotation.observation import Used
from second_edition.rotation.plan import Plan
from second_edition.settings import Parameters, Profile
from tests.second_edition.engine.moving_world import PAIRS, SELECTORS, SERVERS, Custodian, Journal, Pool, World, later
from tests.second_edition.rotation.world import ACCOUNT, DOMAIN, REGION, sha256

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
HOW = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
PEOPLE = {name: Ed25519PrivateKey.generate() for name in ("tanaka", "sato", "stranger")}
APPROVERS = {name: approval.public_text(key) for name, key in PEOPLE.items() if name != "stranger"}
IN_DNS = ("DNS-ANSWERS", "DNS-PUBLISHED", "DNS-SINGLE", "DNS-PLACEHOLDER", "KEY-SIGNS")
WAIVERS = {
    "none": (),
    "dns": IN_DNS,
    "back": ("BACK-KEY", "BACK-RECORD"),
    "reuse": ("KEY-REUSED", "KEY-SELECTOR"),
    "all": (*IN_DNS, "BACK-KEY", "BACK-RECORD", "KEY-REUSED", "KEY-SELECTOR", "SES-SIGNING"),
}
VERIFIED_ONCE = functools.cache(judging.verify)  # dkimpy's verdict depends on nothing but its arguments
selectors, pairs = st.sampled_from(SELECTORS), st.sampled_from(PAIRS)


@dataclass(frozen=True)
class Signed:
    """An approval: who truly signed what, of which world, and in which file."""

    file: str
    signer: str
    selector: str
    waived: str
    facts: tuple[Any, ...]
    honest: bool


@dataclass
class Open:
    """A run between its plan and its write."""

    run: Run
    plan: Plan
    waived: str
    facts: tuple[Any, ...]


class MovingWorld(RuleBasedStateMachine):
    """Rules that change the world, and rules that run the procedure in it."""

    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.folder = Path(tempfile.mkdtemp())
        self.required, self.runs = 0, 0
        self.planned: list[Open] = []
        self.open: list[Open] = []
        self.signed: list[Signed] = []
        self.applying: Open | None = None
        self.world.before_put = self.proved
        self._patched = ExitStack()
        self._patched.enter_context(mock.patch.object(resolving, "ask", self.world.answers))
        self._patched.enter_context(mock.patch.object(judging, "verify", VERIFIED_ONCE))

    def teardown(self) -> None:
        self._patched.close()
        shutil.rmtree(self.folder)

    @initialize(required=st.integers(0, 2))
    def policy(self, required: int) -> None:
        self.required = required

    # The world moves.

    @rule(selector=selectors, pair=pairs, does=st.sampled_from([World.prepare, World.keep, World.name]))
    def generator_or_dns_team(self, selector: str, pair: int, does: Callable[[World, str, int], None]) -> None:
        does(self.world, selector, pair)

    @rule(selector=selectors)
    def key_is_lost(self, selector: str) -> None:
        self.world.store.pop(selector, None)

    @rule(
        servers=st.sampled_from([(0,), (1,), (0, 1)]),
        selector=selectors,
        served=st.sampled_from([(), (PAIRS[0],), (PAIRS[1],), PAIRS[:2], ("placeholder",), ("silent",)]),
    )
    def record_changes(self, servers: Sequence[int], selector: str, served: tuple[int | str, ...]) -> None:
        for server in servers:
            self.world.records[server, selector] = served

    @rule()
    def ses_looks(self) -> None:
        self.world.look()

    @rule(selector=selectors, pair=pairs)
    def somebody_switches_by_hand(self, selector: str, pair: int) -> None:
        ses = self.world.ses
        ses.selector, ses.pair, ses.status, ses.origin = selector, pair, "PENDING", "EXTERNAL"

    @rule(
        account=st.sampled_from([ACCOUNT, ACCOUNT, "999999999999"]),
        origin=st.sampled_from(["EXTERNAL", "EXTERNAL", "AWS_SES"]),
        enabled=st.booleans(),
    )
    def credentials_or_identity_change(self, account: str, origin: str, enabled: bool) -> None:
        self.world.account, self.world.ses.origin, self.world.ses.enabled = account, origin, enabled

    @rule(minutes=st.sampled_from([1, 50, 5000]))
    def time_goes_by(self, minutes: int) -> None:
        later(self.world, minutes)

    # People approve.

    @precondition(lambda self: self.planned)
    @rule(data=st.data(), signer=st.sampled_from(sorted(PEOPLE)), honest=st.sampled_from([True, True, False]))
    def somebody_approves(self, data: st.DataObject, signer: str, honest: bool) -> None:
        self.approve(data.draw(st.sampled_from(self.planned)), signer, honest)

    def approve(self, planned: Open, signer: str, honest: bool) -> None:
        stated = approval.statement(planned.run.record, planned.plan, signer, "", self.world.now)
        content = approval.sign(stated, PEOPLE[signer])
        if not honest:
            content = forged(content)
        name = f"{len(self.signed)}.json"
        (self.folder / name).write_bytes(content)
        selector = planned.run.intent.selector
        self.signed.append(Signed(name, signer, selector, planned.waived, planned.facts, honest))

    # The procedure runs.

    def begin(self, selector: str, waived: str, applies: bool, approved: Sequence[str] = ()) -> Run:
        self.runs += 1
        identifier = f"run{self.runs}"
        archive: Future[History] = Future()
        used = [Used(one.selector, sha256(one.pair), one.run) for one in self.world.writes]
        archive.set_result(History(tuple(used), given=used[-1] if used else None))
        run = Run(
            intent_of(selector, waived, applies, self.required, ",".join(str(self.folder / name) for name in approved)),
            lambda: self.world.now,
            cast("Any", Custodian(self.world, identifier)),
            cast("Any", Pool()),
            self.folder,
            archive=archive,
            id=identifier,
            procedure=PROCEDURE,
            journal=cast("Any", Journal(self.folder / f"{identifier}.journal.jsonl", lambda: self.world.now)),
        )
        run.write(Begin, run=identifier, domain=DOMAIN, selector=selector, mode="apply" if applies else "plan")
        run.write(Caller, caller=run.custodian.ask("caller").result())
        return run

    def prepared(self, run: Run, waived: str) -> Open | None:
        """Up to and with the plan; ``None`` where the run was refused."""
        if run.intent.applies:
            locking.take(run)
        stages.observe(run)
        findings = stages.check(run)
        try:
            stages.refuse_if_unsafe(run, findings)
        except RunRefused:
            self.reached["refused"] += 1
            run.release()
            return None
        return Open(run, stages.plan(run), waived, self.world.facts(run.intent.selector))

    @rule(selector=selectors, waived=st.sampled_from(sorted(WAIVERS)))
    def plan_run(self, selector: str, waived: str) -> None:
        run = self.begin(selector, waived, applies=False)
        planned = self.prepared(run, waived)
        if planned is not None and planned.plan.writes:
            self.planned.append(planned)
            self.reached["planned"] += 1
        assert self.world.writes == [one for one in self.world.writes if one.run != run.id]

    @rule(data=st.data(), selector=selectors, waived=st.sampled_from(sorted(WAIVERS)))
    def apply_run_begins(self, data: st.DataObject, selector: str, waived: str) -> None:
        names = [one.file for one in self.signed]
        given = data.draw(st.lists(st.sampled_from(names), max_size=3) if names else st.just([]))
        self.apply_as(given, selector, waived)

    @rule(
        selector=selectors,
        signers=st.lists(st.sampled_from(sorted(APPROVERS)), max_size=2, unique=True),
        fault=st.sampled_from(["", "", "lost before", "lost after", "gone", "to be continued"]),
    )
    def a_good_day(self, selector: str, signers: list[str], fault: str) -> None:
        """All is well, planned, and approved by whoever is there. What happens before the write may be left open."""
        self.world.mend(selector)
        self.time_goes_by(50)  # whoever has died is out of the way
        self.plan_run(selector, "none")
        if not self.planned or self.planned[-1].facts != self.world.facts(selector):
            return
        for signer in signers:
            self.approve(self.planned[-1], signer, honest=True)
        self.apply_as([one.file for one in self.signed[len(self.signed) - len(signers) :]], selector, "none")
        if fault == "gone":
            self.world.records[1, selector] = ()
        if self.open and self.open[-1].run.intent.selector == selector and fault != "to be continued":
            self.go_on(self.open.pop(), fault.replace("gone", ""))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def apply_run_begins_as_approved(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.signed))
        given = [other.file for other in self.signed if (other.selector, other.facts) == (one.selector, one.facts)]
        self.apply_as(given, one.selector, one.waived)

    def apply_as(self, given: list[str], selector: str, waived: str) -> None:
        if opened := self.prepared(self.begin(selector, waived, applies=True, approved=given), waived):
            self.open.append(opened)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), fault=st.sampled_from(["", "", "", "lost before", "lost after"]))
    def apply_run_goes_on(self, data: st.DataObject, fault: str) -> None:
        self.go_on(self.open.pop(data.draw(st.integers(0, len(self.open) - 1))), fault)

    def go_on(self, going: Open, fault: str) -> None:
        before, self.world.fault, self.applying = len(self.world.writes), fault, going
        try:
            if going.plan.writes:
                stages.carry_out(going.run, going.plan)
        except RunRefused:
            self.reached["refused at the write"] += 1
            assert len(self.world.writes) == before
        except RunFailed:
            assert fault
            self.reached["failed"] += 1
        else:
            self.reached["written" if going.plan.writes else "nothing to write"] += 1
            assert len(self.world.writes) == before + bool(going.plan.writes)
        finally:
            self.applying, self.world.fault = None, ""
            going.run.release()

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def operator_dies(self, data: st.DataObject) -> None:
        self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))

    # The truth, at each write.

    def proved(self, run: str, selector: str, pair: int) -> None:
        world, going = self.world, self.applying
        assert going is not None
        assert going.run.id == run
        waived = WAIVERS[going.waived]
        assert world.account == ACCOUNT
        assert world.ses.origin == "EXTERNAL"
        assert world.ses.enabled or "SES-SIGNING" in waived
        last = world.writes[-1] if world.writes else None
        theirs = last is not None and (last.selector, last.pair) == (selector, pair)
        looks = world.ses.status == "PENDING" and not theirs
        assert world.ses.selector != selector or world.ses.status == "FAILED" or looks
        assert world.store[selector][0] == pair
        assert world.secret[selector] == pair
        assert world.everywhere(selector, pair) or "DNS-PUBLISHED" in waived
        self.way_back(selector, waived)
        self.fresh(selector, pair, waived)
        self.agreed(selector, going)
        assert world.lock is not None
        assert json.loads(world.lock[0])["run"] == run

    def way_back(self, selector: str, waived: Sequence[str]) -> None:
        current = self.world.ses.selector
        if current == selector or self.world.ses.status != "SUCCESS" or "BACK-KEY" in waived:
            return
        assert current in self.world.store
        assert self.world.everywhere(current, self.world.store[current][0])

    def fresh(self, selector: str, pair: int, waived: Sequence[str]) -> None:
        if "KEY-REUSED" in waived:
            return
        for one in self.world.writes:
            assert (one.selector == selector) == (one.pair == pair)

    def agreed(self, selector: str, going: Open) -> None:
        """As many people as are needed signed a plan for this selector, of a world just like this one."""
        files = {Path(name).name for name in filter(None, going.run.intent.asked.approved.split(","))}
        facts = self.world.facts(selector)
        given = [one for one in self.signed if one.file in files]
        for one in given:
            assert one.honest
            assert one.signer in APPROVERS
            assert (one.selector, one.facts) == (selector, facts)
        assert len({one.signer for one in given}) == len(given) >= self.required


def intent_of(selector: str, waived: str, applies: bool, required: int, approved: str) -> Intent:
    """A task as a profile and parameters give it."""
    return Intent(
        selector=selector, domain=DOMAIN, account=ACCOUNT, region=REGION, expected_region=REGION,
        secret_id="byodkim/example.jp", key_bucket="byodkim-keys", aws_profile="", store_region="", store_profile="",
        endpoint_url="", nameservers=SERVERS, resolvers=(), encrypted_resolvers=(),
        applies=applies, sandbox=False, wait_minutes=10, wait_dns_minutes=0, language="en",
        zone=UTC, requests_per_second=0.0,
        waivers=dict.fromkeys(WAIVERS[waived], "agreed"), approvals=required,
        asked=Parameters(approved=approved),
        section=Profile(ttl=300, lock="s3", approvers=APPROVERS, late_write_seconds=0),
    )  # fmt: skip


def forged(content: bytes) -> bytes:
    """The same signature under another statement."""
    other = json.loads(approval.sign({"predicate": {}}, Ed25519PrivateKey.generate()))
    return json.dumps({**json.loads(content), "payload": other["payload"]}).encode()


def test_no_write_without_proof() -> None:
    """``make prove`` runs it with 10,000 examples."""
    MovingWorld.reached.clear()
    run_state_machine_as_test(MovingWorld, settings=HOW)
    # What never writes, or never has to be stopped, would prove nothing; twelve histories may miss one of them.
    ends = {"planned", "refused", "refused at the write", "written", "failed"}
    assert EXAMPLES < 100 or ends <= MovingWorld.reached.keys()
