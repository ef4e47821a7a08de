"""What a run can come to, each with what is played for it: the world it is in, the rollback, what that comes to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.kin import kernel_and_custodian
from tests.second_edition.notebooks.rollbacks import CURRENT, DENIED, LOOKS, NEXT, PROGRAMS, WAIVED, Scene, on_page, way_back
from tests.second_edition.notebooks.wire import PUT, Fault, Handler, applied_then, reset
from tests.second_edition.sandbox.generator import secret, write_secret


def unchanged(scene: Scene) -> str:
    scene.apply()
    scene.apply()
    return scene.apply("-p", "language", "ja").headline


def switched(scene: Scene) -> str:
    return scene.apply("-p", "language", "ja").headline


def pending(scene: Scene) -> str:
    return scene.apply(*WAIVED).headline


def refused_when_given_up(scene: Scene) -> str:
    scene.apply(*WAIVED)
    scene.sandbox.advance(timedelta(hours=73))
    return scene.apply("-p", "language", "ja").headline


def given_up_while_it_waits(scene: Scene) -> str:
    scene.apply(*WAIVED)

    def in_vain(_: Handler) -> bool:
        journals = (scene.stage.folder / "outputs").glob("2.*.journal.jsonl")
        if any('"event":"read"' in path.read_text("utf-8") for path in journals):
            scene.sandbox.advance(timedelta(hours=73))
        return False

    scene.wire.faults = {LOOKS: (in_vain, 0)}
    return scene.apply(*WAIVED[:3], "-p", "wait_minutes", "1").headline


def entered(scene: Scene, *selectors: str) -> None:
    """The generator writes the secret anew: one entry a version, as the run sheet has it, the last one in force."""
    now = secret(scene.sandbox)
    for selector in selectors:
        path = now["s3_key_path"].replace(now["selector"], selector)
        write_secret(scene.sandbox, json.dumps({**now, "selector": selector, "s3_key_path": path}))


def elsewhere_then_generated(scene: Scene) -> str:
    """The record lies in a folder of its own, whose archive the command names: the secret names neither selector."""
    (scene.stage.folder / "outputs/CHG-1042").mkdir()
    text = scene.stage.runner.papermill(
        *scene.words, "-p", "mode", "apply", "-r", "selector", NEXT, name="outputs/CHG-1042/1.ipynb"
    ).headline
    assert "outputs/CHG-1042/" in way_back(text)
    entered(scene, "mail-20270101-1", "mail-20270301-1")
    return text


def switched_without_its_key(scene: Scene) -> str:
    """The current key is not stored, which is waived: the record says what to do, and that is done."""
    s3, facts = outside.client(scene.sandbox.facts, "s3"), scene.sandbox.facts
    pem, key = outside.pem(facts, CURRENT), f"dkim-keys/{facts.domain}/{CURRENT}/private_key.pem"
    s3.delete_object(Bucket=facts.key_bucket, Key=key)
    text = scene.apply("-p", "waive", "BACK-KEY: agreed, CHG-1042").headline
    assert "A rollback to mail-20260912-1 would be refused" in text
    assert "STORE-OBJECT" in text
    s3.put_object(Bucket=facts.key_bucket, Key=key, Body=pem)
    s3.close()
    return text


def from_one_that_never_worked(scene: Scene) -> str:
    """SES gave up on the current selector, and no record shows that it ever worked."""
    scene.sandbox.publish(NEXT)
    text = scene.apply().headline
    assert "no run signed by a trusted key saw mail-20260912-1 verified while DNS served its key" in text
    return text


def rolled_back(scene: Scene) -> str:
    scene.profile("rollback_after_hours = 24")
    scene.apply(*WAIVED)
    scene.sandbox.advance(timedelta(hours=25))
    return scene.apply(*WAIVED).headline


def rolled_back_in_vain(scene: Scene) -> str:
    """SES does not take the selector that was left, when the run would go back by itself."""
    scene.profile("rollback_after_hours = 24")
    scene.apply(*WAIVED)
    scene.sandbox.advance(timedelta(hours=25))
    scene.wire.seen, scene.wire.faults = [], {PUT: (DENIED, 0)}
    return scene.apply(*WAIVED).headline


def over(fault: Fault | None, afterwards: Fault | None = None) -> Callable[[Scene], str]:
    """A write that something befalls, and each reading after it."""

    def tell(scene: Scene) -> str:
        scene.profile("late_write_seconds = 3")
        scene.wire.faults = {PUT: (fault, 0)} if fault else {}
        scene.wire.after_put = {LOOKS: afterwards} if afterwards else {}
        return scene.apply("-p", "wait_minutes", "0").headline

    return tell


def proved_wrong(scene: Scene) -> str:
    """SES says SUCCESS, and the message that the run sends arrives unsigned."""
    scene.profile("proof_wait_seconds = 1")
    scene.sandbox.set_knobs(signing_when_verified="unsigned")
    text = scene.apply("-p", "message", "send").headline
    scene.sandbox.set_knobs(signing_when_verified="next")
    return text


def struck(scene: Scene, command: list[str], operation: str, *, applied: bool = False) -> None:
    """A run whose kernel is killed when it calls AWS: at its write, or at the first reading after that."""
    known, kernels = threading.Event(), list[int]()

    def strike(handler: Handler) -> bool:
        if applied:
            handler.forward()
        assert known.wait(600)
        os.kill(kernels[0], signal.SIGKILL)
        return reset(handler)

    at_write = operation == PUT
    scene.wire.faults = {PUT: (strike, 1)} if at_write else {}
    scene.wire.after_put = {} if at_write else {LOOKS: strike}
    with subprocess.Popen(
        [str(PROGRAMS / command[0]), *command[1:]], cwd=scene.stage.folder, env=scene.stage.runner.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        # Looked for well before the strike: on a busy machine that takes longer than a call to AWS may.
        while LOOKS not in scene.wire.seen:
            assert process.poll() is None
            time.sleep(0.02)
        kernels.append(kernel_and_custodian(process.pid)[0].pid)
        known.set()
        assert process.wait(timeout=600) != 0


def killed(operation: str, *, applied: bool = False) -> Callable[[Scene], str]:
    """Plain papermill, whose notebook cannot tell how far it came: the page that is made of its journal does."""

    def tell(scene: Scene) -> str:
        words = ["papermill", "notebooks/rotate.ipynb", "outputs/killed.ipynb", *scene.words, "-p", "mode", "apply"]
        struck(scene, [*words, "-r", "selector", NEXT], operation, applied=applied)
        scene.shell("byodkim record outputs/killed.ipynb -o killed.html")
        return on_page((scene.stage.folder / "killed.html").read_text("utf-8"))

    return tell


def next_after_killed(scene: Scene) -> str:
    """Nobody looks at what was left of it; the next run tells."""
    killed(LOOKS)(scene)
    scene.wire.faults, scene.wire.after_put = {}, {}
    return scene.apply().headline


# What is played and in which world; the record's first word; the writes until then, and those of the rollback; and
# what the run by the rollback comes to, "" where there is none to go.
STORIES: dict[str, tuple[Callable[[Scene], str], str, str, int, int, str]] = {
    "planned": (lambda scene: scene.plan().headline, "ready", "PLANNED", 0, 0, ""),
    "refused": (lambda scene: scene.apply().headline, "dns-absent", "REFUSED", 0, 0, ""),
    "unchanged": (unchanged, "ready", "UNCHANGED", 1, 1, "SWITCHED"),
    "switched": (switched, "ready", "SWITCHED", 1, 1, "SWITCHED"),
    "pending": (pending, "dns-absent", "SWITCHED-PENDING", 1, 1, "SWITCHED"),
    "refused when given up": (refused_when_given_up, "dns-absent", "REFUSED", 1, 1, "SWITCHED"),
    "given up while it waits": (given_up_while_it_waits, "dns-absent", "FAILED", 1, 1, "SWITCHED"),
    "rolled back": (rolled_back, "dns-absent", "ROLLED-BACK", 2, 0, ""),
    "rolled back in vain": (rolled_back_in_vain, "dns-absent", "FAILED", 1, 1, "SWITCHED"),
    "switched elsewhere, then generated": (elsewhere_then_generated, "ready", "SWITCHED", 1, 1, "SWITCHED"),
    "switched without its key": (switched_without_its_key, "ready", "SWITCHED", 1, 1, "SWITCHED"),
    "from one that never worked": (from_one_that_never_worked, "previous-failed", "SWITCHED", 1, 0, ""),
    "write refused": (over(DENIED), "ready", "FAILED", 0, 0, ""),
    "unclear, applied": (over(applied_then(reset)), "ready", "SWITCHED", 1, 1, "SWITCHED"),
    "unclear, not applied": (over(reset), "ready", "FAILED", 0, 0, "UNCHANGED"),
    "unclear, applied, unread": (over(applied_then(reset), DENIED), "ready", "FAILED", 1, 1, "SWITCHED"),
    "unclear, not applied, unread": (over(reset, DENIED), "ready", "FAILED", 0, 0, "UNCHANGED"),
    "written, unread": (over(None, DENIED), "ready", "FAILED", 1, 1, "SWITCHED"),
    "proved wrong by a message": (proved_wrong, "ready", "FAILED", 1, 1, "SWITCHED"),
    "killed, intent written": (killed(PUT), "ready", "NOT", 0, 0, "UNCHANGED"),
    "killed, intent written, applied": (killed(PUT, applied=True), "ready", "NOT", 1, 1, "SWITCHED"),
    "killed, answer written": (killed(LOOKS), "ready", "NOT", 1, 1, "SWITCHED"),
    "the run after a killed one": (next_after_killed, "ready", "SWITCHED", 1, 1, "SWITCHED"),
}
