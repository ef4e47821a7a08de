"""The CloudFormation template: sound, made of the same declarations, and enough to rotate with."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from second_edition.sandbox.client import Sandbox
from tests.second_edition.access.estates import Builder
from tests.second_edition.access.gate import Gate
from tests.second_edition.access.generated import TEMPLATE, files
from tests.second_edition.access.stack import Stack, read
from tests.second_edition.access.stories import BYODKIM, CLI, command
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage, project
from tests.second_edition.project.tracked import ROOT

PARAMETERS = {
    "Domain": "example.jp",
    "SecretName": "dkim/example.jp",
    "KeyBucketName": "example-jp-dkim-keys",
    "PlannerPrincipals": "arn:aws:iam::123456789012:role/operators",
    "RotatorPrincipals": "arn:aws:iam::123456789012:role/operators,arn:aws:iam::123456789012:role/on-call",
    "PreparerPrincipals": "arn:aws:iam::123456789012:role/operators",
    "PublisherPrincipals": "arn:aws:iam::123456789012:role/operators",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "RetirerPrincipals": "arn:aws:iam::123456789012:role/operators",
    "RetireKey": "delete",
    "AuditorPrincipals": "arn:aws:iam::123456789012:role/auditors",
    "GeneratorRoleArn": "arn:aws:iam::123456789012:role/generator",
    "ArchiveBucketName": "example-jp-dkim-records",
    "ArchiveRetentionDays": "30",
}
PLAIN = {**PARAMETERS, "SealWithKms": "no", "ArchiveBucketName": "", "GeneratorRoleArn": ""}
PLAIN |= {"PreparerPrincipals": "", "PublisherPrincipals": "", "RetirerPrincipals": "", "HostedZoneId": ""}
KEY = "dkim-keys/example.jp/mail-20261124-1/private_key.pem"
ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
RETAINED = ("AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SecretsManager::Secret")


QUICK = {"key": ("delete",)}


def test_what_is_generated_is_what_the_declarations_give() -> None:
    assert [path.name for path, made in files().items() if path.read_text("utf-8") != made] == [], (
        "run: make permissions"
    )


def test_what_cannot_be_made_again_is_retained() -> None:
    resources = read()["Resources"].values()
    held = [one for one in resources if one["Type"] in RETAINED]
    assert {one["Type"] for one in held} == set(RETAINED)
    assert {(one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) for one in held} == {("Retain", "Retain")}


def test_no_value_of_a_secret_is_in_it() -> None:
    text = (ROOT / TEMPLATE).read_text("utf-8")
    assert not {"SecretString", "GenerateSecretString"} & set(text.replace(":", " ").split())


@dataclass
class Account:
    """A sandbox in which the template was deployed and the generator has done its work."""

    stage: Stage
    builder: Builder
    stack: Stack
    exits: ExitStack

    def policy(self, role: str) -> dict[str, Any]:
        """The policy of a role, as IAM has it."""
        name, policy = self.stack.roles[role]
        found = self.builder.client("iam").get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        return dict(found)

    def gate(self, role: str, policy: dict[str, Any] | None = None) -> Gate:
        """The gate for a role of the stack, or for another principal with a policy of its own."""
        arn = self.stack.made[role]["Arn"] if role in self.stack.made else f"arn:aws:iam::123456789012:role/{role}"
        own = policy or self.policy(role)
        endpoint = self.stage.sandbox.facts.endpoint_url
        return self.exits.enter_context(Gate(endpoint, own, self.builder.estate(), self.guards(), arn))

    def guards(self) -> dict[str, dict[str, Any]]:
        """The policies of buckets, and those of keys as KMS has them."""
        found, kms = dict(self.stack.bucket_policies), self.builder.client("kms")
        for name, made in self.stack.made.items():
            if name.endswith("Key"):
                found[made["Arn"]] = json.loads(kms.get_key_policy(KeyId=made["Ref"], PolicyName="default")["Policy"])
        return found

    def run(
        self, gate: Gate, mode: str, selector: str = "mail-20261124-1", notebook: str = "rotate", waive: str = ""
    ) -> Ran:
        """The notebook with the profile that the stack puts out."""
        words = ("-p", "endpoint_url", gate.url, "-r", "selector", selector, "-p", "mode", mode, "-p", "waive", waive)
        return self.stage.runner.papermill(*words, notebook=f"notebooks/{notebook}.ipynb", env=AWS)


def generate(account: Account) -> None:
    """Puts key objects and secret where the stack has them, as a generator does; this goes around the gate."""
    facts, s3 = account.stage.sandbox.facts, account.builder.client("s3")
    secrets = account.builder.client("secretsmanager")
    for selector in (facts.current_selector, facts.next_selector):
        path = f"dkim-keys/{facts.domain}/{selector}/private_key.pem"
        body = s3.get_object(Bucket=facts.key_bucket, Key=path)["Body"].read()
        s3.put_object(Bucket=account.stack.made["KeyBucket"]["Ref"], Key=path, Body=body)
    for stage in ("AWSPREVIOUS", "AWSCURRENT"):
        value = secrets.get_secret_value(SecretId=facts.secret_id, VersionStage=stage)["SecretString"]
        secrets.put_secret_value(SecretId=PARAMETERS["SecretName"], SecretString=value)
    more = f'nameservers = "{facts.nameservers}"\nses_requests_per_second = 100.0\nwait_minutes = 1\n'
    (account.stage.folder / "byodkim.toml").write_text(f"[default]\n{account.stack.output('Profile')}{more}")


@pytest.fixture
def deployed(child: Sandbox, tmp_path: Path, home: Path, request: pytest.FixtureRequest) -> Iterator[Account]:
    child.reset("ready")
    with ExitStack() as exits:
        stage = Stage(child, project(tmp_path / "project", home, plain=False))
        builder = Builder(child.facts, exits)
        given = dict(getattr(request, "param", PARAMETERS))
        given["HostedZoneId"] = given["HostedZoneId"] and child.facts.hosted_zone_id  # the sandbox's own
        stack = Stack(given, builder.client).deploy()
        account = Account(stage, builder, stack, exits)
        generate(account)
        yield account


def test_a_stack_is_enough_to_plan_switch_and_audit(deployed: Account) -> None:
    planner, rotator, auditor = (deployed.gate(role) for role in ("Planner", "Rotator", "Auditor"))
    planned = deployed.run(planner, "plan")
    assert (planned.outcome, planned.returncode, planner.refused) == ("PLANNED", 0, []), planned.stderr
    applied = deployed.run(rotator, "apply")
    assert (applied.outcome, applied.returncode, rotator.refused) == ("SWITCHED", 0, []), applied.stderr
    assert "STORE-VERSION" not in applied.failed()
    source = f"s3://example-jp-dkim-records/example.jp/{applied.event('begin')['run']}"
    fetch = (CLI, "--endpoint-url", auditor.url, "s3", "cp", "--recursive", source, "fetched")
    assert command(deployed.stage, *fetch).returncode == 0
    assert {path.suffix for path in (deployed.stage.folder / "fetched").iterdir()} == {".jsonl", ".json"}
    assert auditor.refused == []


@pytest.mark.prove
def test_a_stack_is_enough_to_prepare_and_publish(deployed: Account) -> None:
    preparer, publisher = deployed.gate("Preparer"), deployed.gate("Publisher")
    made = deployed.run(preparer, "apply", "mail-20261125-1", "prepare")
    assert (made.outcome, made.returncode, preparer.refused) == ("PREPARED", 0, []), made.stderr
    # The record's endpoint is the other gate's: who publishes is another role.
    preparer.role, preparer.policy = publisher.role, publisher.policy
    # Whose records count is no output of a stack: the team writes it down once, as `byodkim archive RECORD` shows it.
    public = deployed.builder.client("kms").get_public_key(KeyId=deployed.stack.made["SealKey"]["Arn"])["PublicKey"]
    with (deployed.stage.folder / "byodkim.toml").open("a") as profile:
        profile.write(f'sealing_keys = ["p256:{base64.b64encode(public).decode()}"]\n')
    published = command(deployed.stage, BYODKIM, "publish", str(made.path), "-p", "mode", "apply")
    assert (published.returncode, preparer.refused) == (0, []), published.stdout + published.stderr
    assert "PUBLISHED" in published.stdout


@pytest.mark.prove
@pytest.mark.parametrize("key", ["delete", "expire", "keep"])
def test_a_stack_is_enough_to_retire(deployed: Account, key: str) -> None:
    """And lets nothing be done to a private key but what it was made for."""
    rotator, retirer = deployed.gate("Rotator"), deployed.gate("Retirer")
    assert deployed.run(rotator, "apply").outcome == "SWITCHED"
    profile = deployed.stage.folder / "byodkim.toml"
    assert 'retire_key = "delete"\n' in profile.read_text()
    profile.write_text(profile.read_text().replace('retire_key = "delete"', f'retire_key = "{key}"'))
    left = (deployed.stage.sandbox.facts.current_selector, "retire", "TIME-OVERLAP: CHG-0977")
    retired = deployed.run(retirer, "apply", *left)
    refused = {one.action for one in retirer.refused}
    if key == "expire":
        assert (retired.outcome, refused) == ("FAILED", {"s3:DeleteObject"})
    else:
        assert (retired.outcome, retired.returncode, refused) == ("RETIRED", 0, set()), retired.stderr


def test_nobody_else_reads_a_private_key_administrators_included(deployed: Account) -> None:
    for role in ("Auditor", "administrator"):
        gate = deployed.gate(role, ADMINISTRATOR)
        reading = Builder(_at(deployed, gate), deployed.exits).client("s3")
        with pytest.raises(ClientError, match="AccessDenied"):
            reading.get_object(Bucket="example-jp-dkim-keys", Key=KEY)
        assert {(one.sid, one.request.action) for one in gate.decisions if not one.allowed} == {
            ("ReadByRotationOnly", "s3:GetObject"), ("All", "kms:Decrypt"),
        }  # fmt: skip


def test_the_generator_puts_keys_and_secret_and_cannot_read_a_key_again(deployed: Account) -> None:
    gate = deployed.gate("generator", ADMINISTRATOR)
    generator = Builder(_at(deployed, gate), deployed.exits)
    generator.client("s3").put_object(Bucket="example-jp-dkim-keys", Key=KEY, Body=b"another key")
    generator.client("secretsmanager").put_secret_value(SecretId=PARAMETERS["SecretName"], SecretString="{}")
    assert gate.refused == []
    with pytest.raises(ClientError, match="AccessDenied"):
        generator.client("s3").get_object(Bucket="example-jp-dkim-keys", Key=KEY)


@pytest.mark.parametrize("deployed", [PLAIN], indirect=True)
def test_where_no_generator_is_named_nobody_encrypts_a_key_but_rotation(deployed: Account) -> None:
    gate = deployed.gate("generator", ADMINISTRATOR)
    with pytest.raises(ClientError, match="AccessDenied"):
        Builder(_at(deployed, gate), deployed.exits).client("s3").put_object(
            Bucket="example-jp-dkim-keys", Key=KEY, Body=b"another key"
        )


def test_nobody_else_seals(deployed: Account) -> None:
    gate = deployed.gate("administrator", ADMINISTRATOR)
    kms = Builder(_at(deployed, gate), deployed.exits).client("kms")
    asked = {"KeyId": deployed.stack.made["SealKey"]["Arn"], "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.sign(**asked)


def _at(account: Account, gate: Gate) -> Any:
    facts = account.stage.sandbox.facts
    return replace(facts, endpoint_url=gate.url)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("Planner", ("rotate", "--mode", "plan")),
        ("Rotator", ("rotate", "--mode", "apply")),
        ("Preparer", ("prepare", "--mode", "apply")),
        ("Publisher", ("publish", "--mode", "apply")),
        ("Retirer", ("retire", "--mode", "apply")),
        ("Auditor", ("audit",)),
    ],
)
def test_a_roles_policy_is_what_byodkim_policy_prints(deployed: Account, role: str, words: tuple[str, ...]) -> None:
    key = deployed.stack.output("EncryptionKeyArn")
    layout = ("--keys", "dkim-keys/example.jp/*")
    printed = command(deployed.stage, BYODKIM, "policy", *words, "--encryption-key", key, *layout)
    assert printed.stderr == ""
    assert deployed.policy(role) == json.loads(printed.stdout)


def test_buckets_are_as_they_should_be(deployed: Account) -> None:
    s3 = deployed.builder.client("s3")
    for bucket, algorithm in (("example-jp-dkim-keys", "aws:kms"), ("example-jp-dkim-records", "AES256")):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
        assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
        (owned,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        assert owned["ObjectOwnership"] == "BucketOwnerEnforced"
    assert s3.get_object_lock_configuration(Bucket="example-jp-dkim-records")["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled"
    }
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket="example-jp-dkim-keys")["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


@pytest.mark.parametrize("deployed", [PLAIN], indirect=True)
def test_without_archive_and_seal_it_is_enough_too(deployed: Account) -> None:
    assert deployed.stack.roles.keys() == {"Planner", "Rotator"}
    rotator = deployed.gate("Rotator")
    applied = deployed.run(rotator, "apply")
    assert (applied.outcome, applied.returncode, rotator.refused) == ("SWITCHED", 0, []), applied.stderr
