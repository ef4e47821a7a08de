"""The secret that names the selectors: three documented layouts, or dotted paths of the profile.

``single``     {"selector": …, "dns_record": {"value": …}, "s3_key_path": …}
``selectors``  {"selectors": [single, …]}
``domains``    {"example.jp": single or selectors, …}

``dns_record.value`` may be one flat key of that name. ``domain``, ``s3_bucket`` and ``s3_key_path``
may be missing. Other fields are passed over. Nothing is guessed.
"""

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final

from botocore.exceptions import ClientError

from byodkim.aws.errors import code_of
from byodkim.aws.session import Clients
from byodkim.checks.facts import Entry, Secret, Unread
from byodkim.custody.private_key import holds_private_key
from byodkim.custody.settings import SecretLayout

#: The path of each field in the documented layouts.
USUAL: Final = SecretLayout("selector", "dns_record.value", "s3_key_path")

_LONG_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{100,}")
#: How RSA public keys begin in DER: a sequence with the algorithm (RFC 5280 section 4.1.2.7), or
#: with a positive modulus (RFC 8017 appendix A.1.1). Private keys have a version there.
_PUBLIC: Final = re.compile(rb"0(\x82..|\x81.)(0\x0d\x06\x09\x2a|\x02(\x82..|\x81.)\0)", re.DOTALL)


class Malformed(Exception):
    """The secret has none of the layouts. Its text is what is missing or misfits."""


def read_secret(
    clients: Clients, secret_id: str, layout: SecretLayout | None, domain: str = ""
) -> Secret | Unread:
    """Return what AWSCURRENT says, and whether another version is AWSPENDING (GetSecretValue).

    Of a secret that holds a private key, nothing else is returned. Entries of other domains than
    ``domain`` are left out; "" is any.
    """
    client = clients.reader("secretsmanager")
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(copy_context().run, _pending, client, secret_id)
        answer = client.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
    arn, version, waiting = str(answer["ARN"]), str(answer["VersionId"]), pending.result()
    if not answer.get("SecretString"):
        return Unread("SecretBinary")
    text = str(answer["SecretString"]).removeprefix("\ufeff")  # PowerShell's mark
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if holds_private_key(text) or any(map(holds_private_key, _texts(content))):
        return Secret(arn, version, "", (), holds_private_key=True)
    try:
        name, entries = parse(content, layout)
    except Malformed as error:
        return Unread("Malformed", "JSON" if content is None else str(error))
    own = tuple(each for each in entries if not domain or each.domain in ("", domain))
    return Secret(arn, version, name, own, pending="" if waiting == version else waiting)


def parse(content: Any, layout: SecretLayout | None = None) -> tuple[str, tuple[Entry, ...]]:
    """Return the layout's name and the entries of a secret's JSON.

    Raises:
        Malformed: it has none of the layouts, or names one selector twice for one domain.
    """
    if not isinstance(content, dict):
        raise Malformed("selector")
    if layout is not None:
        paths = SecretLayout(
            layout.selector or USUAL.selector,
            layout.record or USUAL.record,
            layout.key_path or USUAL.key_path,
        )
        return "profile", (_entry(content, paths),)
    name, entries = _documented(content)
    named = [(entry.domain, entry.selector) for entry in entries]
    if len(set(named)) != len(named):
        raise Malformed("selector (one is named twice)")
    return name, tuple(entries)


def _documented(content: dict[str, Any]) -> tuple[str, list[Entry]]:
    if "selector" in content:
        return "single", [_entry(content, USUAL)]
    if "selectors" in content:
        return "selectors", _several(content)
    entries: list[Entry] = []
    for domain, value in content.items():
        if "." not in domain or not isinstance(value, dict):
            raise Malformed("selector")
        is_several = "selectors" in value
        entries += _several(value, domain) if is_several else [_entry(value, USUAL, domain)]
    if not entries:
        raise Malformed("selector")
    return "domains", entries


def _several(content: dict[str, Any], domain: str = "") -> list[Entry]:
    values = content["selectors"]
    if not isinstance(values, list) or not values:
        raise Malformed("selectors")
    return [_entry(value, USUAL, domain) for value in values]


def _entry(content: Any, paths: SecretLayout, domain: str = "") -> Entry:
    path, bucket = _text(content, paths.key_path), _text(content, "s3_bucket")
    if path.startswith("s3://"):
        bucket, _slash, path = path.removeprefix("s3://").partition("/")
    named = _text(content, "domain") or domain
    if not named.isascii():
        named = named.encode("idna").decode()
    return Entry(
        selector=_required(content, paths.selector),
        domain=named.lower().rstrip("."),
        record=_required(content, paths.record),
        bucket=bucket,
        path=path,
    )


def _required(content: Any, path: str) -> str:
    value = _text(content, path)
    if not value:
        raise Malformed(path)
    return value


def _text(content: Any, path: str) -> str:
    """Return the text at a dotted path, nested or as one flat key; "" where there is none.

    Raises:
        Malformed: it is no text, there are two different ones, or it may be part of a private key.
    """
    flat = content.get(path) if isinstance(content, dict) else None
    nested = content
    for name in path.split("."):
        nested = nested.get(name) if isinstance(nested, dict) else None
    value = nested if flat is None else flat
    if value is None:
        return ""
    is_ambiguous = flat is not None and nested is not None and flat != nested
    if not isinstance(value, str) or is_ambiguous or not all(map(_is_public, _long_base64(value))):
        raise Malformed(path)
    return value.strip()


def _long_base64(text: str) -> list[str]:
    return _LONG_BASE64.findall("".join(text.split()))


def _is_public(run: str) -> bool:
    return _PUBLIC.match(base64.b64decode(run[:24])) is not None


def _pending(client: Any, secret_id: str) -> str:
    """Return the VersionId of AWSPENDING; "" where no version has that stage."""
    try:
        answer = client.get_secret_value(SecretId=secret_id, VersionStage="AWSPENDING")
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return ""
        raise
    return str(answer["VersionId"])


def _texts(content: Any) -> list[str]:
    """Return every text in a JSON value, names included."""
    if isinstance(content, dict):
        return [text for item in content.items() for each in item for text in _texts(each)]
    if isinstance(content, list):
        return [text for each in content for text in _texts(each)]
    return [content] if isinstance(content, str) else []
