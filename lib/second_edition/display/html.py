"""Pages as HTML by the templates beside this module: each one file that asks for nothing from elsewhere, and may not.

Every text is escaped, and what is invisible in it is shown.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape as html_escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from markupsafe import Markup, escape
from msgspec import Struct
from msgspec.structs import asdict

import second_edition
from second_edition.display.blocks import Block, Table, visible
from second_edition.messages import Language

if TYPE_CHECKING:
    from jinja2 import Environment

#: How a page begins: by this a file is known as one that may be replaced by another page of its kind.
RECORD_LINE: Final = "<!doctype html><!-- byodkim record -->"
SITE_LINE: Final = "<!doctype html><!-- byodkim site -->"
SHORT: Final = 16  # characters that stay on one line
LONG: Final = 24  # characters without a space that may be broken anywhere
# Data within a sentence: a selector, a name, an address, a time. Broken at a hyphen it would be misread.
DATA: Final = re.compile(
    r"\b(?:[0-9a-f]{32,}|(?=[\w/:@+=-]*[\d._/])[a-z0-9_]+(?:[-._/:@+=]+[a-z0-9_]+)+)\b", re.ASCII | re.IGNORECASE
)
#: An ARN, and the name that a person knows its resource by.
ARN: Final = re.compile(r"arn(?::[^:/]*){4}:(?:[a-z-]+/)?([^:]+)")
#: Where an ARN or an address may be broken; an entity that stands for a character is left whole.
PARTS: Final = re.compile(r"[/:](?=[\w-])")
#: The class of a cell: short text stays on one line, long text may break anywhere.
IS_SHORT: Final = Markup(' class="short"')
IS_LONG: Final = Markup(' class="long"')
IS_TEXT: Final = Markup("")


class Links(NamedTuple):
    """Pages that a reader can go to: file names and what is shown."""

    label: str
    pages: Sequence[tuple[str, str]]


class Figure(NamedTuple):
    """A drawing with what it means."""

    drawing: Markup
    caption: str


class Cell(NamedTuple):
    """A cell of code as it was executed, and what it showed."""

    title: str
    source: str
    outputs: Sequence[Block | Markup]


class Fold(NamedTuple):
    """Hold what a reader opens who wants it: its title, and what it holds. It is not printed while it is closed."""

    title: str
    parts: Sequence[Block]


Part = Block | Links | Figure | Cell | Fold | Markup


class Section(NamedTuple):
    """A section of a page.

    Attributes:
        result: what its step came to, beside its title; ``tone``: ``good``, ``wait``, ``bad``, or "" for no colour.
        folded: whether a reader opens it first.
    """

    anchor: str
    title: str
    parts: Sequence[Part]
    result: str = ""
    tone: str = ""
    folded: bool = False


class Page(Struct, frozen=True):
    """Hold what a page holds.

    Attributes:
        title: of the document.
        sections: below its header.
        heading: its own; "" for a record's, whose headline is its first block.
        links: where it leads in an archive: file names and what is shown; ``navigation``: what they are called.
        cautions: above all else: what is off, each with a word of warning or "".
        opened: the blocks of its header; ``waivers``: those of them that stand out; ``drawn``: the drawings below them.
        contents: what the list of its sections is called; "" for none.
        unprinted: what paper says of folded parts, where there are any.
        first_line: of its file, which tells a record's page from a site's.
    """

    title: str
    sections: Sequence[Section]
    heading: str = ""
    links: Sequence[tuple[str, str]] = ()
    navigation: str = ""
    cautions: Sequence[tuple[str, str]] = ()
    opened: Sequence[Block] = ()
    waivers: Sequence[Block] = ()
    drawn: Sequence[Figure] = ()
    contents: str = ""
    unprinted: str = ""
    first_line: str = RECORD_LINE


def document(page: Page, language: Language, *, script: bool = False) -> str:
    """Return a page as HTML.

    Args:
        page: what it holds.
        language: of its words.
        script: whether the one script of an archive's pages may run in it; else none may.
    """
    style = _text("page.css") + (f"\n{_text('site.css')}" if script else "")
    run = _text("site.js") if script else ""
    allowed = f"style-src {_hash(style)}" + (f"; script-src {_hash(run)}" if script else "")
    policy = f"default-src 'none'; {allowed}; img-src data:; base-uri 'none'; form-action 'none'"
    own = {"policy": Markup(policy), "style": Markup(style), "script": Markup(run)}  # noqa: S704 - of this package
    values = {**asdict(page), "language": language, "version": second_edition.__version__, **own}
    return environment().get_template("page.html").render(values)


def part(template: str, **values: Any) -> Markup:
    """Render a part of a page."""
    return Markup(environment().get_template(template).render(values))  # noqa: S704 - escaped by the template


@cache
def environment() -> Environment:
    """Return what renders the templates. Loads Jinja2, which only pages need."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        keep_trailing_newline=True,
        finalize=_finalized,
        loader=PackageLoader("second_edition.display"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {"sentence": sentence, "data": _data, "labels": _labels, "size": _size}
    made.tests |= {kind.__name__.lower(): _is(kind) for kind in (*get_args(Block), Links, Figure, Cell, Fold)}
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return made


def load_ahead() -> None:
    """Load what pages need, and compile their templates."""
    import mistune as mistune
    import nh3 as nh3

    for name in ("page.html", "blocks.html", "life.svg"):
        environment().get_template(name)


def sentence(text: str) -> Markup:
    """Render ``text`` as HTML, the data in it set apart."""
    return Markup(DATA.sub(_code, str(escape(visible(text)))))  # noqa: S704 - escaped


def _code(found: re.Match[str]) -> str:
    """Return data within a sentence as HTML: a digest alone may break anywhere."""
    return f"<code{IS_LONG if found[0].isalnum() else IS_TEXT}>{found[0]}</code>"


def _finalized(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _is(kind: type) -> Any:
    return lambda value: isinstance(value, kind)


def _labels(table: Table) -> Sequence[str]:
    """Return, for each column after the first, the attribute by which a narrow page names its cells."""
    return [f' data-label="{escape(visible(name))}"' if name else "" for name in table.columns[1:]]


def _data(row: Sequence[str], table: Table, labels: Sequence[str]) -> Markup:
    """Return a table row's cells after its first as HTML: in Python, since most of an archive's pages is such cells."""
    show = sentence if table.kind == "answers" else _short if table.kind == "runs" else _parted
    cells = (f"<td{_size(text)}{label}>{show(text)}</td>" for text, label in zip(row[1:], labels, strict=True))
    return Markup("".join(cells))  # noqa: S704 - escaped


def _short(text: str) -> str:
    """Return a list's cell as HTML: of an ARN the resource's name alone, the whole of it when pointed at."""
    if found := ARN.fullmatch(text):
        return f'<abbr title="{escape(visible(text))}">{escape(visible(found[1]))}</abbr>'
    return _parted(text)


def _parted(text: str) -> str:
    """Return a table's cell as HTML; an ARN or an address may break between its parts, so that none is cut in two."""
    cell = html_escape(visible(text))
    return PARTS.sub(r"\g<0><wbr>", cell) if "/" in text else cell


def _size(text: str) -> Markup:
    """Render the class of a cell as an attribute."""
    text = visible(text)
    if len(text) > LONG and max(map(len, text.split()), default=0) > LONG:
        return IS_LONG
    word = text.isascii() and " " not in text  # a run's id, a selector: broken at a hyphen it would be misread
    return IS_SHORT if len(text) <= SHORT or word else IS_TEXT


@cache
def _text(name: str) -> str:
    return files("second_edition.display").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
