"""An estate in the second world, and a project folder whose runs are plain commands."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from tests.aws.keys import holds_fragment, openssl, public, record
from tests.sandbox.tools import texts, verifies
from tests.second_world.emulators import emulator
from tests.second_world.name_servers import ZONE, NameServers, name_servers
from tests.second_world.ses import Identity, Ses, endpoint

BIN = Path(sys.executable).parent
#: LocalStack takes an access key of 12 digits for the account.
ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
SECRET = "byodkim/example.jp"
TSIG = "byodkim/tsig"
BUCKET = "example-jp-dkim-keys"
CURRENT, NEW = "mail-20260912-1", "mail-20261124-1"
PROFILE = f"""\
[default]
account = "{ACCOUNT}"
region = "{REGION}"
domain = "{ZONE}"
secret_id = "{SECRET}"
key_bucket = "{BUCKET}"
endpoint_url = "{{endpoint}}"
nameservers = {{servers}}
resolvers = ["127.0.0.1:{{resolver}}"]
dns_writer = "rfc2136"
update_server = "{{primary}}"
tsig_secret_id = "{TSIG}"
retire_key = "delete"
ttl = 60
ses_requests_per_second = 10
timezone = "Asia/Tokyo"
"""


class Result(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    text: str

    @property
    def outcome(self) -> str:
        """Return the first word of a run's last lines."""
        found = re.findall(r"^([A-Z]+(?:-[A-Z]+)?) +\S", self.text, re.MULTILINE)
        return str(found[-1]) if found else self.text

    def line(self, name: str) -> str:
        """Return what a run's last lines say under a name."""
        return str(re.findall(rf"^{name} +(.+)$", self.text, re.MULTILINE)[-1])


class Seen(NamedTuple):
    """What the judges see.

    Attributes:
        identity: selector and status by ``aws sesv2 get-email-identity``.
        published: the selectors whose record dig gets from both servers, each with one value.
        verified: the selectors whose key in S3 signs what dkimpy verifies, by both servers.
        keys: the selectors whose key object has versions in S3.
        secret: the selector that AWSCURRENT names.
        stages: of each version of the secret.
    """

    identity: tuple[str, str]
    published: tuple[str, ...]
    verified: tuple[str, ...]
    keys: tuple[str, ...]
    secret: str
    stages: tuple[str, ...]


