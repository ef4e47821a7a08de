"""retire.ipynb by the real papermill, where the secret is to forget a selector: last, once, and nothing else."""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any

import pytest

from tests.notebooks import outside
from tests.notebooks.fragments import Fragments
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.test_retire import ACTIVE, APPLY, LEFT, Told, retire, writes
from tests.notebooks.wire import Fault, Wire, applied_then, refuse, reset

pytestmark = pytest.mark.prove

REMOVE = '[default]\nretire_key = "delete"\nretire_secret = "remove"\n'
OF_SECRET = ["PutSecretValue", *["UpdateSecretVersionStage"] * 3]


class Secret:
    """The sandbox's secret, as boto3 shows it."""

    def __init__(self, stage: Stage) -> None:
        self.facts = stage.sandbox.facts

    def ask(self, operation: str, **given: str) -> Any:
        client = outside.client(self.facts, "secretsmanager")
        answer = getattr(client, operation)(SecretId=self.facts.secret_id, **given)
        client.close()
        return answer

    def labels(self) -> dict[str, str]:
        found = self.ask("describe_secret")["VersionIdsToStages"]
        return {label: version for version, labels in found.items() for label in labels}

    def text(self, label: str = "AWSCURRENT") -> Any:
        return json.loads(self.ask("get_secret_value", VersionStage=label)["SecretString"])

    def put(self, data: Any) -> None:
        self.ask("put_secret_value", SecretString=json.dumps(data))


def remembering(stage: Stage, **beside: Any) -> tuple[Secret, Any]:
    """The secret as prepare leaves it: the selector in use at the top, the one that was left under ``previous``."""
    (stage.folder / "byodkim.toml").write_text(REMOVE)
    secret = Secret(stage)
    now = {**secret.text(), **beside}
    secret.put({**now, "previous": [secret.text("AWSPREVIOUS")]})
    return secret, now


def found_now(secret: Secret) -> dict[str, Any]:
    return {"labels": secret.labels(), "text": secret.text()}


def forgotten(stage: Stage) -> Told:
    """A plan, an apply run, and again; what is kept of another key in the secret is seen by nobody."""
    pem = outside.pem(stage.sandbox.facts, ACTIVE).decode()
    secret, now = remembering(stage, private_key=pem, note="as it is")
    before = secret.labels()
    runs = {"plan": retire(stage), "apply": retire(stage, *APPLY), "again": retire(stage, *APPLY)}
    after = found_now(secret)
    back = stage.run(selector=LEFT)
    seen = [path.read_bytes() for name in stage.runner.listed() if (path := stage.folder / name).is_file()]
    leaks = [data[:80] for data in seen if Fragments(pem.encode()).found_in(data)]
    verified = stage.byodkim("verify", "outputs")
    other = {"before": before, "after": after, "now": now, "leaks": leaks, "verified": verified.stdout}
    return Told({**runs, "back": back}, {"all": writes(stage)}, other)


def unlabelled(stage: Stage) -> Told:
    """As a generator leaves it: only the version before names the selector. In Japanese."""
    (stage.folder / "byodkim.toml").write_text(REMOVE.replace('"delete"', '"keep"'))
    secret = Secret(stage)
    before, ja = secret.labels(), ("-p", "language", "ja")
    runs = {"plan": retire(stage, *ja), "apply": retire(stage, *APPLY, *ja)}
    return Told(runs, {"all": writes(stage)}, {"before": before, "after": found_now(secret)})


def over(faults: dict[str, tuple[Fault, int]]) -> Any:
    """A story: a run over a faulty wire, and another one over a sound one."""

    def story(stage: Stage) -> Told:
        secret, _ = remembering(stage)
        with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
            first = retire(stage, *APPLY, endpoint_url=wire.url)
            assert set(faults) <= set(wire.seen)
        again = retire(stage, *APPLY)
        verified = stage.byodkim("verify", "outputs").stdout
        other = {"after": found_now(secret), "verified": verified}
        return Told({"first": first, "again": again}, {"all": writes(stage)}, other)

    return story


FAULTS = {
    "version refused": (over({"PutSecretValue": (refuse(400, "LimitExceededException"), 0)}), "FAILED", 1),
    "version's answer lost": (over({"PutSecretValue": (applied_then(reset), 0)}), "RETIRED", 1),
    "version never got there": (over({"PutSecretValue": (reset, 0)}), "FAILED", 1),
    "label refused": (over({"UpdateSecretVersionStage": (refuse(400, "InvalidRequestException"), 0)}), "FAILED", 1),
    "label's answer lost": (over({"UpdateSecretVersionStage": (applied_then(reset), 2)}), "RETIRED", 1),
    "last label never got there": (over({"UpdateSecretVersionStage": (reset, 2)}), "FAILED", 1),
}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[str, Future[Told]]:
    stories = {"forgotten": forgotten, "unlabelled": unlabelled, **{name: one for name, (one, _, _) in FAULTS.items()}}
    return {name: troupe.begin(name.replace(" ", "-"), story, "overlap") for name, story in stories.items()}


