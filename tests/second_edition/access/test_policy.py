"""``byodkim policy``: sound JSON for a profile's own values, and one paragraph for what is wrong."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from policy_sentry.querying.actions import get_action_data

from second_edition.access.needs import APPLY, PLAN
from second_edition.access.policy import COMMANDS, document
from second_edition.access.resources import Values
from second_edition.launch.command_line import main
from second_edition.messages import Language
from tests.second_edition.access.table import rows
from tests.second_edition.each import each
from tests.second_edition.project.readme import LANGUAGES, commands, table, text_of
from tests.second_edition.project.tracked import ROOT

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PROFILE = {
    "account": "123456789012",
    "region": "ap-northeast-1",
    "domain": "example.jp",
    "secret_id": "byodkim/example.jp",
    "key_bucket": "byodkim-keys",
}
ARCHIVE = {"archive_s3": "s3://example-jp-records/dkim", "archive_retention_days": 9}
FULL: dict[str, Any] = {**PROFILE, **ARCHIVE, "lock": "s3", "seal_key": KEY}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, values: dict[str, Any], section: str = "default") -> None:
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (folder / "byodkim.toml").write_text("\n".join([f"[{section}]", *lines, ""]))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["policy", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def actions(policy: dict[str, Any]) -> set[str]:
    return {action for one in policy["Statement"] for action in one["Action"]}


def test_it_plans_unless_told_otherwise(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, PROFILE)
    assert printed(capsys) == printed(capsys, "rotate", "--mode", "plan")
    reading = {"ses:GetEmailIdentity", "secretsmanager:GetSecretValue", "s3:GetObject", "s3:ListBucket"}
    assert actions(printed(capsys)) == reading
    assert actions(printed(capsys, "--mode", "apply")) == reading | {"ses:PutEmailIdentityDkimSigningAttributes"}


@pytest.mark.usefixtures("here")
def test_what_needs_no_policy_prints_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever redirects it into a file for AWS gets no words there."""
    assert main(["policy", "audit"]) == 0
    said = capsys.readouterr()
    assert (said.out, "audit needs no policy" in said.err) == ("", True)


def test_key_objects_may_lie_elsewhere(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, PROFILE)
    assert main(["policy"]) == 0
    assert "key objects lie at: s3://byodkim-keys/dkim-keys/example.jp/* s3://" in capsys.readouterr().err
    write(here, {**PROFILE, "key_bucket": ""})
    policy = printed(capsys, "--keys", "s3://one/keys/*", "--keys", "s3://two/example.jp/*")
    by_sid = {one["Sid"]: one["Resource"] for one in policy["Statement"]}
    assert by_sid["Keys"] == ["arn:aws:s3:::one/keys/*", "arn:aws:s3:::two/example.jp/*"]
    assert by_sid["KeyBucket"] == ["arn:aws:s3:::one", "arn:aws:s3:::two"]


def test_a_key_named_by_an_alias_is_told_by_the_request(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "seal_key": "arn:aws:kms:ap-northeast-1:123456789012:alias/seal"})
    sealing = [one for one in printed(capsys)["Statement"] if one["Sid"].startswith("SealKey")]
    assert {one["Condition"]["StringEquals"]["kms:RequestAlias"] for one in sealing} == {"alias/seal"}
    assert {tuple(one["Resource"]) for one in sealing} == {("arn:aws:kms:ap-northeast-1:123456789012:key/*",)}


def test_a_secret_that_is_named_by_its_arn_is_that_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:byodkim/example.jp-Ab12Cd"
    write(here, {**PROFILE, "secret_id": arn})
    assert arn in json.dumps(printed(capsys))


def test_without_a_domain_who_looks_around_looks_at_all(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "domain": "", "secret_id": "byodkim/{domain}", "archive_s3": "s3://byodkim-archive/dkim"})
    for command, found in (
        ("explore", "secret:byodkim/*-??????"),
        ("inventory", "secret:byodkim/*-??????"),
        ("audit", "arn:aws:s3:::byodkim-archive/dkim/heads/*/*"),
        ("archive", "arn:aws:s3:::byodkim-archive/dkim/*/*"),
    ):
        assert found in json.dumps(printed(capsys, command))


