"""Events of a campaign: the plan run looks at every identity, the apply runs begin one run an identity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from second_edition.events.parts import Durable, Event, Part
from second_edition.plain import moment
from second_edition.rotation import waves
from second_edition.rotation.outcome import Outcome

#: Outcomes of an identity's run by which SES was written to.
WRITTEN: Final = frozenset({Outcome.SWITCHED, Outcome.SWITCHED_PENDING})
#: Checks that fail until the secret or the key object is written again.
OF_VERSION: Final = ("SECRET-", "STORE-", "KEY-")


class Looked(Event):
    """Record how far a plan run is.

    Attributes:
        known: identities planned so far, of ``all``.
        sha256: of the plan's file by then (hex).
        left_s: seconds that the rest takes; ``None`` where that is not known.
    """

    known: int
    all: int
    sha256: str
    left_s: float | None


class Surveyed(Event):
    """Every identity was looked at.

    Attributes:
        table: name of the identities' file, with its SHA-256 (hex); "" for none.
        rows: how many identities.
        counts: by group: ``ready``, ``there``, and what stands against the others.
        whom: what stands against those that are not ready: group, check, and against how many.
        file: name of the plan's file, with its SHA-256 (hex).
        made: calls to AWS by operation.
        waived: waivers of the table's rows: text, for how many that are ready, and the first of them.
        early: how many that are ready TIME-ACTIVATE refuses ``until`` a time (ISO 8601), the latest of theirs.
    """

    table: str
    table_sha256: str
    rows: int
    counts: Mapping[str, int]
    whom: tuple[tuple[str, str, int], ...]
    file: str
    sha256: str
    made: Mapping[str, int]
    waived: tuple[tuple[str, int, str], ...] = ()
    early: int = 0
    until: str = ""


class Filed(Event):
    """A file was written beside the record.

    Attributes:
        file: its name, with its SHA-256 (hex).
        what: ``table``, or ``back`` for the table that takes all back.
    """

    file: str
    sha256: str
    what: str


class Recalled(Event):
    """The plan that an apply run carries out.

    Attributes:
        of: id of the plan run.
        began: when the campaign's first apply run that a trusted key signed began, or this one (ISO 8601).
        counts: by ``switched``, ``pending`` and ``failed``.
        left: how many were begun and have not ended.
        waived: as of ``Surveyed``.
    """

    of: str
    began: str
    counts: Mapping[str, int]
    left: int
    waived: tuple[tuple[str, int, str], ...] = ()


class Ended(Part):
    """Record what one identity's run came to.

    Attributes:
        number: of the identity, in the order of the plan's tree.
        domain, selector: what it was asked for.
        outcome: "" where no record closed.
        record, journal: paths below the campaign's folder, "" for none.
        run, head: id, and SHA-256 (hex) of the journal's last line.
        ended_at: ISO 8601.
        why: first sentence of the error that ended it.
        by: the campaign's run that wrote it down first; "" for this one.
        again: SES refused its write as one call too many, so it is run once more.
        touched: SES took its write, or may have.
        stopped_by: first check that refused it.
        stays: it cannot go back: the selector before was never seen verified, or there was none.
        earlier: its run gave SES nothing, and an earlier one of the campaign had given it the selector.
    """

    number: int
    domain: str
    selector: str
    outcome: str
    record: str
    journal: str
    run: str
    head: str
    ended_at: str
    why: str
    by: str
    again: bool
    touched: bool
    stopped_by: str
    stays: bool = False
    earlier: bool = False

    def __post_init__(self) -> None:
        """Refuse a time that is none, with a ``ValueError``: later runs reckon with it."""
        moment(self.ended_at)

    @property
    def to_be_planned(self) -> bool:
        """Return whether it needs a new plan: this one does not hold for it, or will not once it is mended."""
        return self.of_version or self.unverified or self.stopped_by == "PLAN-APPROVED"

    @property
    def of_version(self) -> bool:
        """Return whether secret or key object have another version than the planned one once they are mended."""
        return self.stopped_by.startswith(OF_VERSION)

    @property
    def came(self) -> waves.Came:
        """Return what it is to the waves."""
        return waves.came(self.outcome)

    @property
    def written(self) -> bool:
        """Return whether SES has the selector by the campaign: by this run, or by an earlier one of the identity."""
        return self.outcome in WRITTEN or self.earlier

    @property
    def unverified(self) -> bool:
        """Return whether an earlier run gave SES the selector, and this one failed: it did not see it verified."""
        return self.earlier and self.came is waves.Came.FAILED

    @property
    def unclear(self) -> bool:
        """Return whether it may have written and did not end verified or pending: its own record says more."""
        return self.touched and self.came is waves.Came.FAILED and not self.stopped_by

    @property
    def aside(self) -> bool:
        """Return whether it was left as it is: SES shows another selector, and the record of its own run is gone."""
        return self.touched and bool(self.stopped_by)

    @property
    def for_waves(self) -> waves.Ended:
        """Return it as the waves take it."""
        return waves.Ended(self.came, datetime.fromisoformat(self.ended_at))


class Resumed(Durable):
    """An earlier apply run of the campaign is taken up.

    Attributes:
        of: ids of the earlier ones.
        ended: what their identities came to.
        left: numbers of those that were begun and have not ended.
    """

    of: tuple[str, ...]
    ended: tuple[Ended, ...]
    left: tuple[int, ...]


class Lane(Part):
    """The waves of one account and Region, each the numbers of its identities."""

    name: str
    waves: tuple[tuple[int, ...], ...]


class Laid(Event):
    """In which order the identities are begun."""

    lanes: tuple[Lane, ...]


class Started(Durable):
    """An identity's run is about to begin.

    Attributes:
        plan: digest of its plan (hex).
        place_sha256: SHA-256 (hex) of the file with its place in the campaign's plan.
    """

    number: int
    record: str
    domain: str
    selector: str
    plan: str
    place_sha256: str


class EndedRun(Durable, tag="ended"):
    """An identity's run has ended. ``code``: its exit code; the rest as in ``Ended``."""

    code: int
    number: int
    domain: str
    selector: str
    outcome: str
    record: str
    journal: str
    run: str
    head: str
    ended_at: str
    why: str
    by: str
    again: bool
    touched: bool
    stopped_by: str
    stays: bool = False
    earlier: bool = False

    def __post_init__(self) -> None:
        """Refuse a time that is none, with a ``ValueError``: later runs reckon with it."""
        Event.__post_init__(self)
        moment(self.ended_at)

    @property
    def ended(self) -> Ended:
        """Return what it came to."""
        return Ended(**{name: getattr(self, name) for name in Ended.__struct_fields__})


class ReadFor(Event):
    """Record how many reads were made for several runs at once, by lane."""

    lanes: Mapping[str, Mapping[str, int]]


class Halted(Event):
    """No more runs are begun. ``why``: ``done``, ``failures``, ``pending``, ``earlier`` or ``asked``."""

    why: str
