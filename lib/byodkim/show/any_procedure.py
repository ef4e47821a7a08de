"""What a record of any procedure shows: a campaign's has sections of its own."""

from byodkim.record.record import Record
from byodkim.show import first_screen, sections
from byodkim.show.section import Section
from byodkim.show.sections import Show


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    first, _steps, _page = _screens(record)
    return first(record)


def sections_of(record: Record, step: str) -> list[Section]:
    """Return what a step of the record's notebook shows."""
    _first, steps, _page = _screens(record)
    return [show(record) for show in steps[step]]


def page_sections(record: Record) -> list[Section]:
    """Return what a page shows below its first screen, without the steps that did not happen."""
    _first, _steps, page = _screens(record)
    made = [show(record) for show in page]
    return [each for each in made if each.body and each.status != "skipped"]


def _screens(record: Record) -> tuple[Show, dict[str, tuple[Show, ...]], tuple[Show, ...]]:
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        return campaign.headline, campaign.SECTIONS, campaign.PAGE
    return first_screen.headline, sections.SECTIONS, sections.PAGE
