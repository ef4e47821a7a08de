"""The secret's versions by their labels, and how a selector that was left goes from them. Pure.

The version in force gets a successor without the entry. Where a version is the previous one and names the selector, its
label goes: a version without labels is deprecated, and Secrets Manager may delete it. AWSCURRENT is only ever moved on
to that successor, and what any version says of another selector stays to be had.
Source: AWS Secrets Manager User Guide, "What's in a Secrets Manager secret?"; API reference, UpdateSecretVersionStage.
"""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Struct

from byodkim.rotation.findings import phrase

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
CLEAR: Final = "PutSecretValue"
PROMOTE: Final = "UpdateSecretVersionStage AWSCURRENT"
RELEASE: Final = "UpdateSecretVersionStage AWSPENDING"
UNLABEL: Final = "UpdateSecretVersionStage AWSPREVIOUS"
NAMES_NONE: Final = "no-entry"
#: Why the selector's entry cannot be taken out of the secret.
UNFIT: Final = {
    "own": phrase("the secret itself is this entry: AWSCURRENT names it as the selector"),
    "last": phrase("it is the secret's only entry"),
    "shape": phrase("other entries stand inside it, and would go with it"),
    "absent": phrase("the version in force has changed meanwhile"),
    **dict.fromkeys(("not-json", "binary"), phrase("the secret is not JSON")),
    "no-entry": phrase("the secret has no entry"),
    "no-path": phrase("s3_key_path of the entry is null, or no text"),
    "private-key-inside": phrase("a private key stands where a public value belongs"),
}


def version_id(*parts: str) -> str:
    """Return the id of a version of the secret that follows from how it is made."""
    made = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:32]))


class Labelled(Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the secret, under one of its labels.

    Attributes:
        stage: the label.
        version_id: its id.
        selectors: whose entries stand in it.
        only_here: those of them whose entry the version in force does not have, or has otherwise.
        defect: why its entries are not known, "" where they are.
    """

    stage: str
    version_id: str
    selectors: tuple[str, ...] = ()
    only_here: tuple[str, ...] = ()
    defect: str = ""

    @property
    def unclear(self) -> bool:
        """Return whether it may name selectors that are not known."""
        return self.defect not in ("", NAMES_NONE)


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what was seen of the secret.

    Attributes:
        name: the secret.
        versions: by label.
        unfit: why the version in force cannot be had without the selector, "" where it can or does not name it.
        unread: why the versions could not be read.
    """

    name: str = ""
    versions: tuple[Labelled, ...] = ()
    unfit: str = ""
    unread: str = ""

    def at(self, stage: str) -> Labelled:
        """Return the version under a label; an empty one where there is none."""
        return next((one for one in self.versions if one.stage == stage), Labelled(stage, ""))

    @property
    def labels(self) -> str:
        """Return which version has which label, in one line."""
        return " ".join(f"{one.stage}={one.version_id}" for one in self.versions)

    def naming(self, selector: str) -> tuple[str, ...]:
        """Return the labels under which it names the selector."""
        return tuple(one.stage for one in self.versions if selector in one.selectors)

    def version(self, selector: str, base: str) -> str:
        """Return the id of the version that is ``base`` without the selector: the same for every attempt."""
        return version_id("byodkim retire", self.name, base, selector)

    def rotating(self, selector: str) -> bool:
        """Return whether somebody else's version is pending: neither the one in force, nor retire's next one."""
        current, pending = self.at(CURRENT).version_id, self.at(PENDING).version_id
        return pending not in ("", current, self.version(selector, current))

    def only_there(self, selector: str) -> tuple[str, ...]:
        """Return the other selectors whose entries only the previous version has; they would be lost with its label."""
        return tuple(one for one in self.at(PREVIOUS).only_here if one != selector)

    def writes(self, selector: str) -> tuple[tuple[str, str], ...]:
        """Return the writes that are still missing, in order, each with the id of the version that it is about."""
        current, previous, pending = (self.at(stage) for stage in (CURRENT, PREVIOUS, PENDING))
        if selector in current.selectors:
            made = self.version(selector, current.version_id)
            begun = () if pending.version_id == made else ((CLEAR, made),)
            # The version in force becomes the previous one, and still names it.
            return (*begun, (PROMOTE, made), (RELEASE, made), (UNLABEL, current.version_id))
        # What an earlier run put in force is pending still.
        made = self.version(selector, previous.version_id) if previous.version_id else ""
        left_behind = bool(made) and pending.version_id == current.version_id == made
        found = ((RELEASE, made),) if left_behind else ()
        return (*found, (UNLABEL, previous.version_id)) if selector in previous.selectors else found
