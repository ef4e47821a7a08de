"""A record as one HTML page: no script, nothing from elsewhere, everything escaped."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from byodkim.record.record import Record
from byodkim.show.commands import record_name
from byodkim.show.first_screen import outcome_name
from byodkim.show.notebook import headline, page_sections
from byodkim.show.section import visible
from byodkim.words import _, language


def page(record: Record) -> str:
    """Return a record as an HTML page in the language of this process."""
    outcome = outcome_name(record.outcome)
    return render(
        "record.html",
        title=f"{record_name(record)} {outcome}",
        outcome=outcome,
        headline=record.headline,
        first=headline(record),
        sections=page_sections(record),
        ending=_("This page shows the journal {name}.journal.jsonl of run {run}, byodkim {version}."
                 " `byodkim verify` checks its signature.", name=record_name(record),
                 run=record.begun.run, version=record.begun.version),
    )  # fmt: skip


def render(template: str, **values: Any) -> str:
    """Return a page from a template, its style within it and named in its policy.

    Values may be texts, sections and their parts: ``parts.html`` shows them.
    """
    style = files("byodkim.show").joinpath("templates", "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    own = {"style": Markup(style), "policy": Markup(policy), "language": language()}  # noqa: S704
    return _environment().get_template(template).render(**own, **values)


@cache
def _environment() -> Environment:
    return Environment(
        autoescape=True, finalize=_escapable, loader=PackageLoader("byodkim.show"),
        lstrip_blocks=True, trim_blocks=True, undefined=StrictUndefined,
    )  # fmt: skip


def _escapable(value: Any) -> Any:
    """Return what the template escapes: text in which nothing is invisible."""
    return value if isinstance(value, Markup) else visible(value)
