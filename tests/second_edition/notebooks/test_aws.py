"""The production path, ``target`` left as it is: profile, account, Region and credentials from where they come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from second_edition.launch.command_line import main
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import Wire, own_authority


@dataclass(frozen=True)
class Told:
    """A run, the AWS operations that were answered, the selector that SES has then, and the key that seals."""

    ran: Ran
    operations: list[str]
    selector: str
    key: Path


def sealing_key(stage: Stage) -> Path:
    return stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"


def story(*words: str, env: dict[str, str] | None = None, **profile: str) -> Callable[[Stage], Told]:
    """An apply run with a profile of its own."""

    def tell(stage: Stage) -> Told:
        aws = AwsStage(stage)
        aws.profile(**{"section": "default", **profile})
        ran = aws.apply(*words, env=env or {})
        operations = [call["operation"] for call in stage.sandbox.calls()]
        return Told(ran, operations, stage.identity["selectors"][0], sealing_key(stage))

    return tell


def inspected(stage: Stage) -> Told:
    """An apply run behind a proxy that opens TLS, with its bundle in the environment."""
    AwsStage(stage).profile(section="default")
    bundle = own_authority(stage.folder / "bundle.pem")
    with Wire(stage.sandbox.facts.endpoint_url, {}, bundle) as proxy:
        env = {**AWS, "HTTPS_PROXY": proxy.url, "AWS_CA_BUNDLE": str(bundle)}
        words = ("-r", "selector", stage.sandbox.facts.next_selector, "-p", "mode", "apply")
        return Told(
            stage.runner.papermill(*words, env=env), proxy.seen, stage.identity["selectors"][0], sealing_key(stage)
        )


# A profile that signs in through IAM Identity Center, and nobody has.
SSO = Path(__file__).with_name("sso.ini")
STORIES = {
    "good": story("-p", "profile", "prod", section="prod"),
    "another account": story(account="000000000000"),
    "no account": story(without="account"),
    "another Region": story("-p", "region", "us-east-1"),
    "expired": story("-p", "aws_profile", "mail-ops", env={"AWS_CONFIG_FILE": str(SSO)}),
    "no credentials": story(env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}),
    "inspected": inspected,
}


QUICK = {"name": ("good", "no credentials")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name, told) for name, told in STORIES.items()}


def test_a_run_by_a_profile(futures: dict[str, Future[Told]], capsys: pytest.CaptureFixture[str]) -> None:
    told = futures["good"].result()
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("SWITCHED", 0, "mail-20261124-1")
    assert "rehearsal" not in told.ran.headline.lower()
    values = told.ran.event("begin")["parameters"]
    assert {values[name]["source"] for name in ("domain", "region", "secret_id", "key_bucket", "nameservers")} == {
        "profile"
    }
    assert values["wait_minutes"] == {"value": "1", "source": "profile"}
    assert values["endpoint_url"]["source"] == "parameter"
    named = f"The run was given the name servers {values['nameservers']['value']}. Nobody compared them with"
    assert named in told.ran.headline
    assert "by the name servers that were given, which nobody compared with the delegation:" in told.ran.headline
    assert "byodkim.toml" in told.ran.shown("steps.begin")
    assert "-r selector mail-20260912-1 -r profile prod" in told.ran.headline
    assert main(["verify", "--key", str(told.key), "--language", "en", str(told.ran.path)]) == 0
    assert f"it asked SES at {values['endpoint_url']['value']}, without TLS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("another account", "SES-ACCOUNT failed: The credentials belong to the account that the profile names. "
         "Expected: 000000000000. Seen: 123456789012."),
        ("no account", "SES-ACCOUNT failed: The credentials belong to the account that the profile names. "
         "Expected: the profile names an account. Seen: 123456789012."),
        ("another Region", "SES-REGION failed: The run acts in the Region that the profile names. "
         "Expected: ap-northeast-1. Seen: us-east-1."),
        ("no credentials", "No AWS credentials were found for the default AWS profile. SES was not "
         "touched. Sign in, then run the same command again: aws sso login"),
        ("expired", "The AWS sign-in of the AWS profile mail-ops has expired (SSOTokenLoadError). "
         "SES was not touched. Sign in, then run the same command again: aws sso login --profile mail-ops"),
    ],
)  # fmt: skip
def test_a_run_in_the_wrong_place_is_refused(futures: dict[str, Future[Told]], name: str, words: str) -> None:
    told = futures[name].result()
    assert words in told.ran.paragraph
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("REFUSED", 1, "mail-20260912-1")
    assert not any(operation.startswith("Put") for operation in told.operations)


def test_a_proxy_that_opens_tls_reads_nothing_and_the_run_says_why_it_is_refused(
    futures: dict[str, Future[Told]],
) -> None:
    told = futures["inspected"].result()
    assert (told.ran.outcome, told.ran.returncode, told.selector) == ("REFUSED", 1, "mail-20260912-1")
    assert not told.operations, "the proxy read them"
    said = told.ran.paragraph
    assert "No TLS connection to AWS was made for GetCallerIdentity: no public certificate authority vouches" in said
    assert "SES was not touched. Have the proxy that opens TLS pass connections to AWS through unopened" in said


def test_two_causes_get_both_remedies_and_the_record_goes_the_profile_s_way(troupe: Troupe) -> None:
    tell = story(account="000000000000", publisher="rfc2136", update_server="192.0.2.53", tsig_secret_id="tsig")
    told = troupe.begin("rfc2136", tell, "dns-absent").result()
    assert told.ran.paragraph.count("then run again") == 1, told.ran.paragraph
    assert "DNS-PUBLISHED: Have the key record of mail-20261124-1 published" in told.ran.paragraph
    assert f"byodkim publish {told.ran.path.relative_to(told.ran.folder)}" in told.ran.headline
