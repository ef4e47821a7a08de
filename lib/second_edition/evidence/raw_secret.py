"""Compare what a run says of the secret with the raw answers of Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from second_edition.rotation.observation import SecretVersion

Json = Mapping[str, Any]
#: Defects of a selector's entry. Where the version itself has one, what is said of the selector stands in another.
_OF_SELECTOR: Final = ("", "selector-absent", "two-values", "selector-twice")


def entries_of(domain: str, fields: Json) -> list[Json]:
    """Return what a version of the secret says of a domain's selectors."""
    return [entry for entry in fields["entries"] if entry["domain"] in ("", domain)]


def is_version(selector: str, secret: SecretVersion, fields: Json, versions: Iterable[Json], domain: str) -> bool:
    """Return whether a version's raw answer, ``fields``, is what a run says of it.

    What the run says of the selector stands there; where that version is damaged, in the first of ``versions`` with it.
    """
    entries = entries_of(domain, fields)
    told = entries if secret.defect in _OF_SELECTOR else _first_telling(selector, versions, domain)
    named = [one for one in told if one["selector"] == selector]
    own = [(one["dns_record"]["value"], one["s3_key_path"], one["s3_bucket"]) for one in named]
    return (
        secret.stage in fields["VersionStages"]
        and datetime.fromisoformat(secret.created) == datetime.fromtimestamp(int(fields["CreatedDate"]), UTC)
        and list(secret.selectors) == [one["selector"] for one in entries]
        and (secret.dns_value, secret.key_path, secret.bucket) == (own[0] if len(own) == 1 else ("", "", ""))
    )


def _first_telling(selector: str, versions: Iterable[Json], domain: str) -> list[Json]:
    """Return the entries of the current version, or else of the one before it, where that names the selector."""
    found = {stage: entries_of(domain, fields) for fields in versions for stage in fields["VersionStages"]}
    telling = (found.get(stage, []) for stage in ("AWSCURRENT", "AWSPREVIOUS"))
    return next((one for one in telling if any(_alike(entry, selector) for entry in one)), [])


def _alike(entry: Json, selector: str) -> bool:
    return bool(entry["selector"].lower() == selector.lower())
