"""Keeping the record of a closed run: KMS, timestamp and archive, each for real on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from second_edition.custody import record
from second_edition.custody.client import Custodian
from second_edition.engine.archiving import Keeper
from second_edition.evidence import journal, seal, sealing_key, timestamp, upload
from second_edition.evidence.dsse import PAYLOAD, pae
from second_edition.evidence.seal import Sealed, SealError, read_seal, seal_path
from second_edition.evidence.sealing_key import SealingKey
from second_edition.intent.profile import Keeping
from second_edition.sandbox.client import Sandbox
from tests.second_edition.evidence.authority import Authority, openssl
from tests.second_edition.evidence.journals import RUN, run
from tests.second_edition.golden.__main__ import ARCHIVE as GOLDEN
from tests.second_edition.golden.__main__ import KEY
from tests.second_edition.verification.made import events_of, reseal, vouch, write

ARCHIVE = "example-jp-archive"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
Client = Callable[..., Any]


@pytest.fixture
def client(child: Sandbox) -> Iterator[Client]:
    """Clients of the sandbox, in whose moto KMS and S3 are too; it forgets all that a test left."""
    child.reset("ready")
    made = []

    def of(service: str, region: str = "ap-northeast-1") -> Any:
        session = boto3.Session("sandbox", "sandbox", region_name=region)
        made.append(session.client(service, endpoint_url=child.facts.endpoint_url))
        return made[-1]

    yield of
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "tsa") as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of a closed run."""
    return run(tmp_path, record="a.ipynb").path


@pytest.fixture
def keep(hands: Custodian, path: Path) -> Callable[..., Sealed]:
    def kept(head: str | None = None, **keeping: Any) -> Sealed:
        """Keeps the journal as the run that wrote it does; with ``head=""`` as another run does."""
        own = journal.read(path).head if head is None and path.exists() else head or ""
        return Keeper(Keeping(**keeping), hands, lambda: NOW, "en").keep(path, own)

    return kept


def bucket(client: Client, **how: Any) -> Any:
    """Make the archive's bucket, and return the client of S3."""
    s3 = client("s3")
    s3.create_bucket(Bucket=ARCHIVE, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}, **how)
    return s3


def fault(kept: Sealed) -> str:
    """The code of the one thing that went wrong."""
    (error,) = kept.faults
    assert isinstance(error, SealError)
    return error.code


def holds(path: Path, *trusted: SealingKey) -> bool:
    """Return whether a journal's seal is of it, by a trusted key."""
    seal.check_seal(read_seal(seal_path(path)), journal.read(path), {key.keyid: key for key in trusted})
    return True


def kms_key(client: Client, region: str = "ap-northeast-1", spec: str = "ECC_NIST_P256") -> tuple[str, SealingKey]:
    """A signing key in KMS: its ARN, and the public key as KMS gives it."""
    kms = client("kms", region)
    arn = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return str(arn), SealingKey(kms.get_public_key(KeyId=arn)["PublicKey"])


def test_a_journal_that_is_not_as_it_was_written_is_not_sealed(keep: Callable[..., Sealed], path: Path) -> None:
    assert fault(keep("0" * 64)) == "make.journal"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"n":')
    assert fault(keep()) == "make.journal"
    path.unlink()
    assert fault(keep()) == "make.journal"
    head = write(path, [{"event": "begin", "note": "of another make"}, {"event": "closed"}])
    assert fault(keep(head)) == "make.journal"
    assert not seal_path(path).exists()


@pytest.mark.parametrize("region", ["ap-northeast-1", "eu-central-1"])
def test_a_key_in_kms_seals(
    keep: Callable[..., Sealed], path: Path, client: Client, tmp_path: Path, region: str
) -> None:
    arn, public = kms_key(client, region)
    assert keep(seal_key=arn).faults == ()
    assert holds(path, public)
    envelope = json.loads(seal_path(path).read_bytes())
    payload = base64.b64decode(envelope["payload"])
    (tmp_path / "message").write_bytes(b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload) + payload)
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    (tmp_path / "key").write_bytes(openssl("pkey", "-pubin", "-inform", "DER", data=public.der))
    signed = ("-signature", str(tmp_path / "signature"), str(tmp_path / "message"))
    assert openssl("dgst", "-sha256", "-verify", str(tmp_path / "key"), *signed) == b"Verified OK\n"


