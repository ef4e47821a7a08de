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
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.second_world import judge
from tests.second_world.emulators import emulator
from tests.second_world.name_servers import ZONE, NameServers, name_servers
from tests.second_world.ses import Identity, Ses, endpoint, public_key

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
    pems: dict[str, bytes] = field(default_factory=dict, repr=False)

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
        return judge.aws(self.environment | where, *words)

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
        values = {judge.digged(server, name) for server in self.servers.addresses}
        assert len(values) == 1, values
        return values != {""}

    def is_verified(self, selector: str) -> bool:
        """Return whether a message that is signed with the key in S3 verifies at both servers."""
        self.pems[selector] = self.client("s3").get_object(**place(selector))["Body"].read()
        message = judge.signed_message(self.pems[selector], selector, ZONE)
        return all(judge.verifies(message, server) for server in self.servers.addresses)

    def client(self, service: str) -> Any:
        """Return a client of the emulator."""
        session = boto3.Session(ACCOUNT, "secret", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def leaks(self) -> list[str]:
        """Return the files that hold a line of a private key."""
        lines = [line for pem in self.pems.values() for line in pem.splitlines()[1:-1]]
        assert len(lines) > 10
        folders = (self.folder, self.home)
        files = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
        return [str(file) for file in files if _holds(file.read_bytes(), lines)]


def _holds(data: bytes, lines: list[bytes]) -> bool:
    return any(line in data for line in lines)


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
    keys = {each: rsa.generate_private_key(65537, 2048) for each in selectors}
    der = {name: _private(key, Encoding.DER) for name, key in keys.items()}
    values = {name: f"v=DKIM1; k=rsa; p={public_key(key)}" for name, key in der.items()}
    with contextlib.ExitStack() as stack:
        servers = stack.enter_context(name_servers(folder / "dns", values))
        ses = Ses(stack.enter_context(emulator(kind, folder / kind)), servers.resolver)
        ses.identities[ZONE] = Identity(CURRENT, public_key(der[CURRENT]))
        address = stack.enter_context(endpoint(ses))
        world = Estate(folder / "project", folder / "home", address, servers, ses)
        world.folder.mkdir()
        world.home.mkdir()
        world.pems = {name: _private(key, Encoding.PEM) for name, key in keys.items()}
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


def _private(key: rsa.RSAPrivateKey, encoding: Encoding) -> bytes:
    return key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())


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
