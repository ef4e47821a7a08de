"""The operations by which a secret forgets a selector that was left, and nothing else.

Each write looks first whether the secret's versions are still those that it was asked about, and is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws import key_store, secret_text
from byodkim.aws.key_store import Entry, Version
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import storing
from byodkim.custody.refusal import reading
from byodkim.custody.storing import CURRENT, PENDING
from byodkim.dkim.names import check_selector

PREVIOUS: Final = "AWSPREVIOUS"

Json = dict[str, Any]


class ClearingOperations:
    """A part of the custodian's duties. The secret's text, which may hold more than is public, stays in here."""

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def clearable(self, secret_id: str, selector: str, domain: str = "") -> str:
        """Why the version in force cannot be had without ``selector``: a code of ``SecretUnfit``, "" where it can."""
        client = self.clients.get("secretsmanager")
        found = reading("GetSecretValue", lambda: client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT))
        try:
            secret_text.without_entry(key_store.text_of(found), check_selector(selector), domain)
        except secret_text.SecretUnfit as unfit:
            return unfit.code
        return ""

    def clear(self, secret_id: str, selector: str, base: str, version: str, domain: str = "") -> Json:
        """A new version of the secret, pending: ``base``, which is in force, without what it says of ``selector``.

        Args:
            secret_id: the secret.
            selector: that was left.
            base: the id of the version in force.
            version: the id of the new one; a version of that id that is there already is left as it is.
            domain: whose selector it is; "" for whoever names it.

        Source: AWS Secrets Manager API reference, PutSecretValue (ClientRequestToken, VersionStages).
        """
        client = self.clients.get("secretsmanager", WRITE)
        return _guarded(lambda: _clear(client, secret_id, (check_selector(selector), domain), base, version))

    def unlabel(self, secret_id: str, selector: str, version: str, domain: str = "") -> Json:
        """Takes AWSPREVIOUS off a version that names ``selector``: it has no label left then, and is deprecated.

        ``domain`` is whose selector it is; "" for whoever names it.

        Source: AWS Secrets Manager API reference, UpdateSecretVersionStage (a version without labels is deprecated, and
        Secrets Manager may delete it; RemoveFromVersionId must be the version that has the label).
        """
        client = self.clients.get("secretsmanager", WRITE)
        return _guarded(lambda: _unlabel(client, secret_id, (check_selector(selector), domain), version))


def _clear(client: Any, secret_id: str, left: tuple[str, str], base: str, version: str) -> Json:
    found = client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT)
    if found.get("VersionId") != base:
        return storing.refused("VersionChanged")
    pending = _version(client, secret_id, PENDING)
    if pending is not None and pending.version_id not in (base, version):
        return storing.refused("RotationUnderWay")
    # Putting the new version in force takes AWSPREVIOUS off the one that has it now.
    if not _held_elsewhere(client, secret_id, _version(client, secret_id, PREVIOUS), left):
        return storing.refused("EntryOnlyThere")
    try:
        text = secret_text.without_entry(key_store.text_of(found), *left)
    except secret_text.SecretUnfit as unfit:
        return storing.refused(f"Secret {unfit.code}")
    return storing.pend(client, secret_id, found, text, version)


def _unlabel(client: Any, secret_id: str, left: tuple[str, str], version: str) -> Json:
    found = _version(client, secret_id, PREVIOUS)
    if found is None or found.version_id != version or not _split(found, left)[0]:
        return storing.refused("VersionChanged")
    if not _held_elsewhere(client, secret_id, found, left):
        return storing.refused("EntryOnlyThere")
    request = {"SecretId": secret_id, "VersionStage": PREVIOUS, "RemoveFromVersionId": version}
    return storing.once("UpdateSecretVersionStage", lambda: client.update_secret_version_stage(**request))


def _split(version: Version, left: tuple[str, str]) -> tuple[set[Entry], set[Entry]]:
    """Return what a version says of a domain's selector, and of all others."""
    selector, domain = left
    own = {one for one in version.entries if one.selector == selector and one.is_of(domain)}
    return own, {*version.entries} - own


def _held_elsewhere(client: Any, secret_id: str, version: Version | None, left: tuple[str, str]) -> bool:
    """Return whether all that a version says of other selectors stands in the version in force too."""
    if version is None:
        return True
    current = _version(client, secret_id, CURRENT)
    others = _split(version, left)[1]
    return (
        current is not None
        and (version.entries or version.defect in ("", "no-entry"))
        and others <= set(current.entries)
    )


def _version(client: Any, secret_id: str, stage: str) -> Version | None:
    try:
        return key_store.read_version(client, secret_id, stage)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException" and stage != CURRENT:
            return None
        raise


def _guarded(write: Callable[[], Json]) -> Json:
    """Return what a write came to; where what it must see first could not be read, it was not made."""
    try:
        return write()
    except (ClientError, BotoCoreError) as error:
        return {"error": storing.described("GetSecretValue", error) | {"unclear": False}}
