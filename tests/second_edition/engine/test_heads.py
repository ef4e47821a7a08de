"""Heads of runs at a witness: what was removed, altered, published late or not at all shows when runs are verified."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from second_edition.engine.run import Run
from second_edition.events.run import Kept as Made
from second_edition.evidence import seal
from second_edition.evidence.journal import SUFFIX, canonical
from second_edition.evidence.seal import SealError, seal_path
from second_edition.launch.command_line import main
from tests.second_edition.engine.kept import Kept, kept
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks import outside
from tests.second_edition.verification.made import events_of, reseal, write

BUCKET, REGION = "example-jp-records", "ap-northeast-1"
ARCHIVE = f"s3://{BUCKET}/dkim"
FILE = "elsewhere/heads.jsonl"
Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def world(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = kept(stage, tmp_path, monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.facts.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    return made


@pytest.fixture
def s3(world: Kept) -> Iterator[Any]:
    client = outside.client(world.facts, "s3")
    where = {"LocationConstraint": REGION}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    yield client
    client.close()


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """The command: its exit code, and what it says."""

    def said(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["verify", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return said


def line_of(text: str, run: str) -> str:
    (found,) = (line for line in text.splitlines() if run in line and "--head" not in line)
    return found


def remove(run: Run) -> None:
    """Every file of a run, as whoever may write to the folder can."""
    seal_path(run.journal.path).rename(run.folder / "gone")
    for path in (*run.folder.glob(f"*{run.id}*"), run.folder / "gone"):
        path.unlink()


QUICK = {"where": ("bucket",)}


@pytest.mark.parametrize("where", ["file", "bucket"])
def test_the_newest_run_removed_whole_shows(world: Kept, s3: Any, verify: Verify, where: str) -> None:
    """Journal, seal and list of copies; and who may write to the bucket cannot take the head away there."""
    world.profile(archive_s3=ARCHIVE, archive_retention_days=9, heads_file=FILE)
    first, newest = world.run(), world.run()
    words = ("runs", "--heads", FILE if where == "file" else ARCHIVE)
    assert verify(*words)[0] == 0
    remove(newest)
    world.profile()
    assert verify("runs")[0] == 0  # nothing in what is left tells of it
    head = {"Bucket": BUCKET, "Key": f"dkim/heads/example.jp/{newest.id}.json"}
    (version,) = s3.list_object_versions(Bucket=BUCKET, Prefix=head["Key"])["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**head, VersionId=version["VersionId"])
    s3.delete_object(**head)  # hides it from who lists the objects alone
    code, said = verify(*words)
    closed = re.escape(newest.journal.as_json[-1]["at"])
    assert (code, line_of(said, first.id).split()[0]) == (1, "VERIFIED")
    assert re.search(f"^OFF +{newest.id}  example.jp  is missing: .*{closed}$", said, re.MULTILINE)
    assert "2 runs: 1 verified, 1 off" in said


def test_a_copy_that_was_not_made_is_made_up_for(world: Kept, s3: Any) -> None:
    bucket = "example-jp-copies"
    world.profile(archive_s3=f"s3://{bucket}/dkim")
    with pytest.raises(SealError, match="its timestamp, a copy of it or its published head is missing"):
        world.run()
    lacking = world.stage.runs[-1]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    (made_up,) = world.run().record.all_of(Made)
    assert (made_up.of, made_up.faults) == (lacking.journal.path.name.removesuffix(SUFFIX), ())
    listed = {f"s3://{bucket}/{one['Key']}" for one in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert made_up.copies
    assert {*made_up.copies} <= listed


def test_what_a_stopped_run_left_is_copied_by_the_run_that_names_it(
    world: Kept, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no signature, and closes no more: the journal is what tells of its writes."""
    world.profile(archive_s3=ARCHIVE)

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(seal, "create", full)
        with pytest.raises(SealError):
            world.run()
    left = world.stage.runs[-1]
    (made_up,) = world.run().record.all_of(Made)
    assert (made_up.of, made_up.sealed, made_up.faults) == (left.journal.path.name.removesuffix(SUFFIX), False, ())
    with s3.get_object(Bucket=BUCKET, Key=f"dkim/example.jp/{left.id}/{left.journal.path.name}")["Body"] as body:
        assert body.read() == left.journal.path.read_bytes()
    assert world.run().record.all_of(Made) == ()


