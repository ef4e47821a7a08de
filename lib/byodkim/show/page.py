"""A record as one HTML page: no script, nothing from elsewhere, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from byodkim.record.record import Record
from byodkim.show import first_screen, frames, mail, sections
from byodkim.show.commands import record_name
from byodkim.show.section import Code, Facts, Part, Section, Strong
from byodkim.show.table import table_of
from byodkim.show.text import visible
from byodkim.words import _, language, n_


class Block(NamedTuple):
    """A part of a section as the template knows it."""

    kind: str
    content: Any


def page(record: Record) -> str:
    """Return a record as an HTML page in the language of this process."""
    first = first_screen.headline(record)
    shown = [show(record) for show in sections.PAGE]
    return render(
        "record.html",
        title=f"{record_name(record)} {first_screen.outcome(record)}",
        outcome=first_screen.outcome(record),
        headline=record.headline,
        tone=first.status,
        cautions=mail.cautions(record),
        blocks=[_block(part) for part in _first_screen(record)],
        sections=[_section(each) for each in shown if each.body and each.status != "skipped"],
        ending=_("This page shows the journal {name}.journal.jsonl of run {run}, byodkim {version}."
                 " `byodkim verify` checks its signature.", name=record_name(record),
                 run=record.begun.run, version=record.begun.version),
    )  # fmt: skip


def render(template: str, **values: Any) -> str:
    """Return a page from a template, its style within it and named in its policy."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    own = {"style": Markup(style), "policy": Markup(policy), "language": language()}  # noqa: S704
    return _environment().get_template(template).render(**own, **values)


def _first_screen(record: Record) -> list[Part | Section]:
    """Return the first screen below its headline; fields of the identity that stay are folded."""
    frame = frames.before_and_after(record)
    is_diary = frame["field"].str.endswith("Timestamp")  # SES writes it whatever a run does
    has_changed = frame["changed"].fillna(value=False) & ~is_diary
    is_shown = has_changed | (frame.index < frames.FIRST_ROWS)
    rest = frame[~is_shown]
    more = n_("{count} more field", "{count} more fields", len(rest))
    return [
        *first_screen.answered(record),
        frame[is_shown],
        *([Section(more, (rest,), folded=True)] if len(rest) else []),
    ]


def _section(section: Section) -> dict[str, Any]:
    blocks = [_block(part) for part in section.body]
    return {
        "heading": section.heading,
        "folded": section.folded,
        "tone": section.status,
        "blocks": blocks,
    }


def _block(part: Part | Section) -> Block:
    match part:
        case Section():
            return Block("section", _section(part))
        case pd.DataFrame():
            return Block("table", table_of(part))
        case Facts(rows):
            return Block("facts", rows)
        case Code(code):
            return Block("code", code)
        case Strong(caution):
            return Block("caution", caution)
        case _:
            return Block("paragraph", part)


@cache
def _environment() -> Environment:
    return Environment(
        autoescape=True, finalize=_escapable, loader=PackageLoader("byodkim.show"),
        lstrip_blocks=True, trim_blocks=True, undefined=StrictUndefined,
    )  # fmt: skip


def _escapable(value: Any) -> Any:
    """Return what the template escapes: text in which nothing is invisible."""
    return value if isinstance(value, Markup) else visible(value)


@cache
def _style() -> str:
    return files("byodkim.show").joinpath("templates", "page.css").read_text("utf-8")
