"""What a run's record needs is tried before the write: what is lacking refuses the run, and nothing is written."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from second_edition.engine.run import RunRefused
from second_edition.events.run import Planned
from second_edition.evidence import sealing_key, upload
from second_edition.evidence.seal import SealError
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.kept import Kept, kept
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.wire import Handler, Wire

BUCKET, REGION = "example-jp-records", "ap-northeast-1"
TSA = {"timestamp_url": "http://127.0.0.1:1/", "timestamp_roots": "tsa/root.pem"}
Spoil = Callable[[Kept, pytest.MonkeyPatch], dict[str, Any]]  # gives what the profile has besides


@pytest.fixture
def world(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield kept(stage, tmp_path, monkeypatch)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def bucket(world: Kept, **how: Any) -> None:
    with closing(outside.client(world.facts, "s3")) as s3:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}, **how)


def home_is_a_file(world: Kept, patched: pytest.MonkeyPatch) -> dict[str, Any]:
    (world.folder / "home").write_text("in the way")
    patched.setenv("HOME", str(world.folder / "home"))
    patched.delenv("XDG_STATE_HOME")
    return {}


def half_of_another(world: Kept, _: pytest.MonkeyPatch) -> dict[str, Any]:
    path, other = sealing_key.default_path(os.environ), world.folder / "other.pem"
    for one in (path, other):
        sealing_key.local(one)
    sealing_key.public_path(other).replace(sealing_key.public_path(path))
    return {}


def disk_full(_: Kept, __: pytest.MonkeyPatch) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return {}


def wrong_kms_key(world: Kept, _: pytest.MonkeyPatch) -> dict[str, Any]:
    with closing(outside.client(world.facts, "kms")) as kms:
        arn = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return {"seal_key": arn}


def no_bucket(_: Kept, __: pytest.MonkeyPatch) -> dict[str, Any]:
    return {"archive_s3": f"s3://{BUCKET}/dkim"}


def no_mount(world: Kept, _: pytest.MonkeyPatch) -> dict[str, Any]:
    return {"heads_file": str(world.folder / "not-mounted/heads.jsonl")}


def authority_down(_: Kept, __: pytest.MonkeyPatch) -> dict[str, Any]:
    return TSA


# What is lacking, the check that refuses, and words of what it says.
LACKING: dict[str, tuple[Spoil, str, str]] = {
    "HOME is a file": (home_is_a_file, "RECORD-SEALED", "cannot be read or made"),
    "another key's public half": (half_of_another, "RECORD-SEALED", "is not the public half of the sealing key"),
    "no room on the disk": (disk_full, "RECORD-SEALED", "does not take a file of 512 KB (File too large)"),
    "a KMS key of another kind": (wrong_kms_key, "RECORD-SEALED", "did not sign"),
    "no bucket": (no_bucket, "RECORD-COPIED", "CreateMultipartUpload NoSuchBucket"),
    "no disk for heads": (no_mount, "RECORD-COPIED", "head could not be published"),
    "no timestamp authority": (authority_down, "RECORD-COPIED", "gave no answer"),
}


QUICK = {"name": ("HOME is a file", "no bucket")}


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize("name", LACKING)
def test_what_is_lacking_refuses_the_run_before_the_write(
    world: Kept, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    spoil, check, words = LACKING[name]
    world.profile(**spoil(world, monkeypatch))
    run = world.stage.begin(target="aws", mode="apply")
    with pytest.raises(RunRefused, match=f"{check} failed.*SES was not touched") as caught:
        world.stage.play(run)
    assert words in str(caught.value)
    assert {one.id: one.verdict for one in run.record.findings if one.stops} == {check: Verdict.FAIL}
    assert (run.record.outcome, run.record.switch, world.stage.puts()) == (Outcome.REFUSED, None, 0)
    assert [path.name for path in run.folder.iterdir() if path.name.startswith(f".{run.id}")] == []


def test_where_nothing_is_lacking_it_is_tried_once_and_leaves_nothing(world: Kept, authority: Authority) -> None:
    bucket(world, ObjectLockEnabledForBucket=True)
    with closing(outside.client(world.facts, "kms")) as kms:
        arn = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    archive = {"archive_s3": f"s3://{BUCKET}/dkim", "archive_retention_days": 1}
    world.profile(seal_key=arn, **TSA | {"timestamp_url": authority.url}, **archive)
    plan = world.run()
    trying = {"CreateMultipartUpload", "AbortMultipartUpload"}
    assert not trying & {call.operation for call in plan.record.calls}
    assert authority.asked == 1
    run = world.stage.begin(target="aws", mode="apply")
    world.stage.play(run)
    assert run.record.outcome is Outcome.SWITCHED
    found = {one.id: one.verdict for one in run.record.findings}
    assert {found["RECORD-SEALED"], found["RECORD-COPIED"]} == {Verdict.PASS}
    calls = [call.operation for call in run.record.calls]
    assert [calls.count(name) for name in ("CreateMultipartUpload", "AbortMultipartUpload", "Sign")] == [1, 1, 2]
    assert run.archive is not None
    assert [counts for _, counts in run.archive.result().looks[world.facts.next_selector]] == [True]
    assert authority.asked == 1 + 2
    assert (run.sealed is not None, run.sealed and run.sealed.faults) == (True, ())
    with closing(outside.client(world.facts, "s3")) as s3:
        assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
        found_there = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"dkim/example.jp/{run.id}/")["Contents"]
    assert {one["Key"].rpartition(f"{run.id}.")[2] for one in found_there} == {"journal.jsonl", "seal.json", "seal.tsr"}


def test_a_copy_that_s3_does_not_say_it_has_is_none(world: Kept) -> None:
    """A proxy in front of S3 answers in its place, with its own page for signing in."""
    name = f"{world.facts.key_bucket}-records"

    def portal(handler: Handler) -> bool:
        handler.answer(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")
        return True

    with Wire(world.facts.endpoint_url, {"PutObject": (portal, 0)}) as wire:
        world.profile(archive_s3=f"s3://{name}/dkim")
        run = world.stage.begin(target="aws", endpoint_url=wire.url)
        with pytest.raises(SealError, match="its timestamp, a copy of it"):
            world.stage.play(run)
    assert upload.copies(run.journal.path) == []
    assert run.sealed is not None
    assert {f"s3://{name}/dkim" in fault.what for fault in run.sealed.faults} == {True}


def test_a_copy_that_cannot_be_had_may_be_waived_and_a_seal_may_not(world: Kept) -> None:
    world.profile(archive_s3=f"s3://{BUCKET}/dkim")
    run = world.stage.begin(target="aws", mode="apply", waive="RECORD-COPIED: the archive's account is closed")
    with pytest.raises(SealError, match="its timestamp, a copy of it"):
        world.stage.play(run)
    assert (run.record.outcome, world.stage.puts()) == (Outcome.SWITCHED, 1)
    plans = {event.plan.digest for event in run.record.all_of(Planned)}
    assert plans == {run.record.plan.digest if run.record.plan else ""}
    assert not [name for name in (run.record.plan.relies_on if run.record.plan else {}) if "RECORD" in name]
    with pytest.raises(Exception, match="RECORD-SEALED can't be waived"):
        world.stage.begin(target="aws", mode="apply", waive="RECORD-SEALED: in a hurry")


def test_where_nothing_is_to_be_written_nothing_is_tried(world: Kept) -> None:
    world.profile(archive_s3=f"s3://{BUCKET}/dkim")
    run = world.stage.begin(target="aws", mode="apply", selector=world.facts.current_selector)
    with pytest.raises(SealError, match="its timestamp, a copy of it"):  # the copy that is made when it closes
        world.stage.play(run)
    assert run.record.outcome is Outcome.UNCHANGED
    assert {one.verdict for one in run.record.findings if one.id.startswith("RECORD-")} == {Verdict.SKIPPED}
    assert os.environ["XDG_STATE_HOME"] == str(world.folder / "state")