@dataclass
class Estate:
    """The second world and a project folder in it. ``pems``: every private key that was seen."""

    folder: Path
    home: Path
    endpoint: str
    servers: NameServers
    ses: Ses
    pems: dict[str, bytes] = field(repr=False)

    @property
    def outputs(self) -> Path:
        return self.folder / "outputs"

    @property
    def environment(self) -> dict[str, str]:
        """Return all that a run finds in its environment."""
        passed = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        return passed | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "LANG": "C.UTF-8",
        }

    def command(self, line: str) -> Result:
        """Run a command line in the project folder."""
        done = subprocess.run(
            shlex.split(line),
            cwd=self.folder,
            env=self.environment,
            text=True,
            timeout=300,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return Result(done.returncode, done.stdout)

    def aws(self, *words: str) -> Any:
        """Return what the AWS CLI prints."""
        where = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": REGION}
        done = subprocess.run(
            ["aws", *words, "--output", "json"],
            env=self.environment | where,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    def seen(self) -> Seen:
        """Ask every judge."""
        current = ("secretsmanager", "get-secret-value", "--secret-id", SECRET)
        questions = {
            "identity": ("sesv2", "get-email-identity", "--email-identity", ZONE),
            "secret": (*current, "--version-stage", "AWSCURRENT"),
            "versions": ("secretsmanager", "describe-secret", "--secret-id", SECRET),
            "keys": ("s3api", "list-object-versions", "--bucket", BUCKET),
        }
        with ThreadPoolExecutor() as pool:
            answers = pool.map(lambda words: self.aws(*words), questions.values())
        shown = dict(zip(questions, answers, strict=True))
        dkim = shown["identity"]["DkimAttributes"]
        stages = shown["versions"]["VersionIdsToStages"].values()
        stored = {each["Key"].split("/")[2] for each in shown["keys"].get("Versions", ())}
        return Seen(
            identity=(",".join(dkim["Tokens"]), dkim["Status"]),
            published=tuple(each for each in (CURRENT, NEW) if self.is_published(each)),
            verified=tuple(each for each in sorted(stored) if self.is_verified(each)),
            keys=tuple(sorted(stored)),
            secret=json.loads(shown["secret"]["SecretString"])["selector"],
            stages=tuple(sorted(" ".join(sorted(each)) for each in stages)),
        )

    def is_published(self, selector: str) -> bool:
        """Return whether both servers publish one and the same record."""
        name = f"{selector}._domainkey.{ZONE}"
        values = {tuple(texts(server, name)) for server in self.servers.addresses}
        assert len(values) == 1, values
        return values != {()}

    def is_verified(self, selector: str) -> bool:
        """Return whether a message that is signed with the key in S3 verifies at both servers."""
        pem = self.client("s3").get_object(**place(selector))["Body"].read()
        self.pems[selector] = pem
        return all(verifies(server, selector, ZONE, pem) for server in self.servers.addresses)

    def client(self, service: str) -> Any:
        """Return a client of the emulator."""
        session = boto3.Session(ACCOUNT, "secret", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def leaks(self) -> list[str]:
        """Return the files that hold a piece of a private key."""
        folders = (self.folder, self.home)
        files = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
        pems = [self.pems[selector] for selector in (CURRENT, NEW)]
        return [
            str(file)
            for file in files
            if any(holds_fragment(file.read_bytes(), pem) for pem in pems)
        ]


def place(selector: str) -> dict[str, str]:
    """Return where the private key of a selector is."""
    return {"Bucket": BUCKET, "Key": f"dkim-keys/{ZONE}/{selector}/private_key.pem"}


@contextlib.contextmanager
def estate(kind: str, folder: Path, *selectors: str) -> Iterator[Estate]:
    """Run a world in which SES signs with ``CURRENT``, as an owner would have set it up.

    Args:
        kind: of the emulator.
        folder: for everything.
        selectors: whose key is stored and published. The secret names the last one.
    """
    pems = {each: openssl("genpkey", "-algorithm", "RSA") for each in selectors}
    values = {name: record(pem) for name, pem in pems.items()}
    with contextlib.ExitStack() as stack:
        servers = stack.enter_context(name_servers(folder / "dns", values))
        ses = Ses(stack.enter_context(emulator(kind, folder / kind)), servers.resolver)
        ses.identities[ZONE] = Identity(CURRENT, public(pems[CURRENT]))
        address = stack.enter_context(endpoint(ses))
        world = Estate(folder / "project", folder / "home", address, servers, ses, pems)
        world.folder.mkdir()
        world.home.mkdir()
        _fill(world, selectors[-1], values[selectors[-1]])
        assert world.command("byodkim init").code == 0
        (world.folder / "byodkim.toml").write_text(
            PROFILE.format(
                endpoint=address,
                servers=servers.addresses,
                resolver=servers.resolver,
                primary=servers.addresses[0],
            )
        )
        yield world


def _fill(world: Estate, selector: str, value: str) -> None:
    s3, secrets = world.client("s3"), world.client("secretsmanager")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for name, pem in world.pems.items():
        s3.put_object(**place(name), Body=pem)
    entry = {
        "selector": selector,
        "domain": ZONE,
        "dns_record": {"value": value},
        "s3_key_path": place(selector)["Key"],
    }
    secrets.create_secret(Name=SECRET, SecretString=json.dumps(entry))
    secrets.create_secret(Name=TSIG, SecretString=json.dumps(dict(world.servers.tsig)))
