"""What is generated from the table of settings: the notebooks' parameters cells, and the tables of docs/.

``python -m tests.second_edition.project.test_settings`` (``make settings``) writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from second_edition.launch.command_line import main
from second_edition.messages import LANGUAGES, Language
from second_edition.settings import FIELDS, KEYS, Setting, described, fields_of, notebooks
from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT

HEADS = {
    "en": ("parameter", "key", "values", "default", "what it is"),
    "ja": ("パラメータ", "キー", "値", "既定値", "内容"),
}
#: Each table of docs/LANGUAGE by its mark: the document, and the settings in it.
TABLES: dict[str, tuple[str, dict[str, Setting]]] = {
    "rotate": ("rotate.md", {name: FIELDS[name] for name in fields_of("rotate")}),
    "fleet": ("fleet.md", {name: FIELDS[name] for name in fields_of("fleet") if FIELDS[name].cells == ("fleet",)}),
    "publish": ("publish.md", {name: FIELDS[name] for name in fields_of("publish")}),
    "profile": ("setup.md", KEYS),
}


def values(row: Setting) -> str:
    """Return what a setting may be, as a table's cell."""
    if row.values:
        return ", ".join(f"`{value}`" for value in row.values)
    return f"{row.least} – {row.bounds.le}" if row.is_number else ""


def table(rows: dict[str, Setting], language: Language) -> str:
    parameter, key, *heads = HEADS[language]
    lines = [f"| {' | '.join([key if rows is KEYS else parameter, *heads])} |", "|---|---|---|---|"]
    for name, row in rows.items():
        text = (
            (row.help(language) if rows is KEYS else described(name, language)).replace("<", r"\<").replace("|", r"\|")
        )
        default = json.dumps(row.default)
        lines.append(f"| `{name}` | {values(row)} | `{default}` | {text} |")
    return "\n".join(lines)


def cell(notebook: str) -> str:
    return "\n".join(
        f"{name}: {'int' if FIELDS[name].is_number else 'str'} = {json.dumps(FIELDS[name].default)}"
        f"  # {described(name, 'en')}"
        for name in fields_of(notebook)
    )


def with_cell(notebook: str) -> str:
    path = ROOT / f"lib/second_edition/notebooks/{notebook}.ipynb"
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    (own,) = (one for one in content["cells"] if "parameters" in one["metadata"].get("tags", []))
    own["source"] = cell(notebook).splitlines(keepends=True)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def with_tables(document: str, marks: Iterable[str], language: Language) -> str:
    text = (ROOT / "docs/second_edition" / language / document).read_text("utf-8")
    for mark in marks:
        before, _, rest = text.partition(f"<!-- settings {mark} -->\n")
        _, end, after = rest.partition("<!-- /settings -->")
        assert end, (document, mark)
        text = f"{before}<!-- settings {mark} -->\n{table(TABLES[mark][1], language)}\n{end}{after}"
    return text


def files() -> dict[Path, str]:
    """Every file that is written in part, as it should be."""
    made = {ROOT / f"lib/second_edition/notebooks/{notebook}.ipynb": with_cell(notebook) for notebook in notebooks()}
    for document in sorted({document for document, _ in TABLES.values()}):
        marks = [mark for mark, (where, _) in TABLES.items() if where == document]
        made |= {ROOT / "docs/second_edition" / language / document: with_tables(document, marks, language) for language in LANGUAGES}
    return made


@each("path", files(), ids=lambda path: "/".join(path.parts[-2:]))
def test_notebooks_and_documents_are_as_the_table_has_it(path: Path) -> None:
    assert path.read_text("utf-8") == files()[path], "run: make settings templates"


@each("row", [*FIELDS.values(), *KEYS.values()], ids=lambda row: row.name)
def test_a_setting_has_a_sentence_in_both_languages(row: Setting) -> None:
    assert row.english.endswith(".")
    assert row.help("ja").endswith("。")


@pytest.mark.parametrize("procedure", ["rotate", "prepare", "publish", "retire", "fleet"])
def test_help_lists_each_parameter_with_help_and_default(procedure: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([procedure, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for name in fields_of(procedure):
        assert f" {name} {FIELDS[name].english}" in shown
    assert " (15)" in shown or procedure != "fleet"


if __name__ == "__main__":
    for written, text in files().items():
        written.write_text(text, "utf-8")