def test_a_secret_named_by_domain_is_the_domain_s(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "secret_id": "byodkim/{domain}"})
    for command, name in (("rotate", "example.jp"), ("explore", "example.jp"), ("fleet", "*")):
        assert f"secret:byodkim/{name}-??????" in json.dumps(printed(capsys, command))


@pytest.mark.parametrize(
    ("profile", "words", "said"),
    [
        ({**PROFILE, "account": ""}, (), "The profile default sets no account"),
        ({**PROFILE, "domain": ""}, (), "The profile default sets no domain"),
        ({**PROFILE, "key_bucket": ""}, (), 'byodkim policy rotate --mode plan --keys "s3://BUCKET/PATTERN"'),
        ({**PROFILE, "key_bucket": "", "lock": "s3"}, ("--keys", "s3://b/*"), "The profile default sets no key_bucket"),
        (PROFILE, ("rotate", "sandbox"), "No policy is known for sandbox."),
        (PROFILE, ("--encryption-key", "alias/mine"), "--encryption-key takes the ARN of a key in KMS"),
        (PROFILE, ("--profile", "prod"), "byodkim.toml has no section [prod]"),
        ({**PROFILE, "language": "ja", "region": ""}, (), "必要な region がありません。"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_paragraph(
    here: Path, capsys: pytest.CaptureFixture[str], profile: dict[str, Any], words: tuple[str, ...], said: str
) -> None:
    write(here, profile)
    assert main(["policy", *words]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n"), said in told.err) == ("", 1, True), told.err


def test_the_command_that_it_prints_names_the_profile(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "key_bucket": ""}, "acme")
    assert main(["policy", "--profile", "acme"]) == 2
    assert 'byodkim policy rotate --profile acme --mode plan --keys "s3://BUCKET/PATTERN"' in capsys.readouterr().err


VALUES = Values(
    "123456789012", "ap-northeast-1", "example.jp", "byodkim/example.jp", "byodkim-keys", lock=True, seal_key=KEY,
    archive_bucket="example-jp-records", retention=True, encryption_key=KEY, archive_key=KEY, key_kms=f"{KEY[:-1]}1",
    hosted_zone_id="Z0123456789ABCDEFGHIJ", tsig_secret_id="byodkim/tsig", proof_from="proof@example.jp",
    proof_to="inbox@example.jp", inbox_bucket="example-jp-inbox", inbox_prefix="inbox/", elsewhere=("us-east-1",),
    retire_key="delete",
)  # fmt: skip


def authority(action: str) -> list[dict[str, Any]]:
    """What the Service Authorization Reference says of an action, as policy_sentry has it: a row a kind of resource."""
    service, name = action.split(":")
    found = get_action_data(service, name)
    assert found, f"there is no {action}"
    on_kinds = [row for row in found[service] if row["resource_arn_format"] != "*"]
    return on_kinds or found[service]  # some actions take no resource


def fits(arn: str, form: str) -> bool:
    """Return whether an ARN is of a form such as ``arn:${Partition}:s3:::${BucketName}/${ObjectName}``."""
    parts = re.split(r"\$\{\w+\}", form)
    inner = "[^:/]+" if form.endswith("${BucketName}") else "[^:]+"
    return re.fullmatch(inner.join(map(re.escape, parts)), arn) is not None


@each("command", COMMANDS)
def test_actions_take_their_resources_and_conditions(command: str) -> None:
    hidden = document([command], APPLY, replace(VALUES, retire_key="expire"))["Statement"]
    for statement in (*document([command], APPLY, VALUES)["Statement"], *hidden):
        keys = {key for operands in statement.get("Condition", {}).values() for key in operands}
        for action, arn in product(statement["Action"], statement["Resource"]):
            kinds = [row for row in authority(action) if fits(arn, row["resource_arn_format"])]
            assert kinds, f"{action} takes no {arn}"
            assert any(keys <= set(row["condition_keys"]) for row in kinds), f"{action} takes no {keys}"


def by_sid(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in policy["Statement"]}


def test_prepare_stores_where_the_profile_says_and_nowhere_else(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "key_layout": "keys/{selector}.pem"})
    found = by_sid(printed(capsys, "prepare", "--mode", "apply"))
    assert found["NewKeyIfAbsent"]["Resource"] == ["arn:aws:s3:::byodkim-keys/keys/*.pem"]
    assert found["NewKeyIfAbsent"]["Action"] == ["s3:PutObject"]
    assert "arn:aws:s3:::byodkim-keys/keys/*.pem" in found["Keys"]["Resource"]
    assert found.keys() == {"Identity", "Secret", "Keys", "KeyBucket", "NewKeyIfAbsent"}


def test_prepare_reads_back_what_it_stores_whatever_patterns_are_given(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, PROFILE)
    stored, given = "arn:aws:s3:::byodkim-keys/dkim-keys/example.jp/*/private_key.pem", "arn:aws:s3:::one/keys/*"
    policy = printed(capsys, "prepare", "--mode", "apply", "--keys", "s3://one/keys/*")
    assert by_sid(policy)["Keys"]["Resource"] == [given, stored]
    assert by_sid(policy)["KeyBucket"]["Resource"] == ["arn:aws:s3:::one", "arn:aws:s3:::byodkim-keys"]
    assert by_sid(printed(capsys, "--keys", "s3://one/keys/*"))["Keys"]["Resource"] == [given]
    covering = "arn:aws:s3:::byodkim-keys/dkim-keys/*"
    assert by_sid(printed(capsys, "prepare", "--keys", "dkim-keys/*"))["Keys"]["Resource"] == [covering]


LOOKING = {"Identity", "Secret", "Keys", "KeyBucket"}


@pytest.mark.parametrize(
    ("command", "how", "sids"),
    [
        (
            "publish",
            {"publisher": "route53", "hosted_zone_id": "Z1"},
            {"HostedZoneRoute53", "HostedZoneRoute53KeyRecords", "ChangeRoute53"},
        ),
        (
            "publish",
            {"publisher": "rfc2136", "update_server": "192.0.2.53", "tsig_secret_id": "tsig"},
            {"TsigSecretRfc2136"},
        ),
        ("retire", {}, LOOKING),
        ("retire", {"retire_key": "delete"}, LOOKING | {"KeyBucketErasingOfKeys", "KeysErasing", "KeysDeleting"}),
        ("retire", {"retire_key": "expire"}, LOOKING | {"KeyBucketErasingOfKeys", "KeysErasing", "KeysExpiring"}),
        ("retire", {"regions": ["us-east-1", "ap-northeast-1"]}, LOOKING | {"IdentityElsewhereRegions"}),
        ("retire", {"regions": ["ap-northeast-1"]}, LOOKING),
    ],
)
def test_a_command_may_do_what_the_profile_asks_for(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, how: dict[str, Any], sids: set[str]
) -> None:
    write(here, {**PROFILE, **how})
    assert by_sid(printed(capsys, command, "--mode", "apply")).keys() == sids


def test_a_whole_inbox_is_listed_without_a_condition(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mailbox = {"proof_from": "proof@example.jp", "proof_to": "inbox@example.jp", "inbox": "s3://example-jp-inbox"}
    write(here, {**PROFILE, **mailbox})
    found = by_sid(printed(capsys, "--mode", "apply"))
    assert "Condition" not in found["InboxBucketMailboxInInbox"]
    assert found["InboxMailbox"]["Resource"] == ["arn:aws:s3:::example-jp-inbox/*"]
    assert "InboxMailbox" not in by_sid(printed(capsys))


@each("language", LANGUAGES)
def test_the_readmes_table_is_the_declaration(language: Language) -> None:
    found = table(text_of(ROOT, language), {"en": "action", "ja": "アクション"}[language])
    assert found == [[cell.replace("`", "") for cell in row] for row in rows(language)]
    declared = {need.action for needs in COMMANDS.values() for need in needs}
    assert {row[0] for row in found} == declared


def test_the_readmes_command_gives_the_templates_parameters() -> None:
    (deploy,) = (line for line in commands(text_of(ROOT, "en")) if line.startswith("aws cloudformation deploy"))
    given = {word.partition("=")[0] for word in deploy.partition("--parameter-overrides ")[2].split()}
    template = yaml.load((ROOT / "docs/second_edition/deploy/cloudformation.yaml").read_text(), Loader=_Plain)
    declared = template["Parameters"]
    assert given <= declared.keys()
    assert {name for name, one in declared.items() if "Default" not in one} <= given


class _Plain(yaml.SafeLoader):  # type: ignore[misc]  # yaml carries no types
    """YAML with CloudFormation's short forms left out."""


_Plain.add_multi_constructor("!", lambda *_: None)


def test_who_reads_secret_and_key_elsewhere_is_allowed_ses_alone(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = {"account": "111122223333", "region": "eu-west-1", "aws_profile": "mail-eu", "store_profile": "mail"}
    proof = {"proof_from": "a@example.jp", "proof_to": "b@example.jp", "inbox": "s3://in/box/"}
    write(here, {**FULL, **proof, **there, "store_region": "ap-northeast-1"})
    made = printed(capsys, "--mode", "apply")
    arn = "arn:aws:ses:eu-west-1:111122223333:identity/example.jp"
    assert [one["Resource"] for one in made["Statement"]] == [[arn], [arn]]  # looked at and written; sent from
    assert actions(made) == {"ses:GetEmailIdentity", "ses:PutEmailIdentityDkimSigningAttributes", "ses:SendEmail"}
    assert actions(printed(capsys)) == {"ses:GetEmailIdentity"}


def test_another_region_than_the_key_stores_is_in_one_policy(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**FULL, "region": "us-east-1", "store_region": "ap-northeast-1"})
    own = {one["Sid"]: one["Resource"] for one in printed(capsys, "--mode", "apply")["Statement"]}
    assert own["Identity"] == ["arn:aws:ses:us-east-1:123456789012:identity/example.jp"]
    assert all(":ap-northeast-1:123456789012:secret:" in arn for arn in own["Secret"])


def test_sections_with_the_same_key_are_looked_at_where_the_own_sign_in_reaches(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, FULL)
    with (here / "byodkim.toml").open("a") as file:
        file.write('same_key_in = ["us", "eu", "it"]\n[us]\naccount = "123456789012"\nregion = "us-east-1"\n')
        file.write('[eu]\naccount = "111122223333"\nregion = "eu-west-1"\naws_profile = "mail-eu"\n')
        file.write('[it]\naccount = "123456789012"\nregion = "ap-northeast-1"\ndomain = "example.com"\n')
    own = {one["Sid"]: one["Resource"] for one in printed(capsys, "retire")["Statement"]}
    looked = [resource for sid, resource in own.items() if sid.startswith("IdentityElsewhere")]
    at = "arn:aws:ses:{}:123456789012:identity/{}".format
    assert {at("us-east-1", "example.jp"), at("ap-northeast-1", "example.com")} <= {
        arn for one in looked for arn in one
    }
    assert not any("111122223333" in arn for one in own.values() for arn in one)


@each("command", ["rotate", "prepare", "publish", "retire", "explore"])
def test_a_plan_only_reads(command: str) -> None:
    bare = document([command], PLAN, replace(VALUES, seal_key="", archive_bucket="", encryption_key="", key_kms=""))
    levels = {row["access_level"] for action in actions(bare) for row in authority(action)}
    assert levels == {"Read", "List"}


def test_a_profile_is_chosen_by_its_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {**PROFILE, "domain": "staging.example.jp", "region": "cn-north-1"}, "staging")
    (first, *_) = printed(capsys, "--profile", "staging")["Statement"]
    assert first["Resource"] == ["arn:aws-cn:ses:cn-north-1:123456789012:identity/staging.example.jp"]