def test_a_forged_head_on_top_of_one_in_the_bucket_hides_nothing(world: Kept, s3: Any, verify: Verify) -> None:
    world.profile(archive_s3=ARCHIVE, archive_retention_days=9)
    run = world.run()
    head = {"Bucket": BUCKET, "Key": f"dkim/heads/example.jp/{run.id}.json"}
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**head, Body=b"{}", IfNoneMatch="*")
    with s3.get_object(**head)["Body"] as body:
        forged = body.read().replace(run.journal.head.encode(), b"0" * 64)
    s3.put_object(**head, Body=forged)
    code, said = verify("runs", "--heads", ARCHIVE)
    assert (code, line_of(said, run.id).split()[0]) == (1, "OFF")
    assert "(heads: 2; locked: 1, the first until " in said
    told = json.loads(verify("runs", "--heads", f"{ARCHIVE}/heads/example.jp", "--json")[1])["witnesses"]
    assert {one["head"]: bool(one["held_until"]) for one in told} == {run.journal.head: True, "0" * 64: False}
    assert all(datetime.fromisoformat(one["stored"]).tzinfo for one in told)


def test_a_run_that_no_witness_names_is_noted_and_a_policy_may_forbid_it(
    world: Kept, verify: Verify, tmp_path: Path
) -> None:
    before = world.run()
    world.profile(heads_file=FILE)
    named = world.run()
    world.profile()
    unnamed = world.run()
    (tmp_path / "policy.toml").write_text('witness = "required"\n')
    code, said = verify("runs", "--heads", FILE)
    assert code == 0
    assert [one.id for one in (before, named, unnamed) if "no witness has its head" in line_of(said, one.id)] == [
        unnamed.id
    ]
    required = ("runs", "--policy", "policy.toml")
    code, said = verify(*required, "--heads", FILE)
    words = {one.id: line_of(said, one.id).split()[0] for one in (before, named, unnamed)}
    assert (code, words) == (1, {before.id: "VERIFIED", named.id: "VERIFIED", unnamed.id: "OFF"})
    assert "policy: no witness has had its head since it closed" in said
    assert verify(*required)[1].count("policy: no witness") == 3  # without a witness there is none that names a run


def test_a_head_that_was_published_late_shows(world: Kept, s3: Any, verify: Verify, tmp_path: Path) -> None:
    """By the clock of S3 and the run's own end, whatever the head says: who has the key makes another past."""
    world.profile(heads_file=FILE)
    run = world.run()
    told, events = json.loads((world.folder / FILE).read_bytes()), events_of(run.journal.path)
    for event in events:
        event["at"] = (datetime.fromisoformat(event["at"]) - timedelta(hours=1)).isoformat(timespec="milliseconds")
    told["head"] = write(run.journal.path, events)
    reseal(run.journal.path)
    s3.put_object(Bucket=BUCKET, Key=f"dkim/heads/example.jp/{run.id}.json", Body=canonical(told))
    world.profile()
    (tmp_path / "policy.toml").write_text('witness = "required"\n')
    line = line_of(verify("runs", "--heads", ARCHIVE)[1], run.id)
    assert f"its head was published late: at 20{datetime.now(UTC):%y-%m-%d}" in line
    assert f", and it closed at {datetime.fromisoformat(events[-1]['at'])} (s3://{BUCKET}/dkim/heads/" in line
    code, said = verify("runs", "--heads", ARCHIVE, "--policy", "policy.toml")
    assert (code, "policy: no witness has had its head since it closed" in said) == (1, True)


def test_a_witness_that_cannot_be_asked(world: Kept, verify: Verify) -> None:
    world.run()
    world.profile(heads_file="not-mounted/heads.jsonl")
    code, said = verify("runs")
    assert (code, "UNKNOWN   The heads in " in said, "VERIFIED" in said) == (3, True, True)
    (world.folder / FILE).touch()
    code, said = verify("runs", "--heads", FILE)
    assert (code, f"UNKNOWN   {FILE} holds no head" in said) == (3, True)
    code, said = verify("runs", "--heads", ARCHIVE)
    assert (code, "NoSuchBucket" in said, "VERIFIED" in said) == (3, True, True), said
    for where, why in (("absent.jsonl", "No such file"), ("s3://", "s3://BUCKET/PREFIX")):
        code, said = verify("runs", "--heads", where)
        assert (code, "Nothing was verified" in said, why in said) == (2, True, True), said


def test_one_run_alone_lacks_none_of_the_others(world: Kept, verify: Verify) -> None:
    world.profile(heads_file=FILE)
    world.run()
    second = world.run()
    code, said = verify(str(second.journal.path))
    assert (code, "is missing" in said) == (0, False)