@pytest.mark.parametrize("half", [min, max])
def test_a_signature_by_kms_is_stored_in_one_of_its_two_forms(client: Client, half: Callable[[int, int], int]) -> None:
    """KMS gives either; who has a seal can make the other, which is no signature here."""
    arn, public = kms_key(client)
    kms, order = client("kms"), sealing_key.P256_ORDER

    class Either:
        get_public_key = kms.get_public_key

        def sign(self, **request: Any) -> dict[str, Any]:
            assert request["MessageType"] == "RAW"  # what the policy admits (access.resources)
            answer = kms.sign(**request)
            r, s = decode_dss_signature(answer["Signature"])
            return {**answer, "Signature": encode_dss_signature(r, half(s, order - s))}

    made, message = record.sign("{}", Either(), arn), pae(PAYLOAD, b"{}")
    r, s = decode_dss_signature(made.signature)
    assert s <= order // 2
    assert public.verifies(made.signature, message)
    assert not public.verifies(encode_dss_signature(r, order - s), message)


def test_copies_go_to_the_archive_once_and_stay(keep: Callable[..., Sealed], client: Client, path: Path) -> None:
    s3 = bucket(client, ObjectLockEnabledForBucket=True)
    how = {"bucket": ARCHIVE, "prefix": "mail/", "retention_days": 36500}
    kept = keep(**how)
    folder = f"mail/example.jp/{RUN}/"
    names = {path.name, seal_path(path).name}
    keys = {f"mail/heads/example.jp/{RUN}.json", *(folder + name for name in names)}
    assert {item["Key"] for item in s3.list_objects_v2(Bucket=ARCHIVE)["Contents"]} == keys
    for name in names:
        held = s3.get_object(Bucket=ARCHIVE, Key=folder + name, ChecksumMode="ENABLED")
        with held["Body"] as body:
            data = body.read()
        assert data == path.with_name(name).read_bytes()
        assert held["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()
        assert (held["ObjectLockMode"], held["ObjectLockRetainUntilDate"].year) == ("COMPLIANCE", 2126)
    assert {copy["file"]: copy["kept"] for copy in kept.copies} == dict.fromkeys(names, "made")
    assert (kept.faults, keep(**how).copies) == ((), kept.copies)


def test_what_is_in_the_archive_already_is_there(keep: Callable[..., Sealed], client: Client, path: Path) -> None:
    s3 = bucket(client, ObjectLockEnabledForBucket=True)
    # The journal was put there, and the line that says so was cut off.
    key = f"example.jp/{RUN}/{path.name}"
    s3.put_object(Bucket=ARCHIVE, Key=key, Body=path.read_bytes(), ChecksumAlgorithm="SHA256")
    lines = (f'{{"file":"{path.name}","sha256":"{more}}}' for more in ('"', '","place":1', r'","place":"\ud800"'))
    upload.path_of(path).write_text("\n".join([*lines, '{"file":"a.']), "utf-8")
    kept = keep(bucket=ARCHIVE)
    assert (kept.faults, [copy["kept"] for copy in kept.copies]) == ((), ["there", "made"])
    upload.path_of(path).unlink()
    held = keep(bucket=ARCHIVE, retention_days=1).copies  # what was there before has no lock
    assert [(copy["kept"], copy["retain_until"]) for copy in held] == [("there", "")] * 2


def test_another_file_in_the_archive_is_never_overwritten(
    keep: Callable[..., Sealed], client: Client, path: Path
) -> None:
    s3 = bucket(client)
    s3.put_object(Bucket=ARCHIVE, Key=f"example.jp/{RUN}/{path.name}", Body=b"something else")
    assert fault(keep(bucket=ARCHIVE)) == "archive.another"
    with s3.get_object(Bucket=ARCHIVE, Key=f"example.jp/{RUN}/{path.name}")["Body"] as body:
        assert body.read() == b"something else"


@pytest.mark.usefixtures("client")
def test_a_head_that_cannot_be_published_is_told(keep: Callable[..., Sealed], path: Path) -> None:
    kept = keep(bucket=ARCHIVE, heads_file=path / "heads.jsonl")  # there is no such bucket
    codes = [error.code for error in kept.faults if isinstance(error, SealError)]
    assert codes == ["archive.refused", "head.refused", "head.refused"]
    assert f"s3://{ARCHIVE}/heads/example.jp/{RUN}.json" in kept.faults[1].what
    assert "Not a directory" in kept.faults[2].what
    assert "not published later" in kept.faults[2].diagnostics()


def test_a_notebook_is_finished_once_it_has_ended(path: Path) -> None:
    account, own = journal.read(path), path.with_name("a.ipynb")
    for name, end in ((path.name, None), ("a.20261125T000000Z-0002.journal.jsonl", "2026-11-24"), (path.name, "x")):
        ran = {"metadata": {"papermill": {"end_time": end}}, "cells": [{"journal": name}]}
        own.write_text(json.dumps(ran))
        assert (own in upload.files_of(account)) == (end == "x")


@pytest.fixture
def golden(tmp_path: Path, client: Client, hands: Custodian) -> Callable[[str], tuple[Path, Callable[[], Sealed]]]:
    """A run of the golden archive by its notebook, or by its id, and what keeps it as the identity's next run does."""
    bucket(client)
    keys = [
        sealing_key.read_public(KEY),
        sealing_key.public_half(sealing_key.local(sealing_key.default_path(os.environ))),
    ]
    keeper = Keeper(Keeping(bucket=ARCHIVE), hands, lambda: NOW, "en", {one.keyid: one for one in keys})

    def of(name: str) -> tuple[Path, Callable[[], Sealed]]:
        with tarfile.open(GOLDEN) as file:
            file.extractall(tmp_path, filter="data")
        (found,) = tmp_path.glob(f"archive/{name}*{journal.SUFFIX}")
        return found, lambda: keeper.keep(found)

    return of


@pytest.mark.parametrize("forge", ["", "notebook", "page", "page's seal", "request"])
def test_of_what_somebody_altered_no_copy_is_made(golden: Any, forge: str) -> None:
    """A copy in the archive is there for good: what differs from what is signed shall not get there first."""
    path, keep = golden("prepare/3.")
    stem, page = path.name.removesuffix(journal.SUFFIX), path.with_name("3.html")
    page.write_text("PREPARED")
    sealed = vouch(path, page, Ed25519PrivateKey.generate() if forge == "page's seal" else None)
    sheets = [path.with_name(f"{stem}.dns-request.{kind}") for kind in ("csv", "json", "txt", "zone")]
    whole = {path, seal_path(path), path.with_name("3.ipynb"), page, sealed, *sheets}
    # What nobody signed is neither copied nor missed: a sheet of later, and another run's.
    for name in (f"{stem}.dns-removal.csv", f"{stem}x.dns-request.csv", f"{stem}.fleet.csv"):
        path.with_name(name).write_text("x")
    match forge:
        case "notebook":
            text = path.with_name("3.ipynb").read_text("utf-8")
            path.with_name("3.ipynb").write_text(text.replace("PREPARED", "FORGED"), "utf-8")
        case "page":
            page.write_text("FORGED")
        case "request":
            sheets[0].write_text("FORGED")
    offs = {"notebook": {"3.ipynb"}, "request": {sheets[0].name}, "page": {page.name}, "": set()}
    off = offs.get(forge, {page.name, sealed.name})
    kept = keep()
    assert {one["file"] for one in kept.copies} == {one.name for one in whole} - off
    assert {(one.code, one.what.split(" was not copied: ")[0]) for one in kept.faults} == {
        ("archive.altered", name) for name in off
    }
    if not forge:  # what becomes of it afterwards is not copied over what counts, and is no fault of a later run
        path.with_name("3.ipynb").write_text("FORGED")
        assert keep().faults == ()


@pytest.mark.parametrize("forge", [False, True])
def test_a_campaign_s_tables_are_copied_as_its_journal_has_them(golden: Any, forge: bool) -> None:
    path, keep = golden("campaign/20261128T023738Z-a8252138")
    stem = path.name.removesuffix(journal.SUFFIX)
    if forge:
        path.with_name(f"{stem}.back.csv").write_text("FORGED")
    kept, tables = keep(), [f"{stem}.fleet.csv"] if forge else [f"{stem}.back.csv", f"{stem}.fleet.csv"]
    assert [one["file"] for one in kept.copies][2:] == tables
    assert [one.code for one in kept.faults] == ["archive.altered"] * forge


def test_heads_of_runs_that_close_together_are_lines_of_their_own(keep: Callable[..., Sealed], path: Path) -> None:
    file = path.with_name("heads.jsonl")
    file.write_bytes(b'{"run":"cut off by a full di')
    with ThreadPoolExecutor(8) as threads:
        kept = [one.result() for one in [threads.submit(keep, heads_file=file) for _ in range(24)]]
    assert {one.faults for one in kept} == {()}
    first, *lines = file.read_bytes().splitlines()
    assert (first, len(lines), len({*lines})) == (b'{"run":"cut off by a full di', 24, 1)


@pytest.mark.parametrize("forge", ["another's key", "another journal", "a link"])
def test_a_record_that_no_trusted_key_signed_gets_neither_timestamp_nor_copy(
    keep: Callable[..., Sealed], client: Client, path: Path, authority: Authority, forge: str
) -> None:
    """Whoever may write to the folder leaves it there for the identity's next run, or for byodkim archive."""
    s3 = bucket(client)
    keep()
    asked = authority.asked
    if forge == "a link":
        seal_path(path).rename(path.with_name("elsewhere"))
        seal_path(path).symlink_to("elsewhere")
    else:
        write(path, [{**one, "reason": "x"} if one["event"] == "begin" else one for one in events_of(path)])
    if forge == "another's key":
        reseal(path, Ed25519PrivateKey.generate())
    kept = keep("", bucket=ARCHIVE, timestamp_url=authority.url, timestamp_roots=authority.root)
    assert fault(kept) == {"another's key": "unknown-key", "another journal": "other-journal"}.get(forge, "unreadable")
    assert (kept.seal, authority.asked, "Contents" in s3.list_objects_v2(Bucket=ARCHIVE)) == (None, asked, False)


def test_no_link_is_followed_and_no_pipe_waited_for_among_the_files_of_a_record(
    keep: Callable[..., Sealed], client: Client, path: Path
) -> None:
    """What a link leads to, such as somebody's credentials, is none of the record's."""
    bucket(client)
    stem = path.name.removesuffix(journal.SUFFIX)
    path.with_name("secret").write_text("x")
    for end in (seal.PAGE_SUFFIX, ".dns-request.csv"):
        path.with_name(f"{stem}{end}").symlink_to("secret")
    os.mkfifo(timestamp.path_of(seal_path(path)))
    os.mkfifo(path.with_name("a.ipynb"))
    kept = keep(bucket=ARCHIVE)
    assert (kept.faults, {copy["file"] for copy in kept.copies}) == ((), {path.name, seal_path(path).name})
    upload.path_of(path).unlink()
    os.mkfifo(upload.path_of(path))
    assert fault(keep(bucket=ARCHIVE)) == "archive.unlisted"


def test_what_is_kept_later_publishes_no_head(keep: Callable[..., Sealed], client: Client, path: Path) -> None:
    s3 = bucket(client)
    keep()
    assert keep("", bucket=ARCHIVE, heads_file=path.with_name("heads.jsonl")).faults == ()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=ARCHIVE)["Contents"] if "heads/" in one["Key"]] == []
    assert not path.with_name("heads.jsonl").exists()
