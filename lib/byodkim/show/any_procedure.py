"""What a record of any procedure shows: a campaign's has sections of its own."""

from __future__ import annotations

from byodkim.record.record import Record
from byodkim.show import first_screen, sections
from byodkim.show.section import Section


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        return campaign.headline(record)
    return first_screen.headline(record)


def sections_of(record: Record, step: str) -> list[Section]:
    """Return what a step of the record's notebook shows."""
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        return [show(record) for show in campaign.SECTIONS[step]]
    return [show(record) for show in sections.SECTIONS[step]]


def page_sections(record: Record) -> list[Section]:
    """Return what a page shows below its first screen, without the steps that did not happen."""
    shown = sections.PAGE
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        shown = campaign.PAGE
    made = [show(record) for show in shown]
    return [each for each in made if each.body and each.status != "skipped"]
