"""What an HTTP request asks of IAM: each API operation's actions and resources, those of KMS behind it included.

Source: Service Authorization Reference; Amazon S3 User Guide, "Required permissions for Amazon S3 API operations" and
"Using server-side encryption with AWS KMS keys"; S3 API reference, HeadObject (a checksum needs kms:Decrypt).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.access.evaluator import Request

ACCOUNT, REGION = "123456789012", "ap-northeast-1"


@dataclass(frozen=True)
class Estate:
    """What stands in the sandbox.

    Attributes:
        secrets: ARN and KMS key by name.
        buckets: KMS key by bucket.
        aliases: key ARNs by alias ARN.
    """

    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    buckets: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)


def asked(method: str, path: str, headers: Mapping[str, str], body: bytes, estate: Estate) -> Iterator[Request]:
    """Every permission that a request takes; none for GetCallerIdentity.

    Raises:
        ValueError: it is not a request that the gate knows.
    """
    service = headers["Authorization"].partition("Credential=")[2].split("/")[3]
    if service == "sts" and b"Action=GetCallerIdentity" in body:
        return
    if service == "ses":
        yield _identity(method, urlsplit(path).path)
    elif service == "secretsmanager":
        yield from _secret(headers["X-Amz-Target"], json.loads(body), estate)
    elif service == "kms":
        yield _key(headers["X-Amz-Target"], json.loads(body), estate)
    elif service == "s3":
        yield from _object(method, path, {name.lower(): value for name, value in headers.items()}, estate)
    else:
        raise ValueError(f"{service} {method} {path}")


def _identity(method: str, path: str) -> Request:
    name, _, rest = path.removeprefix("/v2/email/identities/").partition("/")
    actions = {("GET", ""): "GetEmailIdentity", ("PUT", "dkim/signing"): "PutEmailIdentityDkimSigningAttributes"}
    return Request(f"ses:{actions[method, rest]}", f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{unquote(name)}")


def _secret(target: str, body: dict[str, Any], estate: Estate) -> Iterator[Request]:
    arn, key = estate.secrets[body["SecretId"]]
    yield Request(f"secretsmanager:{target.rpartition('.')[2]}", arn)
    if key:
        yield _through("secretsmanager", "kms:Decrypt", key)


def _key(target: str, body: dict[str, Any], estate: Estate) -> Request:
    named, operation = body["KeyId"], target.rpartition(".")[2]
    context = {f"kms:{name}": body[name] for name in ("SigningAlgorithm", "MessageType") if name in body}
    if named in estate.aliases:
        context["kms:RequestAlias"] = named.rpartition(":")[2]
    return Request(f"kms:{operation}", estate.aliases.get(named, named), context)


def _object(method: str, path: str, headers: Mapping[str, str], estate: Estate) -> Iterator[Request]:
    url = urlsplit(path)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    query = parse_qs(url.query, keep_blank_values=True)
    unknown = query.keys() - {"list-type", "prefix", "max-keys", "encoding-type", "delimiter"}
    if unknown or (not key) != ("list-type" in query):
        raise ValueError(f"s3 {method} {path}")
    if not key:
        yield Request("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        return
    arn, encryption = f"arn:aws:s3:::{bucket}/{key}", estate.buckets.get(bucket, "")
    yield Request({"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject"}[method], arn)
    if "x-amz-object-lock-mode" in headers:
        yield Request("s3:PutObjectRetention", arn)
    if encryption and method == "PUT":
        yield _through("s3", "kms:GenerateDataKey", encryption)
    elif encryption and (method == "GET" or "x-amz-checksum-mode" in headers):
        yield _through("s3", "kms:Decrypt", encryption)


def _through(service: str, action: str, key: str) -> Request:
    return Request(action, key, {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"})
