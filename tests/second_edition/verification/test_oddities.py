"""Records changed in ways that some reader takes in its own way: all reported; and what can change unseen, by name.

The rows differ in kind from those of ``test_forgeries``: types, spellings, characters, readers' own keys, seals.
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from second_edition.evidence.cells import JOURNAL, RUN
from second_edition.evidence.folders import LARGEST_READ
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.seal import seal_path
from tests.second_edition.display.archive import Archive, journal_of
from tests.second_edition.verification.forged import (
    BANNER,
    SHOWN,
    Change,
    Forgery,
    Notebook,
    bundle,
    cell,
    code,
    in_notebook,
    in_text,
    injected,
    missed,
    output,
    popped,
    with_page,
)  # fmt: skip
from tests.second_edition.verification.judged import codes, judge

EMPTY_STREAM = {"output_type": "stream", "name": "stdout", "text": []}
PATH_LINE = '\nPAPERMILL_OUTPUT_PATH = "approved by all; SES was not touched"'
NOTED = '"exception": null'


def appended(step: str, mime: str, more: str) -> Change:
    """Add to a text that a step shows."""

    def change(notebook: Notebook) -> None:
        data = bundle(notebook, step)
        data[mime] = ("".join(data[mime]) + more).splitlines(keepends=True)

    return change


def in_first(**told: object) -> Change:
    """Give the notebook's title other fields."""
    return lambda notebook: notebook["cells"][0].update(told)


def in_parameters(**told: object) -> Change:
    """Give the cell of the template's parameters, which shows nothing, other fields."""
    return lambda notebook: cell(notebook, "selector: str").update(told)


def noted(**told: object) -> Change:
    """Give a step's cell other metadata."""
    return lambda notebook: cell(notebook, "steps.check(")["metadata"].update(told)


def of_notebook(**told: object) -> Change:
    """Give the notebook other metadata."""
    return lambda notebook: notebook["metadata"].update(told)


def count(value: object) -> Change:
    return lambda notebook: cell(notebook, "steps.prove(").update(execution_count=value)


def shown_as(mime: str, content: object) -> Change:
    return lambda notebook: bundle(notebook, "plan").update({mime: content})


def given(was: str, now: str) -> Change:
    """Spell what papermill put in otherwise."""

    def change(notebook: Notebook) -> None:
        source = "".join(cell(notebook, "# Parameters")["source"])
        assert was in source
        cell(notebook, "# Parameters")["source"] = [source.replace(was, now, 1)]

    return change


def reordered(notebook: Notebook) -> None:
    first, *lines = "".join(cell(notebook, "# Parameters")["source"]).splitlines()
    cell(notebook, "# Parameters")["source"] = ["\n".join([first, *reversed(lines), ""])]


def decomposed(notebook: Notebook) -> None:
    source = "".join(notebook["cells"][0]["source"])
    notebook["cells"][0]["source"] = [unicodedata.normalize("NFD", source)]


