"""Raw answers of AWS without secrets, by which a record's facts can be checked.

Bodies are kept of those operations alone whose answers hold no secret, and of no refusal. Of a secret's answer the
public fields are kept, and of its text its shape and what the procedure read there; of an object's the headers, never
the object. Of the answer to the write the known fields are kept: whatever else stands there may quote what was given.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from second_edition.aws.key_store import parse_secret, public_part
from second_edition.aws.secret_shape import shape_of
from second_edition.plain import whole

Json = dict[str, Any]

WRITE: Final = "PutEmailIdentityDkimSigningAttributes"
WRITE_FIELDS: Final = ("DkimStatus", "DkimTokens", "SigningHostedZone")
BODIES: Final = frozenset(
    {
        "GetCallerIdentity", "GetEmailIdentity", "ListObjectsV2", "ChangeResourceRecordSets", "GetChange",
        "GetHostedZone", "GetIdentityDkimAttributes",
    }
)  # fmt: skip
STORED: Final = "GetSecretValue"
STORED_FIELDS: Final = ("ARN", "CreatedDate", "Name", "VersionId", "VersionStages")
READ_FIELDS: Final = ("entries", "defect", "shape")  # what the procedure read in a secret's text
ENTRY_FIELDS: Final = ("selector", "dns_record", "s3_key_path", "domain", "s3_bucket")
OBJECTS: Final = frozenset({"GetObject", "HeadObject", "PutObject"})
HEADERS: Final = (
    "content-length",
    "etag",
    "last-modified",
    "x-amz-checksum-sha256",
    "x-amz-delete-marker",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-server-side-encryption",
    "x-amz-version-id",
)
LARGEST: Final = 32 * 1024  # characters of a body
#: An identity has up to 20 policies of 4 KB each, and a run that saw it has to hold SES's answer.
LARGEST_OF: Final[Mapping[str, int]] = {"GetEmailIdentity": 256 * 1024}


class Keeper:
    """Keeps answers, each body once: one that is the same as before is named by its digest.

    A request id would not do: an endpoint may give one twice or none, and one that looks like a key is masked.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def keep(self, operation: str, answer: Any) -> Json:
        """Return what is kept of an HTTP answer: nothing, or ``raw`` (``body``, ``headers``, ``fields``, ``same_as``).

        Args:
            operation: its name.
            answer: botocore's, with ``status_code``, ``headers``, and ``text`` where it is not a stream.
        """
        found = kept(operation, answer)
        if not found:
            return {}
        sha256 = digest(found)
        if (operation, sha256) in self._seen:
            return {"raw": {"same_as": sha256}}
        self._seen.add((operation, sha256))
        return {"raw": found}


def digest(found: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of what is kept of an answer, with numbers as the journal spells them."""
    return hashlib.sha256(json.dumps(whole(found), sort_keys=True).encode()).hexdigest()


def kept(operation: str, answer: Any) -> Json:
    """Return what of an HTTP answer is kept raw; nothing where it may hold a secret, or tells no fact."""
    if answer.status_code >= 300:  # it tells no fact, and may quote anything
        return {}
    if operation in OBJECTS:
        headers: Mapping[str, str] = {name.lower(): value for name, value in answer.headers.items()}
        return {"headers": {name: headers[name] for name in HEADERS if name in headers}}
    if operation in BODIES:
        length = len(answer.text)
        return {"body": answer.text} if length <= LARGEST_OF.get(operation, LARGEST) else {"too_long": length}
    if operation not in (STORED, WRITE):
        return {}
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    if operation == WRITE:
        return {"fields": {name: body[name] for name in WRITE_FIELDS if name in body}}
    return {"fields": {name: body[name] for name in STORED_FIELDS if name in body} | _entries(body)}


def _entries(body: Json) -> Json:
    """Return what a secret's text says of key records."""
    text: str | bytes = str(body.get("SecretString") or "")
    if not text:  # base64, which botocore takes off later
        with contextlib.suppress(ValueError):
            text = base64.b64decode(str(body.get("SecretBinary", "")))
    entries, defect = parse_secret(text)
    return {
        "entries": [
            {
                "selector": one.selector,
                "dns_record": {"value": public_part(one.dns_value)},
                "s3_key_path": one.key_path,
                "domain": one.domain,
                "s3_bucket": one.bucket,
            }
            for one in entries
        ],
        "defect": defect,
    } | ({} if defect else {"shape": shape_of(text)})
