"""Enter a new selector into the secret: as a pending version first, which is then made current.

Layouts are those of ``secret``. Fields that are not known stay as they are. Where an entry is
replaced, a field that belongs to the old key would be wrong beside the new one: it is refused.
"""

import json
import re
from typing import Any, Final

from botocore.exceptions import ClientError
from msgspec import Struct

from byodkim.aws.errors import code_of
from byodkim.aws.key_object import versioning_of
from byodkim.aws.secret import Malformed, parse
from byodkim.aws.session import Clients, write
from byodkim.checks.facts import Entry, Store
from byodkim.custody.private_key import holds_private_key
from byodkim.custody.settings import KeyPlace, PutAnswer, version_for

#: Secrets Manager, "Quotas": a secret's value has so many bytes at most.
MOST_BYTES: Final = 65536
#: Names of fields that belong to one key, such as public_key, expires_at, created or sha256.
OF_A_KEY: Final = re.compile(
    r"key|pub|expir|creat|issue|date|time|_at$|valid|finger|sha|hash|digest|status|state|bits"
    r"|version|serial|generation|previous|ttl|cert|pem|rotat",
    re.IGNORECASE,
)
#: Fields of an entry that are rewritten.
REWRITTEN: Final = frozenset(
    {"selector", "domain", "dns_record", "dns_record.value", "s3_bucket", "s3_key_path"}
)


class Misfit(Exception):
    """The secret takes no entry. Its text is the part that is why."""


class NewEntry(Struct, frozen=True):
    """What is entered.

    Attributes:
        domain: the signing domain.
        selector: its name.
        record: value of the key record.
        place: of the private key.
    """

    domain: str
    selector: str
    record: str
    place: KeyPlace


def enter(clients: Clients, secret_id: str, base: str, key_sha256: str, new: NewEntry) -> PutAnswer:
    """Store a pending version with a new entry, in one attempt (PutSecretValue, AWSPENDING).

    Args:
        clients: of the run.
        secret_id: of the secret.
        base: VersionId that must be AWSCURRENT: another hand's change is never overwritten.
        key_sha256: of the new key.
        new: the entry.
    """
    version, text = read_current(clients, secret_id)
    if version != base:
        return PutAnswer("rejected", "SecretChanged")
    try:
        entered = with_entry(text, new)
    except Misfit:
        return PutAnswer("rejected", "SecretMisfit")
    return write(
        clients,
        "secretsmanager",
        lambda client: client.put_secret_value(
            SecretId=secret_id,
            ClientRequestToken=version_for(base, new.selector, key_sha256),
            SecretString=entered,
            VersionStages=["AWSPENDING"],
        ),
        lambda answer: {"VersionId": str(answer["VersionId"])},
    )


def promote(clients: Clients, secret_id: str, base: str, version: str) -> PutAnswer:
    """Make a version current in the place of ``base``, in one attempt (UpdateSecretVersionStage).

    AWS refuses where another version than ``base`` is AWSCURRENT.
    """
    return write(
        clients,
        "secretsmanager",
        lambda client: client.update_secret_version_stage(
            SecretId=secret_id,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version,
            RemoveFromVersionId=base,
        ),
    )


def read_store(
    clients: Clients, secret_id: str, domain: str, selector: str, place: KeyPlace
) -> Store:
    """Return what a new selector meets in bucket and secret. Its entry is tried, not stored.

    Reads with GetBucketVersioning and GetSecretValue.
    """
    versioning = versioning_of(clients, place.bucket)
    text, misfit = read_current(clients, secret_id)[1], ""
    pending = _pending_entry(clients, secret_id, domain, selector)
    try:
        with_entry(text, NewEntry(domain, selector, "v=DKIM1; p=", place))
    except Misfit as error:
        misfit = str(error)
    return Store(versioning, misfit, pending)


def _pending_entry(clients: Clients, secret_id: str, domain: str, selector: str) -> Entry | None:
    """Return what AWSPENDING says of a selector; ``None`` where it says nothing."""
    try:
        entries = parse(json.loads(read_current(clients, secret_id, "AWSPENDING")[1]))[1]
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    except (Malformed, ValueError):
        return None
    named = [each for each in entries if each.selector == selector]
    return next((each for each in named if each.domain in ("", domain)), None)


def read_current(clients: Clients, secret_id: str, stage: str = "AWSCURRENT") -> tuple[str, str]:
    """Return VersionId and text of a stage.

    Raises:
        BotoCoreError, ClientError, LookupError: it could not be read.
    """
    client = clients.reader("secretsmanager")
    answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
    return str(answer["VersionId"]), str(answer["SecretString"]).removeprefix("\ufeff")


def with_entry(text: str, new: NewEntry) -> str:
    """Return a secret's text with a new entry. What it says of other selectors stays.

    Raises:
        Misfit: it has no documented layout, names the selector already, has a field of the old key
            beside an entry that would be replaced, or would be too long.
    """
    try:
        content = json.loads(text, object_pairs_hook=_unique)
        layout, entries = parse(content)
    except Malformed as error:
        raise Misfit(str(error)) from None
    except ValueError:
        raise Misfit("JSON") from None
    if holds_private_key(text):
        raise Misfit("private key")
    if any(each.selector == new.selector for each in entries if each.domain in ("", new.domain)):
        raise Misfit(new.selector)
    if layout == "domains":
        # A name may be spelled in Unicode.
        names = [each for each in content if _ascii(each) == new.domain]
        name = names[0] if names else new.domain
        content = content | {name: _entered(content[name], new) if names else _entry(new)}
    else:
        content = _entered(content, new)
    entered = json.dumps(content, ensure_ascii=False)
    if len(entered.encode()) > MOST_BYTES:
        raise Misfit("length")
    return entered


def _entered(content: dict[str, Any], new: NewEntry) -> dict[str, Any]:
    """Return a list of selectors with one more, or a single entry replaced."""
    if "selectors" in content:
        return content | {"selectors": [*content["selectors"], _entry(new)]}
    old = content["selector"]
    if _ascii(str(content.get("domain") or new.domain)) != new.domain:
        raise Misfit("domain")
    for name, value in content.items():
        if name not in REWRITTEN and (OF_A_KEY.search(name) or old in json.dumps(value)):
            raise Misfit(name)
    record = content.get("dns_record", {})
    if not isinstance(record, dict) or set(record) - {"value", "type", "name"}:
        raise Misfit("dns_record")
    entry = _entry(new)
    if "dns_record.value" in content:
        entry = {"dns_record.value": entry.pop("dns_record")["value"], **entry}
    return {name: value for name, value in content.items() if name not in REWRITTEN} | entry


def _entry(new: NewEntry) -> dict[str, Any]:
    name = f"{new.selector}._domainkey.{new.domain}"
    return {
        "selector": new.selector,
        "domain": new.domain,
        "dns_record": {"name": name, "type": "TXT", "value": new.record},
        "s3_bucket": new.place.bucket,
        "s3_key_path": new.place.key,
    }


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are all different: of two, one would be lost."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def _ascii(name: str) -> str:
    plain = name if name.isascii() else name.encode("idna").decode()
    return plain.lower().rstrip(".")
