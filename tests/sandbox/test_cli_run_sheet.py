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


@pytest.mark.prove  # test_ses_contract.py and others have what each of them does
def test_the_six_commands(cli_environment: dict[str, str], tmp_path: Path, sandbox: Sandbox) -> None:
    facts = sandbox.facts

    def aws(*words: str) -> Any:
        done = subprocess.run(
            [AWS, *words], env=cli_environment, cwd=tmp_path, capture_output=True, text=True, timeout=600
        )
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout) if words[0] != "s3" else done.stdout

    identity = ("sesv2", "get-email-identity", "--email-identity", DOMAIN)
    before = aws(*identity)
    config = json.loads(aws("secretsmanager", "get-secret-value", "--secret-id", facts.secret_id)["SecretString"])
    assert config["selector"] == NEXT
    listed = aws("s3", "ls", f"s3://{facts.key_bucket}/dkim-keys/{DOMAIN}/{NEXT}/")
    assert listed.split()[-1] == "private_key.pem"
    aws("s3", "cp", f"s3://{facts.key_bucket}/{config['s3_key_path']}", "private_key.pem")
    key = "".join((tmp_path / "private_key.pem").read_text().splitlines()[1:-1])
    attributes = {"DomainSigningSelector": config["selector"], "DomainSigningPrivateKey": key}
    (tmp_path / "attributes.json").write_text(json.dumps(attributes))
    put = aws(
        *("sesv2", "put-email-identity-dkim-signing-attributes", "--email-identity", DOMAIN),
        *("--signing-attributes-origin", "EXTERNAL", "--signing-attributes", "file://attributes.json"),
    )
    after = aws(*identity)
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
