"""Write what the documents and notebooks have from the code: the tables of reference.md, and the
parameters cells. Run as ``python -m tests.docs.generate``; it prints the number of words, too.

A table's heading is written by hand in each language; what stands below it is generated.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec

from byodkim import settings_table as table
from byodkim.checks.check import Check
from byodkim.policy import PERMISSIONS
from byodkim.procedures.rotate import CHECKS
from byodkim.record.events import AnyEvent, Durable, Event
from byodkim.words import Language, speak

ROOT = Path(__file__).parents[2]
NOTEBOOKS = tuple(
    ROOT / "notebooks" / f"{name}.ipynb" for name in ("rotate", "prepare", "retire", "fleet")
)
REFERENCES: dict[Language, Path] = {
    "en": ROOT / "docs/en/reference.md",
    "ja": ROOT / "docs/ja/reference.md",
}
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    *(
        f"docs/en/{name}.md"
        for name in (
            "setup",
            "operate",
            "fleet",
            "records",
            "reference",
            "security",
            "architecture",
            "figures",
        )
    ),
)


def reference(language: Language, text: str) -> str:
    """Return a reference page with its tables as the code has them now."""
    speak(language)
    try:
        for name, rows in tables(text).items():
            text = _filled(text, name, rows)
    finally:
        speak("en")
    return text


def tables(text: str) -> dict[str, list[list[str]]]:
    """Return the rows of each table, in the language that is spoken. The harm that a check prevents
    is written by hand on the page.
    """
    harms = dict(re.findall(r"^\| ([A-Z-]+) \| .* \| (.*) \| . \| . \|$", text, re.MULTILINE))
    return {
        "parameters": [_setting(row) for row in table.SETTINGS if row.is_parameter()],
        "profile": [_setting(row)[:3] for row in table.SETTINGS if not row.is_parameter()],
        "checks": [_check(each, harms[each.id]) for each in CHECKS],
        "events": [_event(each) for each in get_args(AnyEvent)],
        "permissions": [
            [f"`{each.action}`", each.resource, *(_mark(mode in each.modes) for mode in MODES)]
            for each in PERMISSIONS["rotate"]
        ],
    }


MODES = ("plan", "apply")


def parameters_cell(procedure: str) -> str:
    """Return the parameters cell of a procedure's notebook.

    papermill's ``--help-notebook`` reads it by regular expression.
    """
    lines = []
    for row in table.SETTINGS:
        if row.is_parameter(procedure):
            default, kind = row.unset, type(row.default).__name__
            unset = "-1" if kind == "int" else "Empty"
            note = f" {unset}: as byodkim.toml has it." if table.PROFILE in row.where else ""
            shown = f'"{default}"' if isinstance(default, str) else repr(default)
            lines.append(f"{row.name}: {kind} = {shown}  # {row.help.text}{note}")
    return "\n".join(lines)


def with_parameters(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook whose parameters cell is that of the settings."""
    (cell,) = [
        each for each in notebook["cells"] if "parameters" in each["metadata"].get("tags", ())
    ]
    procedure = notebook["metadata"]["byodkim"]["procedure"]
    cell["source"] = parameters_cell(procedure).splitlines(keepends=True)
    return notebook


def as_saved(notebook: dict[str, Any]) -> str:
    """Return a notebook as Jupyter saves it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def words(text: str) -> int:
    """Return how many words a page has. The bars of a table are none."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _filled(text: str, name: str, rows: list[list[str]]) -> str:
    """Return a page with the rows of one table between its markers, below the heading."""
    block = re.compile(rf"(<!-- {name} -->\n\n\|.*\n\|.*\n)(?:\|.*\n)*(\n<!-- /{name} -->)")
    lines = "".join(f"| {' | '.join(map(_escaped, row))} |\n" for row in rows)
    filled, count = block.subn(lambda match: match[1] + lines + match[2], text)
    if count != 1:
        raise ValueError(f"the page has {count} tables {name}")
    return filled


def _setting(row: table.Setting) -> list[str]:
    default = json.dumps(row.default, ensure_ascii=False)
    shown = "–" if default in ('""', "[]", "{}") else f"`{default}`"
    is_plain_text = isinstance(row.default, str) and not row.pattern
    meaning = str(row.help) if is_plain_text else f"{row.help} ({row.must_be()})"
    return [f"`{row.name}`", shown, meaning, _mark(table.PROFILE in row.where)]


def _check(each: Check, harm: str) -> list[str]:
    blocks, waivable = _mark(each.level == "blocks"), _mark(each.waivable)
    return [each.id, str(each.claim), harm, blocks, waivable]


def _event(event: type[Event]) -> list[str]:
    """Return tag, whether it is on the disk at once, and the docstring with its fields."""
    paragraphs = inspect.cleandoc(event.__doc__ or "").split("\n\n")
    attributes = [each for each in paragraphs if each.startswith("Attributes:")]
    lines = [" ".join(each.split()) for each in paragraphs if each not in attributes]
    if attributes:
        lines += re.split(r"\n    (?=\S)", attributes[0])[1:]
    else:
        own = event.__annotations__
        lines.append(", ".join(name for name in event.__struct_fields__ if name in own))
    tag = msgspec.inspect.type_info(event)
    assert isinstance(tag, msgspec.inspect.StructType)
    text = "<br>".join(" ".join(line.replace("``", "`").split()) for line in lines)
    return [f"`{tag.tag}`", _mark(issubclass(event, Durable)), text]


def _mark(is_true: bool) -> str:
    return "✔" if is_true else "–"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write all of it, and print the words of each page."""
    for language, path in REFERENCES.items():
        path.write_text(reference(language, path.read_text("utf-8")), "utf-8")
    for path in NOTEBOOKS:
        path.write_text(as_saved(with_parameters(json.loads(path.read_text("utf-8")))), "utf-8")
    counts = {name: words((ROOT / name).read_text("utf-8")) for name in PAGES}
    for name, count in counts.items():
        print(f"{count:6,}  {name}")
    print(f"{sum(counts.values()):6,}  in all")


if __name__ == "__main__":
    main()
