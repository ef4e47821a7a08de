"""A life of two selectors in a world that this project did not write: LocalStack, moto's SES v2, nsd and Knot DNS.

One story: prepare and publish a pair, rotate to it, go back, and retire what is left, with an archive under Object Lock
and a lock in S3. The AWS CLI, dig and OpenSSL see what came of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.second_edition.dns.daemons import nsd
from tests.second_edition.dns.updated import zone_of
from tests.second_edition.notebooks.outside import AWS_CLI
from tests.second_edition.notebooks.prepared import public
from tests.second_edition.notebooks.runs import ROOT, Ran, Runner
from tests.second_edition.second_world.localstack import localstack
from tests.second_edition.second_world.moto_ses import MotoSes, served

pytestmark = pytest.mark.prove

DOMAIN, ACCOUNT, REGION = "example.jp", "123456789012", "ap-northeast-1"
SECRET, BUCKET, RECORDS = "byodkim/example.jp", "example-jp-dkim-keys", "example-jp-records"
CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
APPLY = ("-p", "mode", "apply")


@dataclass
class World:
    """The estate: clients of LocalStack, SES's application, and the project folder of whoever runs the notebooks."""

    runner: Runner
    aws: str
    ses: MotoSes
    ses_url: str
    zone: str = ""
    seal: str = ""

    def client(self, service: str) -> Any:
        """A client of LocalStack."""
        session = boto3.Session(ACCOUNT, "secret", region_name=REGION)
        return session.client(service, endpoint_url=self.ses_url if service == "sesv2" else self.aws)

    @property
    def env(self) -> dict[str, str]:
        """Return what tells boto3, AWS CLI and byodkim where AWS is."""
        return {
            "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.aws, "AWS_ENDPOINT_URL_SESV2": self.ses_url,
            "XDG_STATE_HOME": str(self.runner.folder / "state"),
        }  # fmt: skip

    def cli(self, *words: str) -> dict[str, Any]:
        """Return what the AWS CLI prints."""
        done = subprocess.run(
            [AWS_CLI, *words, "--output", "json"], env=self.runner.environment(**self.env), capture_output=True,
            text=True, timeout=600,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``byodkim`` with these words."""
        return subprocess.run(
            [Path(AWS_CLI).with_name("byodkim-second-edition"), *words], cwd=self.runner.folder,
            env=self.runner.environment(**self.env), capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    def run(self, notebook: str, name: str, *words: str) -> Ran:
        """A notebook, by plain papermill."""
        return self.runner.papermill(
            *words, notebook=f"notebooks/{notebook}.ipynb", name=f"outputs/{name}.ipynb", env=self.env
        )

    def published(self) -> dict[str, str]:
        """The key records of the hosted zone, by selector, as LocalStack lists them."""
        listed = self.client("route53").list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        texts = {one["Name"].partition(".")[0]: one["ResourceRecords"] for one in listed if one["Type"] == "TXT"}
        return {name: "".join(records[0]["Value"].split('"')[1::2]) for name, records in texts.items()}

    def signing(self) -> dict[str, Any]:
        """Return what SES says of DKIM, by the AWS CLI."""
        said: dict[str, Any] = self.cli("sesv2", "get-email-identity", "--email-identity", DOMAIN)["DkimAttributes"]
        return said


@dataclass
class Told:
    """The story: its runs, its commands, and what AWS shows."""

    runs: dict[str, Ran] = field(default_factory=dict)
    said: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    signing: dict[str, dict[str, Any]] = field(default_factory=dict)
    retention: dict[str, Any] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    stored: tuple[str, str] = ("", "")
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    pem: bytes = field(default=b"", repr=False)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("second")
    with ExitStack() as stack:
        aws = stack.enter_context(localstack(tmp_path_factory.mktemp("localstack")))
        ses, ses_url = stack.enter_context(served())
        shutil.copytree(ROOT / "lib/second_edition/notebooks", folder / "notebooks")
        (folder / "outputs").mkdir()
        world = World(Runner(folder, tmp_path_factory.mktemp("home")), aws, ses, ses_url)
        build(world, stack)
        yield story(world, stack)


def build(world: World, stack: ExitStack) -> None:
    """An identity that signs with a pair of its own, its secret, its key object, and the zone."""
    s3, where = world.client("s3"), {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.create_bucket(Bucket=RECORDS, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    pair = rsa.generate_private_key(65537, 2048)
    pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    der = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    value = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    path = f"dkim-keys/{DOMAIN}/{CURRENT}/private_key.pem"
    s3.put_object(Bucket=BUCKET, Key=path, Body=pem)
    entry = {"selector": CURRENT, "dns_record": {"value": value}, "s3_key_path": path}
    world.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps(entry))
    route53 = world.client("route53")
    world.zone = route53.create_hosted_zone(Name=DOMAIN, CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    strings = " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
    record = {
        "Name": f"{CURRENT}._domainkey.{DOMAIN}",
        "Type": "TXT",
        "TTL": 300,
        "ResourceRecords": [{"Value": strings}],
    }
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=world.zone, ChangeBatch={"Changes": changes})
    serve(world, stack, "before")
    sesv2 = world.client("sesv2")
    sesv2.create_email_identity(EmailIdentity=DOMAIN)
    private = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    world.ses.sign(DOMAIN, CURRENT, base64.b64encode(private).decode())
    kms = world.client("kms")
    world.seal = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]


def serve(world: World, stack: ExitStack, name: str) -> None:
    """Have nsd serve what the hosted zone holds now: LocalStack keeps a zone and answers no query for it."""
    folder = world.runner.folder / "dns" / name
    world.ses.port = stack.enter_context(nsd(folder, {DOMAIN: zone_of(world.published())}))


def profile(world: World) -> None:
    """The profile for the name server of now."""
    values = {
        "account": ACCOUNT, "region": REGION, "domain": DOMAIN, "secret_id": SECRET, "key_bucket": BUCKET,
        "nameservers": f"127.0.0.1:{world.ses.port}", "publisher": "route53", "hosted_zone_id": world.zone,
        "ses_requests_per_second": 100.0, "wait_minutes": 1, "lock": "s3", "seal_key": world.seal,
        "archive_s3": f"s3://{RECORDS}/dkim", "archive_retention_days": 9, "sealing_keys": ["seal.pem"],
    }  # fmt: skip
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    (world.runner.folder / "byodkim.toml").write_text("\n".join(["[default]", *lines, ""]), "utf-8")


def story(world: World, stack: ExitStack) -> Told:
    """Prepare a pair, publish it, switch to it, go back."""
    told = Told()
    key = world.client("kms").get_public_key(KeyId=world.seal)["PublicKey"]
    (world.runner.folder / "seal.der").write_bytes(key)
    pem = ["openssl", "pkey", "-pubin", "-inform", "DER", "-in", "seal.der", "-out", "seal.pem"]
    subprocess.run(pem, cwd=world.runner.folder, check=True)
    profile(world)
    told.runs["prepare"] = world.run("prepare", "prepare", "-r", "selector", NEXT, *APPLY)
    told.said["publish"] = world.command("publish", "outputs/prepare.ipynb", *APPLY, "-p", "wait_dns_minutes", "0")
    serve(world, stack, "after")
    profile(world)
    told.runs["plan"] = world.run("rotate", "plan", "-r", "selector", NEXT)
    told.runs["rotate"] = world.run("rotate", "rotate", "-r", "selector", NEXT, *APPLY)
    told.signing["rotate"] = world.signing()
    told.runs["back"] = world.run("rotate", "back", "-r", "selector", CURRENT, *APPLY)
    told.signing["back"] = world.signing()
    told.said["verify"] = world.command("verify", "outputs", "--key", "seal.pem")
    told.said["archive"] = world.command("archive", "outputs/back.ipynb")  # no run follows that would copy it
    told.puts = world.ses.puts
    for one in world.client("s3").list_objects_v2(Bucket=RECORDS)["Contents"]:
        words = ("s3api", "get-object-retention", "--bucket", RECORDS, "--key", one["Key"])
        told.retention[one["Key"]] = world.cli(*words)["Retention"]["Mode"]
    path = f"dkim-keys/{DOMAIN}/{NEXT}/private_key.pem"
    told.pem = world.client("s3").get_object(Bucket=BUCKET, Key=path)["Body"].read()
    told.stored = public(told.pem)[0], world.published()[NEXT]
    told.files = {one.name: one.read_bytes() for one in (world.runner.folder / "outputs").rglob("*") if one.is_file()}
    return told


def test_a_pair_is_prepared_and_published(told: Told) -> None:
    assert (told.runs["prepare"].outcome, told.runs["prepare"].returncode) == ("PREPARED", 0), told.runs[
        "prepare"
    ].stderr
    sha256, value = told.stored
    assert hashlib.sha256(base64.b64decode(value.rpartition("p=")[2])).hexdigest() == sha256
    # LocalStack keeps the hosted zone; no name server serves it yet.
    assert told.said["publish"].returncode == 1, told.said["publish"].stdout


def test_the_selector_is_switched_and_taken_back(told: Told) -> None:
    outcomes = {name: (ran.outcome, ran.returncode) for name, ran in told.runs.items() if name != "prepare"}
    assert outcomes == {"plan": ("PLANNED", 0), "rotate": ("SWITCHED", 0), "back": ("SWITCHED", 0)}, told.runs
    assert told.puts == [NEXT, CURRENT]
    for name, selector in (("rotate", NEXT), ("back", CURRENT)):
        seen = told.signing[name]
        assert (seen["Tokens"], seen["Status"], seen["SigningAttributesOrigin"]) == ([selector], "SUCCESS", "EXTERNAL")


def test_the_records_verify_and_lie_under_object_lock(told: Told) -> None:
    assert told.said["verify"].returncode == 0, told.said["verify"].stdout + told.said["verify"].stderr
    assert told.said["archive"].returncode == 0, told.said["archive"].stderr
    assert set(told.retention.values()) == {"COMPLIANCE"}
    assert {name.rpartition("/")[2] for name in told.retention} >= {f"{name}.ipynb" for name in told.runs}


def test_no_file_holds_a_line_of_the_private_key(told: Told) -> None:
    lines = told.pem.splitlines()[1:-1]
    assert len(lines) > 10
    assert [name for name, data in told.files.items() if any(line in data for line in lines)] == []
