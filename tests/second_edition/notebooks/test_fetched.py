"""Records fetched whole from their archive in S3: they verify, and what was changed of their copies shows."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from second_edition.evidence import upload
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.verification_case import Verified
from second_edition.intent.trust import trusted
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.verification.judged import codes, judge

NEXT, BUCKET = "mail-20261124-1", "example-jp-records"
ROTATED, PLAIN = "rotated", "plain"


@dataclass(frozen=True)
class Told:
    """The archive's objects by their keys, the list of each run's copies, and whose word counts."""

    objects: dict[str, bytes]
    lists: dict[str, bytes]
    key: str
    root: Path

    def fetched(self, folder: Path) -> Path:
        """All objects in a folder."""
        for key, body in self.objects.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        return folder

    def judged(self, folder: Path) -> dict[str, Verified]:
        """Return what each run comes to, by its record's name."""
        trust = trusted([self.key], [], self.root, "en")
        return {one.path.name.split(".")[0]: one for one in judge(folder, trust=trust)}


def story(stage: Stage) -> Told:
    aws, facts = AwsStage(stage), stage.sandbox.facts
    s3 = outside.client(facts, "s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": facts.region})
    with Authority(stage.folder / "tsa") as authority:
        how = {"timestamp_url": authority.url, "timestamp_roots": "tsa/root.pem"}
        aws.profile(section="default", archive_s3=f"s3://{BUCKET}/runs", **how)
        at = ("-p", "endpoint_url", facts.endpoint_url, "-p", "selector", NEXT, "-p", "mode", "apply")
        command(stage, "rotate", "--output", f"outputs/{ROTATED}.ipynb", *at)
        aws.apply(name=f"outputs/{PLAIN}.ipynb")
        command(stage, "archive", f"outputs/{PLAIN}.ipynb")
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    objects = {one["Key"]: s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed}
    s3.close()
    lists = {path.name: path.read_bytes() for path in (stage.folder / "outputs").glob(f"*{upload.SUFFIX}")}
    key = next(stage.runner.home.rglob("sealing-key.pub.pem"))
    return Told(objects, lists, str(key), stage.folder / "tsa/root.pem")


def command(stage: Stage, *words: str) -> None:
    done = stage.byodkim(*words, **AWS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    future: Future[Told] = troupe.begin("fetched", story)
    return future.result()


PLAYED = {"endpoint-plain"}  # the sandbox plays AWS
NOTED = {"copies-untold", *PLAYED}


def test_a_record_that_was_fetched_whole_verifies(told: Told, tmp_path: Path) -> None:
    names = {key.rpartition("/")[2] for key in told.objects}
    assert {f"{ROTATED}.ipynb", f"{ROTATED}.html", f"{PLAIN}.ipynb"} <= names
    assert sum(name.endswith(".page.seal.json") for name in names) == 1
    runs = told.judged(told.fetched(tmp_path))
    assert {name: (one.verdict, codes(one)) for name, one in runs.items()} == {
        ROTATED: ("verified", NOTED), PLAIN: ("verified", NOTED),
    }  # fmt: skip
    (text,) = (one.text for one in runs[PLAIN].findings if one.code == "copies-untold")
    assert f"s3://{BUCKET}/runs/" in text


def test_with_the_lists_of_their_copies_nothing_is_left_to_note(told: Told, tmp_path: Path) -> None:
    for journal in told.fetched(tmp_path).rglob(f"*{SUFFIX}"):
        path = upload.path_of(journal)
        path.write_bytes(told.lists[path.name])
    assert [codes(one) for one in told.judged(tmp_path).values()] == [PLAYED, PLAYED]
