"""Which AWS calls were made: service, operation, time, status and request id, and never what was sent or answered."""

from __future__ import annotations

import re
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs

S3_SUBRESOURCES: Final = {
    "versioning": "BucketVersioning",
    "tagging": "ObjectTagging",
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "object-lock": "ObjectLockConfiguration",
    "retention": "ObjectRetention",
    "policy": "BucketPolicy",
    "encryption": "BucketEncryption",
    "location": "BucketLocation",
}
VERBS: Final = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head", "POST": "Post"}
ROUTE53: Final = (
    ("GET", r"hostedzone/[^/]+/rrset", "ListResourceRecordSets"),
    ("POST", r"hostedzone/[^/]+/rrset/?", "ChangeResourceRecordSets"),
    ("GET", r"hostedzone/[^/]+", "GetHostedZone"),
    ("GET", r"hostedzone", "ListHostedZones"),
    ("POST", r"hostedzone", "CreateHostedZone"),
    ("GET", r"hostedzonesbyname", "ListHostedZonesByName"),
    ("GET", r"change/[^/]+", "GetChange"),
)


@dataclass(frozen=True)
class Call:
    """One call that was answered; ``at`` in sandbox time, UTC; ``place``: account and Region that it was signed for."""

    at: str
    service: str
    operation: str
    status: int
    request_id: str
    place: str = ""


class CallLog:
    """All calls since the start or the last reset."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, at: datetime, service: str, operation: str, status: int, request_id: str, place: str) -> None:
        """Note one call."""
        with self._lock:
            moment = at.isoformat(timespec="milliseconds")
            self._calls.append(Call(moment, service, operation, status, request_id, place))

    def as_list(self) -> list[dict[str, object]]:
        """Plain data for JSON, in the order of the answers."""
        with self._lock:
            return [asdict(call) for call in self._calls]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._calls.clear()


def operation_name(service: str, method: str, path: str, query: str, target: str, body: bytes) -> str:
    """The operation's name as AWS spells it, as far as the sandbox's own services go; else method and a dash."""
    if target:
        return target.rpartition(".")[2]
    if service == "s3":
        return _s3(method, path, query)
    if service == "route53":
        tail = path.strip("/").partition("/")[2]
        return next(
            (name for verb, rule, name in ROUTE53 if verb == method and re.fullmatch(rule, tail)), f"{method} -"
        )
    action = parse_qs(query).get("Action") or parse_qs(body.decode("latin-1")).get("Action")
    return action[0] if action else f"{method} -"


def _s3(method: str, path: str, query: str) -> str:
    bucket, _, key = path.strip("/").partition("/")
    asked = parse_qs(query, keep_blank_values=True)
    for name, noun in S3_SUBRESOURCES.items():
        if name in asked:
            return VERBS.get(method, method) + noun
    if key and method == "POST" and "uploads" in asked:
        return "CreateMultipartUpload"
    if key and method == "DELETE" and "uploadId" in asked:
        return "AbortMultipartUpload"
    if key:
        return VERBS.get(method, method) + "Object"
    if not bucket:
        return "ListBuckets"
    if method == "GET":
        return "ListObjectVersions" if "versions" in asked else f"ListObjects{'V2' if 'list-type' in asked else ''}"
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}.get(method, f"{method} -")
