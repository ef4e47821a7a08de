"""The secret that names the selectors: three documented layouts, or dotted paths of the profile.
Nothing is guessed.

``single``     {"selector": …, "dns_record": {"value": …}, "s3_key_path": …}
``selectors``  {"selectors": [single, …]}
``domains``    {"example.jp": single or selectors, …}

``dns_record.value`` may be a flat key of that name. ``domain`` and ``s3_bucket`` are read where
they stand.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import code_of, unread
from byodkim.aws.session import Clients
from byodkim.checks.world import Entry, Secret, Unread
from byodkim.custody.private_key import holds_private_key
from byodkim.custody.settings import SecretLayout


class Malformed(Exception):
    """The secret has none of the layouts. ``field``: what is missing or has another type."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def read_secret(clients: Clients, secret_id: str, layout: SecretLayout | None) -> Secret | Unread:
    """Return what AWSCURRENT says, and whether another version is AWSPENDING (GetSecretValue)."""
    try:
        client = clients.get("secretsmanager")
        answer = client.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
        pending = _pending(client, secret_id)
    except (BotoCoreError, ClientError) as error:
        return unread(error)
    if "SecretString" not in answer:
        return Unread("Malformed", "SecretString")
    text: str = answer["SecretString"]
    try:
        content = json.loads(text)
        name, entries = parse(content, layout)
    except ValueError:
        return Unread("Malformed", "JSON")
    except Malformed as error:
        if _any_private_key(text):
            return _secret(answer, "", (), "", holds=True)
        return Unread("Malformed", error.field)
    version = str(answer["VersionId"])
    other = pending if pending != version else ""
    return _secret(answer, name, entries, other, holds=_any_private_key(content))


def parse(content: Any, layout: SecretLayout | None = None) -> tuple[str, tuple[Entry, ...]]:
    """Return the layout's name and the entries of a secret's JSON.

    Raises:
        Malformed: it has none of the layouts, or names one selector twice for one domain.
    """
    if not isinstance(content, dict):
        raise Malformed("selector")
    if layout is not None:
        name, entries = "profile", [_by_paths(content, layout)]
    elif "selector" in content:
        name, entries = "single", [_single(content)]
    elif "selectors" in content:
        name, entries = "selectors", _several(content)
    else:
        name, entries = "domains", _domains(content)
    keys = [(entry.domain, entry.selector) for entry in entries]
    if len(set(keys)) != len(keys):
        raise Malformed("selectors (one is named twice)")
    return name, tuple(entries)


def _domains(content: dict[str, Any]) -> list[Entry]:
    entries: list[Entry] = []
    for domain, value in content.items():
        if "." not in domain or not isinstance(value, dict):
            raise Malformed("selector")
        own = _several(value, domain) if "selectors" in value else [_single(value, domain)]
        entries += own
    if not entries:
        raise Malformed("selector")
    return entries


def _several(content: dict[str, Any], domain: str = "") -> list[Entry]:
    values = content["selectors"]
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Malformed("selectors")
    return [_single(value, domain) for value in values]


def _single(value: dict[str, Any], domain: str = "") -> Entry:
    record = value.get("dns_record.value")
    if record is None:
        nested = value.get("dns_record")
        record = nested.get("value") if isinstance(nested, dict) else None
    bucket, path = _place(value.get("s3_key_path", ""), value.get("s3_bucket", ""))
    return Entry(
        selector=_required(value.get("selector"), "selector"),
        domain=str(value.get("domain", domain)).lower().rstrip("."),
        record=_required(record, "dns_record.value"),
        bucket=bucket,
        path=path,
    )


def _by_paths(content: dict[str, Any], layout: SecretLayout) -> Entry:
    bucket, path = _place(_at(content, layout.key_path) if layout.key_path else "", "")
    return Entry(
        selector=_required(_at(content, layout.selector), layout.selector or "secret_selector"),
        record=_required(_at(content, layout.record), layout.record or "secret_record"),
        bucket=bucket,
        path=path,
    )


def _at(content: Any, path: str) -> Any:
    """Return the value at a dotted path; a flat key of that name goes first."""
    if isinstance(content, dict) and path in content:
        return content[path]
    for name in path.split("."):
        content = content.get(name) if isinstance(content, dict) else None
    return content


def _place(path: Any, bucket: Any) -> tuple[str, str]:
    """Return bucket and key of ``s3_key_path``, which is a key or an ``s3://`` address."""
    if not isinstance(path, str) or not isinstance(bucket, str):
        raise Malformed("s3_key_path")
    if path.startswith("s3://"):
        bucket, _slash, path = path.removeprefix("s3://").partition("/")
    return bucket, path


def _required(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Malformed(field)
    return value.strip()


def _pending(client: Any, secret_id: str) -> str:
    """Return the VersionId of AWSPENDING; "" where no version has that stage."""
    try:
        answer = client.get_secret_value(SecretId=secret_id, VersionStage="AWSPENDING")
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return ""
        raise
    return str(answer["VersionId"])


def _secret(
    answer: dict[str, Any], layout: str, entries: tuple[Entry, ...], pending: str, *, holds: bool
) -> Secret:
    return Secret(
        arn=str(answer["ARN"]),
        version=str(answer["VersionId"]),
        layout=layout,
        entries=entries,
        pending=pending,
        holds_private_key=holds,
    )


def _any_private_key(content: Any) -> bool:
    """Return whether a private key stands anywhere in a secret."""
    if isinstance(content, dict):
        return any(map(_any_private_key, content.values()))
    if isinstance(content, list):
        return any(map(_any_private_key, content))
    return isinstance(content, str) and holds_private_key(content)
