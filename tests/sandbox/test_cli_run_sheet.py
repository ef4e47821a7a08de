"""The AWS CLI walks the run sheet's six commands, as they stand there, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from byodkim.sandbox.client import Sandbox
from tests.sandbox.outside import CURRENT, DOMAIN, NEXT

AWS = str(Path(sys.executable).with_name("aws"))


class Cli:
    """The AWS CLI in an environment and a folder of its own."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [AWS, *words], env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60
        )

    def text(self, *words: str) -> str:
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def json(self, *words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.text(*words))
        return answer


@pytest.fixture
def cli(cli_environment: dict[str, str], tmp_path: Path) -> Cli:
    return Cli(cli_environment, tmp_path)


def walk(cli: Cli, sandbox: Sandbox) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The six commands; what the first, the fifth and the sixth answered."""
    facts, identity = sandbox.facts, ("sesv2", "get-email-identity", "--email-identity", DOMAIN)
    before = cli.json(*identity)
    secret = cli.json("secretsmanager", "get-secret-value", "--secret-id", facts.secret_id)
    config = json.loads(secret["SecretString"])
    assert config["selector"] == NEXT
    assert config["dns_record"]["value"].startswith("v=DKIM1; k=rsa; p=MIIB")
    listed = cli.text("s3", "ls", f"s3://{facts.key_bucket}/dkim-keys/{DOMAIN}/{NEXT}/")
    assert listed.split()[-1] == "private_key.pem"
    cli.text("s3", "cp", f"s3://{facts.key_bucket}/{config['s3_key_path']}", "private_key.pem")
    pem = (cli.folder / "private_key.pem").read_text()
    attributes = {
        "DomainSigningSelector": config["selector"],
        "DomainSigningPrivateKey": "".join(pem.splitlines()[1:-1]),
    }
    (cli.folder / "attributes.json").write_text(json.dumps(attributes))
    put = cli.json(
        *("sesv2", "put-email-identity-dkim-signing-attributes", "--email-identity", DOMAIN),
        *("--signing-attributes-origin", "EXTERNAL", "--signing-attributes", "file://attributes.json"),
    )
    return before, put, cli.json(*identity)


def test_the_six_commands(cli: Cli, sandbox: Sandbox) -> None:
    before, put, after = walk(cli, sandbox)
    assert before["DkimAttributes"] == {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": [CURRENT],
        "SigningAttributesOrigin": "EXTERNAL",
    }
    assert put == {"DkimStatus": "NOT_STARTED", "DkimTokens": [NEXT]}
    # Starting the CLI takes longer than the interval at which this SES looks at DNS.
    assert after["DkimAttributes"] == before["DkimAttributes"] | {"Tokens": [NEXT]}
    assert [call["operation"] for call in sandbox.calls()] == [
        "GetEmailIdentity",
        "GetSecretValue",
        "ListObjectsV2",
        "HeadObject",
        "GetObject",
        "PutEmailIdentityDkimSigningAttributes",
        "GetEmailIdentity",
    ]


def test_a_refusal_reads_as_aws_words_it(cli: Cli) -> None:
    done = cli.run("sesv2", "get-email-identity", "--email-identity", "absent.example.jp")
    assert done.returncode != 0
    assert "(NotFoundException) when calling the GetEmailIdentity operation" in done.stderr
