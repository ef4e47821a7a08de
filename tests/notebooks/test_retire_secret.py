"""retire.ipynb by the real papermill, where the secret is to forget a selector: last, once, and nothing else."""

from __future__ import annotations

import pytest

from tests.evidence.raw import contradictions
from tests.notebooks import outside
from tests.notebooks.fragments import Fragments
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.test_retire import ACTIVE, APPLY, LEFT, Told, retire, writes
from tests.sandbox.generator import labels, remember, secret

pytestmark = pytest.mark.prove  # tests/kills/test_retire_kills.py strikes at each of these writes

REMOVE = '[default]\nretire_key = "delete"\nretire_secret = "remove"\n'
OF_SECRET = ["PutSecretValue", *["UpdateSecretVersionStage"] * 3]


def forgotten(stage: Stage) -> Told:
    """A plan, an apply run, and again; what is kept of another key in the secret is seen by nobody."""
    pem = outside.pem(stage.sandbox.facts, ACTIVE).decode()
    (stage.folder / "byodkim.toml").write_text(REMOVE)
    now = remember(stage.sandbox, private_key=pem, note="as it is")
    before = labels(stage.sandbox)
    runs = {"plan": retire(stage), "apply": retire(stage, *APPLY), "again": retire(stage, *APPLY)}
    after = {"labels": labels(stage.sandbox), "text": secret(stage.sandbox)}
    back = stage.run(selector=LEFT)
    seen = [path.read_bytes() for name in stage.runner.listed() if (path := stage.folder / name).is_file()]
    leaks = [data[:80] for data in seen if Fragments(pem.encode()).found_in(data)]
    verified = stage.byodkim("verify", "outputs")
    other = {"before": before, "after": after, "now": now, "leaks": leaks, "verified": verified.stdout}
    return Told({**runs, "back": back}, {"all": writes(stage)}, other)


@pytest.fixture(scope="module")
def story(troupe: Troupe) -> Told:
    return troupe.begin("forgotten", forgotten, "overlap").result()


def secret_writes(ran: Ran) -> list[tuple[str, str]]:
    return [
        (one["operation"], one["version"])
        for one in ran.event("planned")["plan"]["writes"]
        if one["operation"].startswith(("PutSecret", "Update"))
    ]


def test_a_plan_names_each_write_and_that_there_is_no_way_back(story: Told) -> None:
    plan, base = story.runs["plan"], story.other["before"]["AWSCURRENT"]
    assert (plan.outcome, plan.returncode) == ("PLANNED", 0)
    (clear, made), *labels = secret_writes(plan)
    assert [clear, *(name for name, _ in labels)] == [
        "PutSecretValue", "UpdateSecretVersionStage AWSCURRENT", "UpdateSecretVersionStage AWSPENDING",
        "UpdateSecretVersionStage AWSPREVIOUS",
    ]  # fmt: skip
    assert [version for _, version in labels] == [made, made, base]
    assert f"After this the secret no longer names {LEFT}" in plan.shown("steps.plan")


def test_the_entry_goes_last_and_nothing_else_of_the_secret(story: Told) -> None:
    ran, again = story.runs["apply"], story.runs["again"]
    assert (ran.outcome, ran.returncode, ran.failed()) == ("RETIRED", 0, set())
    assert story.wrote["all"][1:] == ["ChangeResourceRecordSets", "DeleteObject", *OF_SECRET]
    assert (again.outcome, again.returncode) == ("UNCHANGED", 0)
    (_, made), *_ = secret_writes(story.runs["plan"])
    assert story.other["after"] == {"labels": {"AWSCURRENT": made}, "text": story.other["now"]}
    assert ran.verdicts["SECRET-CLEARED"] == "PASS"
    assert "there is no rollback to this selector: its private key is gone" in ran.headline
    assert "SES was not touched" in ran.headline
    erasing = [event["n"] for event in ran.events if event["event"] == "erasing"]
    gone = [event["n"] for event in ran.events if event["event"] == "gone"]
    assert all(n < then for n, then in zip(erasing, gone, strict=True))


def test_rotate_does_not_go_back_to_it(story: Told) -> None:
    back = story.runs["back"]
    assert (back.outcome, back.returncode) == ("REFUSED", 1)
    assert "SECRET-SELECTOR" in back.failed()


def test_its_records_verify_and_tell_no_private_key(story: Told) -> None:
    other = story.other
    assert other["verified"].count("VERIFIED") == 4, other["verified"]
    assert other["leaks"] == []
    first = next(event for event in story.runs["apply"].events if len(event.get("calls", ())) > 2)
    for order in (first["calls"], first["calls"][::-1]):  # side by side, either version may come first
        first["calls"] = order
        assert contradictions(story.runs["apply"].events) == []
