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
from xml.etree import ElementTree

from tests.second_edition.access.evaluator import Request, Value

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
ROUTE53 = "{https://route53.amazonaws.com/doc/2013-04-01/}"


@dataclass(frozen=True)
class Estate:
    """Hold what stands in the sandbox.

    Attributes:
        secrets: ARN and KMS key by name.
        buckets: KMS key by bucket.
        aliases: key ARNs by alias ARN.
        objects: KMS key by bucket and key, of what was written since.
    """

    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    buckets: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)


def asked(method: str, path: str, headers: Mapping[str, str], body: bytes, estate: Estate) -> Iterator[Request]:
    """Every permission that a request takes; none for GetCallerIdentity.

    Raises:
        ValueError: it is not a request that the gate knows.
    """
    key, _, region, service, *_ = headers["Authorization"].partition("Credential=")[2].split("/")
    if service == "sts" and b"Action=GetCallerIdentity" in body:
        return
    if service == "ses":
        account = key.removeprefix("sandbox-") if key.startswith("sandbox-") else ACCOUNT
        yield _mail(method, urlsplit(path).path, body, f"{region}:{account}")
    elif service == "secretsmanager":
        yield from _secret(headers["X-Amz-Target"], json.loads(body), estate)
    elif service == "kms":
        yield _key(headers["X-Amz-Target"], json.loads(body), estate)
    elif service == "route53":
        yield _zone(method, urlsplit(path).path, body)
    elif service == "s3":
        yield from _object(method, path, {name.lower(): value for name, value in headers.items()}, estate)
    else:
        raise ValueError(f"{service} {method} {path}")


def _mail(method: str, path: str, body: bytes, place: str) -> Request:
    if method == "POST" and path == "/":  # API v1, a form
        (action,) = parse_qs(body.decode())["Action"]
        return Request(f"ses:{action}", "*")
    here = f"arn:aws:ses:{place}:identity"
    if (method, path) == ("POST", "/v2/email/list-identities"):
        return Request("ses:ListEmailIdentities", "*")
    if (method, path) == ("POST", "/v2/email/outbound-emails"):
        sent = json.loads(body)
        sender, recipients = sent["FromEmailAddress"], sent["Destination"]
        every = tuple(address for addresses in recipients.values() for address in addresses)
        context: dict[str, Value] = {"ses:FromAddress": sender, "ses:Recipients": every}
        return Request("ses:SendEmail", f"{here}/{sender.partition('@')[2]}", context)
    name, _, rest = path.removeprefix("/v2/email/identities/").partition("/")
    actions = {("GET", ""): "GetEmailIdentity", ("PUT", "dkim/signing"): "PutEmailIdentityDkimSigningAttributes"}
    return Request(f"ses:{actions[method, rest]}", f"{here}/{unquote(name)}")


def _zone(method: str, path: str, body: bytes) -> Request:
    kind, name, *rest = path.removeprefix("/2013-04-01/").rstrip("/").split("/")
    operations = {
        ("GET", "hostedzone"): "GetHostedZone",
        ("GET", "hostedzone", "rrset"): "ListResourceRecordSets",
        ("POST", "hostedzone", "rrset"): "ChangeResourceRecordSets",
        ("GET", "change"): "GetChange",
    }
    operation = operations[(method, kind, *rest)]
    context = _changed(body) if method == "POST" else {}
    return Request(f"route53:{operation}", f"arn:aws:route53:::{kind}/{name}", context)


def _changed(body: bytes) -> dict[str, Value]:
    batch = ElementTree.fromstring(body)

    def told(name: str) -> tuple[str, ...]:
        return tuple(sorted({one.text or "" for one in batch.iter(f"{ROUTE53}{name}")}))

    asked_for = "route53:ChangeResourceRecordSets"
    return {
        f"{asked_for}NormalizedRecordNames": tuple(name.lower().removesuffix(".") for name in told("Name")),
        f"{asked_for}RecordTypes": told("Type"),
        f"{asked_for}Actions": told("Action"),
    }


def _secret(target: str, body: dict[str, Any], estate: Estate) -> Iterator[Request]:
    (arn, key), operation = estate.secrets[body["SecretId"]], target.rpartition(".")[2]
    yield Request(f"secretsmanager:{operation}", arn)
    if key and operation == "PutSecretValue":
        yield _through("secretsmanager", "kms:GenerateDataKey", key, estate)
    if key and operation in ("GetSecretValue", "PutSecretValue"):
        yield _through("secretsmanager", "kms:Decrypt", key, estate)


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
    if query.keys() <= {"uploads", "uploadId"} and query and method in ("POST", "DELETE"):
        # CreateMultipartUpload takes s3:PutObject.
        method = "PUT" if method == "POST" else "ABORT"
        query = {}
    unknown = query.keys() - {"list-type", "versions", "versionId", "prefix", "max-keys", "encoding-type", "delimiter"}
    if unknown or (not key) != bool({"list-type", "versions"} & query.keys()):
        raise ValueError(f"s3 {method} {path}")
    if not key:
        context: dict[str, Value] = {"s3:prefix": query["prefix"][0]} if "prefix" in query else {}
        action = "s3:ListBucketVersions" if "versions" in query else "s3:ListBucket"
        yield Request(action, f"arn:aws:s3:::{bucket}", context)
        return
    arn = f"arn:aws:s3:::{bucket}/{key}"
    encryption = estate.objects.get(f"{bucket}/{key}", estate.buckets.get(bucket, ""))
    condition: dict[str, Value] = {
        f"s3:{name}": headers[name] for name in ("if-none-match", "if-match") if name in headers
    }
    actions = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}
    action = {**actions, "ABORT": "s3:AbortMultipartUpload"}[method]
    yield Request(f"{action}Version" if "versionId" in query else action, arn, condition)
    if "x-amz-object-lock-mode" in headers:
        yield Request("s3:PutObjectRetention", arn)
    if method == "PUT":
        encryption = headers.get("x-amz-server-side-encryption-aws-kms-key-id") or estate.buckets.get(bucket, "")
        estate.objects[f"{bucket}/{key}"] = encryption
    if encryption and method == "PUT":
        yield _through("s3", "kms:GenerateDataKey", encryption, estate)
    elif encryption and (method == "GET" or "x-amz-checksum-mode" in headers):
        yield _through("s3", "kms:Decrypt", encryption, estate)


def _through(service: str, action: str, key: str, estate: Estate) -> Request:
    arn = estate.aliases.get(key, key)
    names = tuple(alias.rpartition(":")[2] for alias, of in estate.aliases.items() if of == arn)
    aliases: dict[str, Value] = {"kms:ResourceAliases": names} if names else {}
    return Request(action, arn, {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", **aliases})
