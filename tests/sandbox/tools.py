"""How the sandbox's tests speak to it: boto3 and dig, over real sockets."""

import base64
import contextlib
import functools
import itertools
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import dkim
import msgspec
from botocore.config import Config
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec.structs import replace

from byodkim.sandbox.world import World, control
from tests.dkim.judges import MESSAGE, accepted_by_dkimpy

PUT = "PutEmailIdentityDkimSigningAttributes"
_numbers = itertools.count(1)
CURRENT, NEW = "mail-20260912-1", "mail-20261124-1"


@contextlib.contextmanager
def sandbox(**options: Any) -> Iterator[World]:
    """Start a sandbox that no run can take for one of its own and stop.

    Options: of ``Order``.
    """
    order = json.dumps(options)
    command = [sys.executable, "-m", "byodkim.sandbox.control", order]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield msgspec.json.decode(child.stdout.readline(), type=World)
        child.stdin.close()  # which ends it


def own_identity(world: World) -> World:
    """Return a sandbox with one more identity, as that one sees it, and without calls."""
    domain = f"d{next(_numbers)}.example.jp"
    control(world, "identity", domain=domain, add=True)
    control(world, "forget")
    return replace(world, domain=domain, secret_id=f"byodkim/{domain}")


def mend_servers(world: World) -> None:
    servers = ["ns1", "ns2", "ns3", "resolver"]
    control(world, "dns", servers=servers, fault="", frozen=False)


@functools.cache
def client(world: World, service: str, region: str = "") -> Any:
    """Return a boto3 client that makes one attempt."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
    return boto3.client(
        service,
        region_name=region or world.region,
        endpoint_url=world.endpoint_url,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=config,
    )


def entries(world: World, domain: str = "") -> dict[str, dict[str, Any]]:
    """Return the secret's entries by selector."""
    name = f"byodkim/{domain or world.domain}"
    answer = client(world, "secretsmanager").get_secret_value(SecretId=name)
    return {entry["selector"]: entry for entry in json.loads(answer["SecretString"])["selectors"]}


def stored_pem(world: World, selector: str) -> bytes:
    """Return the private key in the bucket."""
    path = entries(world)[selector]["s3_key_path"]
    answer = client(world, "s3").get_object(Bucket=world.key_bucket, Key=path)
    pem: bytes = answer["Body"].read()
    return pem


def for_ses(pem: bytes, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    """Return a private key as SES takes it."""
    key = load_pem_private_key(pem, None)
    return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


def put(world: World, selector: str = NEW, key: str = "", region: str = "") -> dict[str, Any]:
    """Give SES a selector and its key."""
    answer: dict[str, Any] = client(
        world, "sesv2", region
    ).put_email_identity_dkim_signing_attributes(
        EmailIdentity=world.domain,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes={
            "DomainSigningSelector": selector,
            "DomainSigningPrivateKey": key or for_ses(stored_pem(world, selector)),
        },
    )
    return answer


def puts(world: World) -> Counter[str]:
    """Return how often the key of each identity was set."""
    return Counter(call["identity"] for call in control(world, "calls") if call["operation"] == PUT)


def identity(world: World, region: str = "") -> dict[str, Any]:
    """Return what GetEmailIdentity says."""
    answer: dict[str, Any] = client(world, "sesv2", region).get_email_identity(
        EmailIdentity=world.domain
    )
    return answer


def status(world: World) -> str:
    """Return the DKIM status of the identity."""
    return str(identity(world)["DkimAttributes"]["Status"])


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def key_name(world: World, selector: str) -> str:
    """Return the name of a key record."""
    return f"{selector}._domainkey.{world.domain}"


def dig(address: str, name: str, kind: str = "TXT", *options: str) -> str:
    """Return what dig prints of a server's answer."""
    host, _, port = address.partition(":")
    command = ["dig", "+tries=1", "+time=1", *options, f"@{host}", "-p", port, name, kind]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def texts(address: str, name: str) -> list[str]:
    """Return the TXT records at a name, each with its strings joined."""
    lines = dig(address, name, "TXT", "+short").splitlines()
    return [line.replace('" "', "").strip('"') for line in lines if line.startswith('"')]


def verifies(address: str, selector: str, domain: str, pem: bytes) -> bool:
    """Return whether dkimpy verifies what a key signs, with the record that a server publishes."""
    signature: bytes = dkim.sign(MESSAGE, selector.encode(), domain.encode(), pem)
    record = "".join(texts(address, f"{selector}._domainkey.{domain}"))
    return accepted_by_dkimpy(signature + MESSAGE, record)
