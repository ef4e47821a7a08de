"""What earlier runs of the same folder tell, and how they found a key record."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Mode = Literal["plan", "apply"]


#: SES shows these of a selector that it verified once.
HAS_WORKED = ("SUCCESS", "TEMPORARY_FAILURE")


class Sighting(Struct, frozen=True):
    """How the servers stood to one selector's key record when a run looked.

    Attributes:
        at: when.
        key_sha256: of the key that every server published; "" where not all of them published one
            and the same key.
        ttl: the longest TTL seen, in seconds.
        negative_ttl: the longest negative-caching time seen, in seconds.
    """

    at: datetime
    key_sha256: str
    ttl: int = 0
    negative_ttl: int = 0


class PastRun(Struct, frozen=True):
    """What a sealed run of the same folder tells later runs. It is the predicate of its seal.

    Attributes:
        name: of the record's files, without an ending.
        run: its id.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        mode, outcome: as the record says.
        target: ``aws``, or ``sandbox/`` and which one: each sandbox has keys of its own.
        account, region, domain: the identity.
        selector: the selector it asked for.
        previous: the selector that SES showed before; previous_status: the status that SES showed
            for it.
        key_sha256: the requested selector's key; previous_key_sha256: the previous one's.
        key_place, previous_key_place: ``s3://`` addresses of the key objects, with version.
        wrote: whether SES has or may have the key by this run.
        written_at: when the write was made.
        verified_at: when SES was first seen to have verified the requested selector; ``None`` where
            it was not.
        sightings: by selector, oldest first, one or two for each state.
        opened_at, closed_at: when the run began and ended.
        signer: fingerprint of the sealing key (filled in by whoever verified the seal).
    """

    name: str
    run: str
    procedure: str
    mode: Mode
    outcome: str
    target: str
    account: str
    region: str
    domain: str
    selector: str
    opened_at: datetime
    closed_at: datetime
    previous: str = ""
    previous_status: str = ""
    key_sha256: str = ""
    previous_key_sha256: str = ""
    key_place: str = ""
    previous_key_place: str = ""
    wrote: bool = False
    written_at: datetime | None = None
    verified_at: datetime | None = None
    sightings: dict[str, tuple[Sighting, ...]] = {}
    signer: str = ""


class OpenRun(Struct, frozen=True):
    """A run that was killed before it closed its record. Nothing in it is proved.

    Attributes:
        name: of its journal, without the ending.
        selector: the selector it asked for.
        intended_at: when it recorded that it was about to write to SES; ``None`` where it did not
            come so far.
        answered: whether the journal holds a clear answer to that write.
        before: the selector that it was about to replace.
        key_sha256: of the key that it was about to set.
        domain, account, region: the identity.
        procedure: that it was of.
    """

    name: str
    selector: str
    domain: str
    account: str
    region: str
    intended_at: datetime | None = None
    answered: bool = False
    before: str = ""
    key_sha256: str = ""
    procedure: str = ""


class History(Struct, frozen=True):
    """Runs of this folder about the same identity, oldest first, and those that were killed."""

    runs: tuple[PastRun, ...] = ()
    unfinished: tuple[OpenRun, ...] = ()

    def keys_of(self, selector: str) -> set[str]:
        """Return the fingerprints of every key that a run saw or gave SES for a selector."""
        pairs = [(run.selector, run.key_sha256) for run in self.runs]
        pairs += [(run.previous, run.previous_key_sha256) for run in self.runs]
        return {sha256 for name, sha256 in pairs if name == selector and sha256}

    def worked(self, selector: str) -> list[PastRun]:
        """Return the runs that saw SES sign with a selector, verified."""
        return [
            run
            for run in self.runs
            if (run.selector == selector and run.verified_at)
            or (run.previous == selector and run.previous_status in HAS_WORKED)
        ]

    def retired(self, selector: str) -> list[str]:
        """Return the names of the runs that retired a selector, in any account and Region."""
        return [r.name for r in self.runs if (r.outcome, r.selector) == ("RETIRED", selector)]

    def last_write(self) -> PastRun | None:
        """Return the newest run that gave SES a key."""
        return next((run for run in reversed(self.runs) if run.wrote), None)
