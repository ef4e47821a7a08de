"""A selector's life: commands one after the other, each with the policy that ``byodkim policy`` prints for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.second_edition.access.estates import ARCHIVE, Builder
from tests.second_edition.access.gate import Gate
from tests.second_edition.access.stories import BYODKIM, CLI, Build, Told, command, events_of, policy_of
from tests.second_edition.dns.updated import Key, knot, zone_of
from tests.second_edition.notebooks.outside import txt
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage

Primary = tuple[Key, int]
APPLY = ("-p", "mode", "apply")
# The record has just been published, and its absence seen before: who switches in earnest waits.
LONG_AGO = ("-p", "waive", "TIME-OVERLAP: the switch was on 2026-10-01, CHG-0977")
AT_ONCE = ("-p", "waive", "TIME-ACTIVATE: nobody asked for it before")


@dataclass
class Scene:
    """Hold where a life goes on: who acts, behind the gate, and the last run."""

    stage: Stage
    builder: Builder
    gate: Gate
    selector: str = ""
    ran: Ran | None = None

    def becomes(self, who: str, *words: str) -> None:
        """From now on a command's policy is in force, for ``--mode`` and the like in ``words``."""
        self.gate.who, self.gate.policy = who, policy_of(self.stage, who, *words, *self.builder.options)

    def run(self, notebook: str, *words: str) -> Ran:
        """A notebook, whose name is the command's too."""
        at = ("-p", "endpoint_url", self.gate.url)
        self.ran = self.stage.runner.papermill(*at, *words, notebook=f"notebooks/{notebook}.ipynb", env=AWS)
        return self.ran

    def says(self, *words: str) -> str:
        """Return what a command of byodkim says that ends well."""
        done = command(self.stage, BYODKIM, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asks(self, *words: str) -> str:
        """Return what the AWS CLI says behind the gate."""
        done = command(self.stage, CLI, "--endpoint-url", self.gate.url, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def record(self) -> str:
        assert self.ran is not None
        return str(self.ran.path)


Act = Callable[[Scene], object]


def life(*acts: Act, builds: tuple[Build, ...] = ()) -> Callable[[Stage], Told]:
    """Return what comes of these acts, in order."""

    def tell(stage: Stage) -> Told:
        with ExitStack() as stack:
            builder = Builder(stage.sandbox.facts, stack)
            for build in builds:
                build(builder)
            AwsStage(stage).profile(section="default", **{"ses_requests_per_second": 100.0, **builder.profile})
            estate, before = builder.estate(), len(stage.sandbox.calls())
            gate = stack.enter_context(Gate(stage.sandbox.facts.endpoint_url, {"Statement": []}, estate))
            scene = Scene(stage, builder, gate)
            for act in acts:
                act(scene)
            calls = [f"{call['service']}:{call['operation']}" for call in stage.sandbox.calls()[before:]]
            assert scene.ran is not None
            known = (gate.used, gate.refused, gate.forwarded, calls, stage.identity["selectors"][0])
            return Told(scene.ran, dict(gate.policy), *known, events_of(stage))

    return tell


def prepared(scene: Scene) -> None:
    """A plan, and the next key pair stored; the answer to the first copy of the record is lost."""
    scene.becomes("prepare")
    assert scene.run("prepare").outcome == "PLANNED"
    scene.becomes("prepare", "--mode", "apply")
    scene.gate.loses = f"/{ARCHIVE}/"
    made = scene.run("prepare", *APPLY)
    assert (made.outcome, made.returncode) == ("PREPARED", 0), made.stderr
    scene.selector = made.event("named")["selector"]


def published(scene: Scene) -> None:
    """The key record is planned, and published; the answer to the first copy of its record is lost."""
    scene.becomes("publish")
    assert "PLANNED" in scene.says("publish", scene.record)
    scene.becomes("publish", "--mode", "apply")
    scene.gate.loses = f"/{ARCHIVE}/"
    assert "PUBLISHED" in scene.says("publish", scene.record, *APPLY)


def published_by_others(scene: Scene) -> None:
    scene.stage.sandbox.publish(scene.selector)


def explored(scene: Scene) -> None:
    """Looking around."""
    scene.becomes("explore")
    ran = scene.run("explore")
    assert ran.returncode == 0, ran.stderr
    assert "AccessDenied" not in ran.everything


def surveyed(scene: Scene) -> None:
    """The inventory, and once more where SES leaves open with what an identity signs."""
    scene.becomes("inventory")
    for tokens in ("selector", "empty"):
        scene.stage.sandbox.set_knobs(tokens=tokens)
        assert "SUCCESS" in scene.says("inventory", "--endpoint-url", scene.gate.url)
    scene.stage.sandbox.set_knobs(tokens="selector")


def switched(scene: Scene) -> None:
    """The switch to the selector that was prepared."""
    scene.becomes("rotate", "--mode", "apply")
    ran = scene.run("rotate", "-r", "selector", scene.selector, *APPLY, *AT_ONCE)
    assert (ran.outcome, ran.returncode) == ("SWITCHED", 0), ran.stderr


def campaigned(scene: Scene) -> None:
    """The same by a campaign of one: its plan, and its one wave; the answer to the first copy is lost."""
    scene.becomes("fleet")
    planned_for_all(scene)
    scene.becomes("fleet", "--mode", "apply")
    scene.gate.loses = f"/{ARCHIVE}/"
    ran = carried_out(scene)
    assert (ran.outcome, ran.returncode) == ("SWITCHED", 0), ran.stderr


def planned_for_all(scene: Scene) -> None:
    """The plan of a campaign of one."""
    selector = scene.selector or scene.stage.sandbox.facts.next_selector
    (scene.stage.folder / "fleet.csv").write_text(f"domain,selector\nexample.jp,{selector}\n")
    planned = scene.run("fleet", *_campaign(scene))
    assert (planned.outcome, planned.returncode) == ("PLANNED", 0), planned.stderr


def carried_out(scene: Scene) -> Ran:
    """The campaign whose plan was made last, in apply mode."""
    assert scene.ran is not None
    return scene.run("fleet", *_campaign(scene), *APPLY, "-r", "approved", scene.ran.event("begin")["run"])


def _campaign(scene: Scene) -> tuple[str, ...]:
    secret = scene.stage.sandbox.facts.secret_id
    return ("-r", "identities", "fleet.csv", "-r", "secret_id", secret, "-p", "pause_minutes", "0")


def filed(scene: Scene) -> None:
    """The finished notebook goes to the archive too, and what is fetched from there verifies."""
    scene.becomes("archive")
    scene.says("archive", scene.record)
    assert scene.ran is not None
    scene.becomes("audit")
    source = f"s3://{ARCHIVE}/dkim/example.jp/{scene.ran.event('begin')['run']}"
    scene.asks("s3", "cp", "--recursive", source, "fetched")
    asked = ("--key-id", scene.builder.profile["seal_key"], "--query", "PublicKey", "--output", "text")
    public = scene.asks("kms", "get-public-key", *asked).strip()
    assert "VERIFIED" in scene.says("verify", "--key", f"p256:{public}", f"fetched/{Path(scene.record).name}")


def refused(scene: Scene) -> None:
    """A record whose request is still to be published."""
    scene.becomes("rotate")
    ran = scene.run("rotate", "-r", "selector", scene.stage.sandbox.facts.next_selector)
    assert "DNS-PUBLISHED" in ran.failed(), ran.stderr


def retired(scene: Scene) -> None:
    """A plan, and the selector that was left retired."""
    left = ("-r", "selector", scene.stage.sandbox.facts.current_selector, *LONG_AGO)
    scene.becomes("retire")
    planned = scene.run("retire", *left)
    assert planned.outcome == "PLANNED", planned.stderr
    scene.becomes("retire", "--mode", "apply")
    scene.gate.loses = f"/{ARCHIVE}/"
    ran = scene.run("retire", *left, *APPLY)
    assert (ran.outcome, ran.returncode) == ("RETIRED", 0), ran.stderr


def retired_for_good(_: Primary) -> Callable[[Stage], Told]:
    whole = (Builder.lock, Builder.kept, Builder.retiring, Builder.encrypt, Builder.hosted_zone, Builder.regions)
    return life(retired, builds=whole)


def retired_and_hidden(_: Primary) -> Callable[[Stage], Told]:
    """Private keys have a key in KMS of their own, and a delete marker is put before this one."""
    return life(retired, builds=(expiring, encrypted_apart, Builder.hosted_zone))


def expiring(builder: Builder) -> None:
    builder.retiring("expire")


def encrypted_apart(builder: Builder) -> None:
    builder.key_kms(stored=True)


def retired_by_update(_: Primary) -> Callable[[Stage], Told]:
    """The zone is a real name server's, which takes signed updates; the secret is encrypted."""
    return life(retired, builds=(Builder.retiring, Builder.encrypt, primary_of_both))


def primary_of_both(builder: Builder) -> None:
    """A real primary name server whose zone has the key records of both selectors publishes."""
    facts, key = builder.facts, Key()
    records = {one: txt(facts, one)[0] for one in (facts.current_selector, facts.next_selector)}
    folder = Path(builder.stack.enter_context(TemporaryDirectory()))
    builder.tsig(key, builder.stack.enter_context(knot(folder, key, zone_of(records))))


def through(_: Primary) -> Callable[[Stage], Told]:
    builds = (Builder.lock, Builder.kept, Builder.encrypt, Builder.mailbox, Builder.hosted_zone)
    return life(prepared, published, explored, surveyed, switched, filed, builds=builds)


def fleet(_: Primary) -> Callable[[Stage], Told]:
    builds = (Builder.lock, Builder.kept, Builder.encrypt, Builder.mailbox)
    return life(prepared, published_by_others, campaigned, builds=builds)


def fleet_key_kms(_: Primary) -> Callable[[Stage], Told]:
    return life(prepared, published_by_others, campaigned, builds=(Builder.key_kms,))


def fleet_by_layouts(_: Primary) -> Callable[[Stage], Told]:
    return life(campaigned, builds=(Builder.without_path,))


def key_kms(_: Primary) -> Callable[[Stage], Told]:
    return life(prepared, published_by_others, switched, explored, builds=(Builder.key_kms,))


def key_kms_by_an_alias(_: Primary) -> Callable[[Stage], Told]:
    return life(prepared, builds=(lambda builder: builder.key_kms("byodkim-keys"),))


def explored_by_layouts(_: Primary) -> Callable[[Stage], Told]:
    return life(explored, surveyed, builds=(Builder.without_path,))


def tsig(primary: Primary) -> Callable[[Stage], Told]:
    return life(refused, published, builds=(Builder.encrypt, lambda builder: builder.tsig(*primary)))