def secret_writes(ran: Ran) -> list[tuple[str, str]]:
    return [
        (one["operation"], one["version"])
        for one in ran.event("planned")["plan"]["writes"]
        if one["operation"].startswith(("PutSecret", "Update"))
    ]


def test_a_plan_names_each_write_and_that_there_is_no_way_back(told: dict[str, Future[Told]]) -> None:
    story = told["forgotten"].result()
    plan, base = story.runs["plan"], story.other["before"]["AWSCURRENT"]
    assert (plan.outcome, plan.returncode) == ("PLANNED", 0)
    (clear, made), *labels = secret_writes(plan)
    assert [clear, *(name for name, _ in labels)] == [
        "PutSecretValue", "UpdateSecretVersionStage AWSCURRENT", "UpdateSecretVersionStage AWSPENDING",
        "UpdateSecretVersionStage AWSPREVIOUS",
    ]  # fmt: skip
    assert [version for _, version in labels] == [made, made, base]
    assert f"After this there is no rollback to {LEFT}" in plan.shown("steps.plan")
    assert "is removed, and with it the rollback" in plan.shown("steps.observe")


def test_the_entry_goes_last_and_nothing_else_of_the_secret(told: dict[str, Future[Told]]) -> None:
    story = told["forgotten"].result()
    ran, again = story.runs["apply"], story.runs["again"]
    assert (ran.outcome, ran.returncode, ran.failed()) == ("RETIRED", 0, set())
    assert story.wrote["all"][1:] == ["ChangeResourceRecordSets", "DeleteObject", *OF_SECRET]
    assert (again.outcome, again.returncode) == ("UNCHANGED", 0)
    (_, made), *_ = secret_writes(story.runs["plan"])
    assert story.other["after"] == {"labels": {"AWSCURRENT": made}, "text": story.other["now"]}
    assert ran.verdicts["SECRET-CLEARED"] == "PASS"
    assert "there is no rollback to this selector: the secret no longer names it" in ran.headline
    assert "SES was not touched" in ran.headline
    erasing = [event["n"] for event in ran.events if event["event"] == "erasing"]
    gone = [event["n"] for event in ran.events if event["event"] == "gone"]
    assert all(n < then for n, then in zip(erasing, gone, strict=True))


def test_rotate_does_not_go_back_to_it(told: dict[str, Future[Told]]) -> None:
    back = told["forgotten"].result().runs["back"]
    assert (back.outcome, back.returncode) == ("REFUSED", 1)
    assert "SECRET-SELECTOR" in back.failed()


def test_its_records_verify_and_tell_no_private_key(told: dict[str, Future[Told]]) -> None:
    other = told["forgotten"].result().other
    assert other["verified"].count("VERIFIED") == 4
    assert other["leaks"] == []


@pytest.mark.prove
def test_where_only_the_version_before_names_it_its_label_goes(told: dict[str, Future[Told]]) -> None:
    story = told["unlabelled"].result()
    before, after = story.other["before"], story.other["after"]["labels"]
    assert (story.runs["apply"].outcome, story.runs["apply"].returncode) == ("廃止完了（RETIRED）", 0)
    assert secret_writes(story.runs["plan"]) == [("UpdateSecretVersionStage AWSPREVIOUS", before["AWSPREVIOUS"])]
    assert story.wrote["all"] == ["ChangeResourceRecordSets", "UpdateSecretVersionStage"]
    assert after == {"AWSCURRENT": before["AWSCURRENT"]}


@pytest.mark.parametrize("name", FAULTS)
def test_each_write_is_made_once_and_the_next_run_completes_it(told: dict[str, Future[Told]], name: str) -> None:
    story, (_, first, code) = told[name].result(), FAULTS[name]
    ran, again = story.runs["first"], story.runs["again"]
    assert (ran.outcome, ran.returncode) == (first, code if first == "FAILED" else 0), ran.stderr
    assert (again.outcome, again.returncode) == ("UNCHANGED" if first == "RETIRED" else "RETIRED", 0), again.stderr
    wrote = story.wrote["all"][1:]
    assert [wrote.count(one) for one in ("ChangeResourceRecordSets", "DeleteObject", "PutSecretValue")] == [1, 1, 1]
    assert wrote.count("UpdateSecretVersionStage") == 3
    assert list(story.other["after"]["labels"]) == ["AWSCURRENT"]
    assert "previous" not in story.other["after"]["text"]
    assert story.other["verified"].count("VERIFIED") == 2