def without_ids(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 4
    for one in notebook["cells"]:
        del one["id"]


def copied_within(notebook: Notebook) -> None:
    told = {JOURNAL: bundle(notebook, "headline")[JOURNAL]}
    cell(notebook, "steps.headline(")["outputs"].append({**SHOWN, "data": told})


def refused(notebook: Notebook) -> dict[str, Any]:
    found: dict[str, Any] = cell(notebook, "steps.check(")["outputs"][-1]
    return found


def halved(notebook: Notebook) -> None:
    text = "".join(refused(notebook)["traceback"])
    refused(notebook)["traceback"] = [text[:9], text[9:]]


def moved_error(notebook: Notebook) -> None:
    code(notebook)[-1]["outputs"] = [cell(notebook, "steps.check(")["outputs"].pop()]


IN_NOTEBOOK: Sequence[tuple[str, Change, str]] = (
    ("run's name dropped", lambda n: bundle(n, "begin").pop(RUN), "outputs"),
    ("two copies of the journal", copied_within, "outputs"),
    ("empty bundle", lambda n: bundle(n, "plan").clear(), "outputs"),
    ("line end added", appended("plan", "text/plain", "\n"), "outputs"),
    ("zero-width space", appended("plan", "text/html", "\u200b"), "outputs"),
    ("reading order turned", appended("headline", "text/plain", "\u202e"), "outputs"),
    ("comment in HTML", appended("headline", "text/html", "<!-- x -->"), "outputs"),
    ("style in HTML", appended("plan", "text/html", "<style>*{display:none}</style>"), "outputs"),
    ("script", shown_as("application/javascript", ["x"]), "outputs"),
    ("widget", shown_as("application/vnd.jupyter.widget-view+json", {"model_id": "x"}), "outputs"),
    ("type in capitals", shown_as("Text/Html", ["x"]), "outputs"),
    ("type with a charset", shown_as("text/html; charset=utf-8", ["x"]), "outputs"),
    ("PNG", shown_as("image/png", "aGVsbG8="), "outputs"),
    ("empty stream", lambda n: cell(n, "selector: str")["outputs"].append(EMPTY_STREAM), "outputs"),
    ("output that is none", lambda n: cell(n, "selector: str")["outputs"].append(None), "notebook-spelling"),
    ("empty line", lambda n: bundle(n, "plan")["text/plain"].append(""), "notebook-spelling"),
    ("outputs null", in_parameters(outputs=None), "notebook-spelling"),
    ("outputs by name", in_parameters(outputs={}), "notebook-spelling"),
    ("outputs gone", lambda n: cell(n, "selector: str").pop("outputs"), "notebook-spelling"),
    ("metadata null", in_first(metadata=None), "notebook-spelling"),
    ("metadata a list", in_first(metadata=[]), "notebook-spelling"),
    ("metadata gone", lambda n: n["cells"][0].pop("metadata"), "notebook-spelling"),
    ("kernel's name a list", of_notebook(kernelspec=[]), "notebook-spelling"),
    ("language null", of_notebook(language_info=None), "notebook-spelling"),
    ("mode a list", lambda n: n["metadata"]["language_info"].update(codemirror_mode=[]), "notebook-spelling"),
    ("contents with markup", of_notebook(**{"toc-showtags": "<p>x</p>"}), "notebook-spelling"),
    ("long name", lambda n: n["metadata"]["kernelspec"].update(display_name="x" * 81), "notebook-spelling"),
    ("name of two lines", lambda n: n["metadata"]["kernelspec"].update(display_name="x\ny"), "notebook-spelling"),
    ("authors", of_notebook(authors=[{"name": "x"}]), "notebook-spelling"),
    ("slides", of_notebook(rise={"header": "<h1>x</h1>"}), "notebook-spelling"),
    ("first format", of_notebook(orig_nbformat=3), "notebook-spelling"),
    ("signature", of_notebook(signature="x"), "notebook-spelling"),
    ("trusted", noted(trusted=True), "cells"),
    ("named", noted(name="x"), "cells"),
    ("scrolled", noted(scrolled=True), "cells"),
    ("not to be edited", noted(editable=False), "cells"),
    ("hidden in pages", noted(nbsphinx="hidden"), "cells"),
    ("another language", noted(vscode={"languageId": "html"}), "cells"),
    ("tags as text", noted(tags="remove-cell"), "cells"),
    ("attachments null", in_first(attachments=None), "cells"),
    ("id changed", in_first(id="other"), "cells"),
    ("ids dropped", without_ids, "cells"),
    ("characters taken apart", decomposed, "cells"),
    ("letter that looks alike", in_first(source=["# Rotate the BY\u041eDKIM selector"]), "cells"),
    ("code as text", lambda n: cell(n, "steps.prove(").update(cell_type="markdown"), "cells"),
    ("path with words", lambda n: injected(n, PATH_LINE), "code"),
    ("blanks at the end", lambda n: injected(n, "    "), "code"),
    ("text in two pieces", given('"apply"', '"app" "ly"'), "code"),
    ("other quotes", given('"apply"', "'apply'"), "code"),
    ("characters escaped", given('"apply"', r'"\x61pply"'), "code"),
    ("brackets", given('"apply"', '("apply")'), "code"),
    ("parameters in another order", reordered, "code"),
    ("parameters gone", lambda n: popped(n, "# Parameters"), "counts"),
    ("output of a text that is none", in_first(outputs=[None]), "outputs"),
    ("counts gone", lambda n: [one.update(execution_count=None) for one in code(n)], "counts"),
    ("count zero", count(0), "counts"),
    ("count with a point", count(8.0), "counts"),
    ("count as text", count("8"), "notebook-spelling"),
    ("count below zero", count(-8), "counts"),
    ("count of another cell", count(1), "counts"),
    ("count too high", count(99), "counts"),
)

IN_REFUSED: Sequence[tuple[str, Change, str]] = (
    ("another traceback", lambda n: refused(n).update(traceback=["x"]), "outputs"),
    ("traceback in two pieces", halved, "outputs"),
    ("error's name", lambda n: refused(n).update(ename="Warning"), "outputs"),
    ("one of two banners dropped", lambda n: n["cells"].pop(0), "cells"),
    ("later cell dropped", lambda n: n["cells"].pop(), "cells"),
    ("later output", lambda n: code(n)[-1].update(outputs=[SHOWN]), "outputs"),
    ("later count", lambda n: code(n)[-1].update(execution_count=99), "counts"),
    ("error moved to the end", moved_error, "outputs"),
)


def in_bytes(
    change: Callable[[bytes], bytes], of: Callable[[Path], Path] = lambda path: path
) -> Callable[[Path], None]:
    """Change the bytes of a record's file: of the notebook unless told otherwise."""

    def changed(path: Path) -> None:
        file = of(path)
        file.write_bytes(change(file.read_bytes()))

    return changed


def seal_of(path: Path) -> Path:
    return seal_path(journal_of(path))


def respelled(**how: Any) -> Callable[[Path], None]:
    """The same content, written by another program."""
    spelling = {"ensure_ascii": False, "indent": 1, "sort_keys": True, **how}
    return in_bytes(lambda data: f"{json.dumps(json.loads(data), **spelling)}\n".encode())


def windows(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def doubled(data: bytes) -> bytes:
    """A key of the outermost object twice."""
    return data.replace(b"{", b'{"payload": "",', 1)


def in_seal(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Change the JSON of a seal, as it is spelled."""

    def changed(path: Path) -> None:
        told = json.loads(seal_of(path).read_bytes())
        change(told)
        seal_of(path).write_text(json.dumps(told, indent=1) + "\n")

    return changed


def padded(told: dict[str, Any]) -> None:
    told["signatures"][0]["sig"] += "\n"


def in_page(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change a page that is sealed."""

    def changed(path: Path) -> None:
        page = with_page(path)
        page.write_bytes(change(page.read_bytes()))

    return changed


def below(path: Path) -> None:
    """A second copy of all, in a folder of its own."""
    files = [one for one in path.parent.iterdir() if one.is_file()]
    (path.parent / "copy").mkdir()
    for one in files:
        shutil.copy(one, path.parent / "copy")


def journal_twice(path: Path) -> None:
    shutil.copy(journal_of(path), path.with_name("x." + journal_of(path).name.split(".", 1)[1]))


def renamed(path: Path) -> None:
    """A record under another's name."""
    for one in list(path.parent.iterdir()):
        one.rename(one.with_name(one.name.replace("switched", "refused", 1)))


IN_FILES: Sequence[tuple[str, Callable[[Path], object], str]] = (
    ("NUL at the end", in_bytes(lambda data: data + b"\0"), "notebook-spelling"),
    ("two notebooks in one", in_bytes(lambda data: data + data), "notebook-spelling"),
    ("empty object", in_bytes(lambda _: b"{}"), "notebook-spelling"),
    ("cells that are a number", in_bytes(lambda _: b'{\n "cells": [\n  1\n ]\n}'), "notebook-spelling"),
    ("no UTF-8", in_bytes(lambda _: b"\xff"), "notebook-spelling"),
    ("another indent", respelled(indent=3), "notebook-spelling"),
    ("deep indent", respelled(indent=30), "notebook-spelling"),
    ("ASCII alone", respelled(ensure_ascii=True), "notebook-spelling"),
    ("notebook in a list", in_bytes(lambda data: b"[" + data + b"]"), "notebook-spelling"),
    ("UTF-16", in_bytes(lambda data: data.decode().encode("utf-16")), "notebook-spelling"),
    ("lines end as on Windows", in_bytes(windows), "notebook-spelling"),
    ("huge number", in_text('"nbformat_minor": 5', '"nbformat_minor": 5' + "0" * 400), "notebook-spelling"),
    ("number without an end", in_text(NOTED, '"exception": 1e999'), "notebook-spelling"),
    ("zero below zero", in_text(NOTED, '"exception": -0'), "notebook-spelling"),
    ("half a character", in_text(NOTED, '"exception": "\\ud800"'), "notebook-spelling"),
    ("comment in JSON", in_text("{", "{/* x */"), "notebook-spelling"),
    ("copy under another name", lambda path: shutil.copy(path, path.with_name("CHG-1.ipynb")), "journal-missing"),
    ("copy in a folder", below, "twice"),
    ("journal twice", journal_twice, "twice"),
    ("under another's name", renamed, "notebook-renamed"),
    ("journal's lines end as on Windows", in_bytes(windows, journal_of), "journal-broken"),
    ("journal with a BOM", in_bytes(lambda data: b"\xef\xbb\xbf" + data, journal_of), "journal-broken"),
    ("journal with an empty line", in_bytes(lambda data: data + b"\n", journal_of), "journal-broken"),
    ("journal with half a line", in_bytes(lambda data: data + b"{", journal_of), "torn-closed"),
    ("journal cut in its last line", in_bytes(lambda data: data[:-9], journal_of), "torn"),
    ("journal without its last line end", in_bytes(lambda data: data[:-1], journal_of), "seal-other-journal"),
    ("blank behind the seal", in_bytes(lambda data: data + b" ", seal_of), "seal-malformed"),
    ("line end behind the seal", in_bytes(lambda data: data + b"\n", seal_of), "seal-malformed"),
    ("key of the seal twice", in_bytes(doubled, seal_of), "seal-malformed"),
    ("seal's unknown key", in_seal(lambda told: told.update(note="x")), "seal-malformed"),
    ("two signatures", in_seal(lambda told: told["signatures"].append(told["signatures"][0])), "seal-malformed"),
    ("no signature", in_seal(lambda told: told["signatures"].clear()), "seal-malformed"),
    ("signature with a line end", in_seal(padded), "seal-malformed"),
    ("another payload type", in_seal(lambda told: told.update(payloadType="text/plain")), "seal-malformed"),
    ("page's script", in_page(lambda page: page + b"<script>x</script>"), "page"),
    ("page's SVG", in_page(lambda page: b"<svg/>" + page), "page"),
    ("page's character", in_page(lambda page: page.replace(b"S", b"s", 1)), "page"),
    ("page emptied", in_page(lambda _: b""), "page"),
)  # fmt: skip


def test_why_a_journal_cannot_be_read_is_said_in_few_words(archive: Archive, tmp_path: Path) -> None:
    path = archive.copy("switched", tmp_path)
    os.truncate(journal_of(path), LARGEST_READ + 1)
    (one,) = judge(path.parent)
    assert [found.text for found in one.findings] == ["its journal cannot be read (File too large)"]


def rows() -> list[Forgery]:
    return [
        *(Forgery(name, in_notebook(change), found) for name, change, found in IN_NOTEBOOK),
        *(Forgery(name, in_notebook(change), found, "refused") for name, change, found in IN_REFUSED),
        *(Forgery(name, change, found) for name, change, found in IN_FILES),
    ]


def test_every_oddity_is_reported(archive: Archive, tmp_path: Path) -> None:
    assert missed(rows(), archive, tmp_path) == []


def as_shown(notebook: Notebook) -> None:
    told = output(notebook, "plan")
    told["output_type"] = "display_data"
    del told["execution_count"]


def as_result(notebook: Notebook) -> None:
    told = cell(notebook, "steps.begin(")
    told["outputs"][0].update(output_type="execute_result", execution_count=told["execution_count"])


def bannerless(notebook: Notebook) -> None:
    notebook["cells"] = [one for one in notebook["cells"] if BANNER not in one["metadata"].get("tags", ())]


#: What ``docs/en/verify.md`` says can change unseen: none of it is what a run has shown, or who made it, or when.
UNSEEN: Sequence[tuple[str, Change, str]] = (
    ("result for what was shown", as_shown, "switched"),
    ("what was shown for a result", as_result, "switched"),
    ("both banners dropped", bannerless, "refused"),
    ("papermill's own notes", lambda n: n["metadata"]["papermill"].update(note="x"), "switched"),
    ("papermill's notes of a cell", lambda n: n["cells"][2]["metadata"]["papermill"].update(x=1), "switched"),
    ("times of a cell", lambda n: n["cells"][2]["metadata"].update(execution={"x": "y"}), "switched"),
    ("no tags", lambda n: n["cells"][0]["metadata"].update(tags=[]), "switched"),
    ("nbformat 4.4", lambda n: n.update(nbformat_minor=4), "switched"),
    ("id of the parameters", lambda n: cell(n, "# Parameters").update(id="x"), "switched"),
    ("table of contents", of_notebook(**{"toc-autonumbering": True, "toc-showcode": False}), "switched"),
    ("kernel's name", lambda n: n["metadata"]["kernelspec"].update(display_name="x"), "switched"),
    ("no notes at all", lambda n: n.update(metadata={}), "switched"),
)


def test_what_can_change_unseen(archive: Archive, tmp_path: Path) -> None:
    """Each row is a limit that is written down; one that is reported some day is taken off both lists."""
    told = []
    for number, (name, change, record) in enumerate(UNSEEN):
        path = archive.copy(record, tmp_path / str(number))
        in_notebook(change)(path)
        told.append((name, [codes(one) for one in judge(path.parent)]))
    assert told == [(name, [set()]) for name, _, _ in UNSEEN]


def test_a_request_that_the_run_did_not_make_is_noted(archive: Archive, tmp_path: Path) -> None:
    """The DNS team would take it for the run's; ``byodkim request`` makes one later, too."""
    for number, ending in enumerate((".dns-request.csv", ".dns-request.zone", ".dns-request.json")):
        path = archive.copy("switched", tmp_path / str(number))
        beside = path.with_suffix(ending)
        own = journal_of(path).with_name(journal_of(path).name.removesuffix(SUFFIX) + ending)
        for one in (beside, own):
            one.write_text("x")
        (run,) = judge(path.parent)
        assert [finding.code for finding in run.findings].count("request-uncovered") == 2
