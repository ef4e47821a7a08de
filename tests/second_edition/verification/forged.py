"""What may be forged of a record without its sealing key, one change each, and what verifying finds of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.display.placeholder import placeholder
from second_edition.evidence.cells import JOURNAL, RUN
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.seal import PAGE_SUFFIX, envelope, seal_path
from tests.second_edition.display.archive import Archive, journal_of
from tests.second_edition.verification.judged import codes, judge
from tests.second_edition.verification.made import Events, events_of, reseal, save, signer, vouch, write

Notebook = dict[str, Any]
Change = Callable[[Notebook], object]
STREAM = {"output_type": "stream", "name": "stdout", "text": ["SES says: SUCCESS\n"]}
SHOWN = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["all is well"]}}
EMPTY = {"output_type": "error", "ename": "", "evalue": "", "traceback": [": "]}
FAILED = {"output_type": "error", "ename": "RunFailed", "evalue": "x", "traceback": ["RunFailed: x"]}


#: A time that is none in UTC.
YEAR_ONE = "0001-01-01T00:00:00+14:00"


@dataclass(frozen=True)
class Forgery:
    """Hold what is changed of a record, in which one, and what is found of it then."""

    name: str
    change: Callable[[Path], object]
    found: str
    record: str = "switched"


def in_notebook(change: Change) -> Callable[[Path], None]:
    """Change a notebook, and spell it as nbformat does."""

    def changed(path: Path) -> None:
        notebook = json.loads(path.read_text("utf-8"))
        change(notebook)
        for one in notebook["cells"] if isinstance(notebook["cells"], list) else ():
            one["source"] = "".join(one["source"]).splitlines(keepends=True)
        save(path, notebook)

    return changed


def in_text(old: str, new: str) -> Callable[[Path], None]:
    """Change the text of a notebook's file, once."""

    def changed(path: Path) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_bytes(text.replace(old, new, 1).encode("utf-8"))

    return changed


def in_journal(change: Callable[[Events], object]) -> Callable[[Path], None]:
    """Change a journal, and rebuild its chain; its seal stays."""

    def changed(path: Path) -> None:
        journal = journal_of(path)
        events = events_of(journal)
        change(events)
        write(journal, events)

    return changed


def cell(notebook: Notebook, source: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in notebook["cells"] if source in "".join(one["source"]))
    return found


def output(notebook: Notebook, step: str, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = cell(notebook, f"steps.{step}(")["outputs"][place]
    return found


def bundle(notebook: Notebook, step: str, place: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = output(notebook, step, place)["data"]
    return found


def event(events: Events, name: str) -> dict[str, Any]:
    return next(one for one in events if one["event"] == name)


def record_of_a_number(events: Events) -> None:
    """A character-string of a TXT record is text in every journal."""
    next(one for one in event(events, "observed")["observation"]["records"] if one["records"])["records"][0][0] = 5


def clock(events: Events, skew_s: float) -> None:
    """Sets by how much the run's clock differed from AWS's."""
    event(events, "caller")["caller"]["clock_skew_s"] = skew_s


def code(notebook: Notebook) -> list[dict[str, Any]]:
    return [one for one in notebook["cells"] if one["cell_type"] == "code"]


def swapped(notebook: Notebook) -> None:
    one, other = cell(notebook, "steps.plan("), cell(notebook, "steps.apply(")
    one["outputs"][0]["data"], other["outputs"][0]["data"] = other["outputs"][0]["data"], one["outputs"][0]["data"]


def swapped_cells(notebook: Notebook) -> None:
    cells = notebook["cells"]
    cells[8], cells[10] = cells[10], cells[8]


def renamed_copy(notebook: Notebook) -> None:
    data = bundle(notebook, "headline")
    data[f'x"{JOURNAL}'] = data.pop(JOURNAL)


def replaced(notebook: Notebook) -> None:
    """All outputs replaced, and one empty error, after which no output would count."""
    for one in code(notebook):
        one["outputs"] = [SHOWN]
    code(notebook)[0]["outputs"] = [SHOWN, EMPTY]


def emptied(notebook: Notebook) -> None:
    for one in code(notebook)[4:-1]:
        one["outputs"] = []


def unfinished(notebook: Notebook) -> None:
    """The state before the run closed, but the last output stays."""
    bundle(notebook, "headline").clear()
    bundle(notebook, "headline").update(placeholder())


def escaped(path: Path) -> None:
    text = path.read_text("utf-8")
    path.write_text(text.replace("from second_edition import steps", "from \\u0062yodkim import steps", 1), "utf-8")


def injected(notebook: Notebook, more: str) -> None:
    lines = cell(notebook, "# Parameters")["source"]
    lines[-1] = lines[-1].rstrip("\n") + more


def cut_line(notebook: Notebook) -> None:
    """Some readers put a line end between any two pieces of a text."""
    (first, *others) = bundle(notebook, "headline")["text/plain"]
    bundle(notebook, "headline")["text/plain"] = [first[:20], first[20:], *others]


def interrupted(notebook: Notebook) -> None:
    """As if papermill had been killed while a cell showed an error of somebody's own."""
    bundle(notebook, "headline").clear()
    bundle(notebook, "headline").update(placeholder())
    cells = code(notebook)
    place = cells.index(cell(notebook, "steps.apply("))
    cells[place]["outputs"] = [{**FAILED, "evalue": "SES refused it", "traceback": ["RunFailed: SES refused it"]}]
    for one in cells[place + 1 :]:
        one.update(outputs=[], execution_count=None)


def linked(path: Path) -> None:
    """The journal counts once, and the copy of the notebook beside the link is in order."""
    journal, folder = journal_of(path), path.parent / "zz"
    folder.mkdir()
    (folder / journal.name).symlink_to(journal)
    for one in (path, seal_path(journal)):
        shutil.copy(one, folder)
    in_notebook(lambda n: bundle(n, "headline").update({"text/html": "<h3>REFUSED</h3>"}))(path)


def forged_journal(path: Path) -> Path:
    """Say of a run that SES was not touched, in a correct chain."""

    def change(events: Events) -> None:
        event(events, "closed")["outcome"] = "REFUSED"

    in_journal(change)(path)
    path.unlink()
    return journal_of(path)


def with_page(path: Path) -> Path:
    """Make a page, as if it were the run's, and its seal."""
    page = path.with_suffix(".html")
    page.write_text("<h3>SWITCHED</h3>")
    vouch(journal_of(path), page)
    return page


def hidden_by_links(path: Path) -> None:
    """A forged page, and the true one with its seal in a folder where journal and notebook are links."""
    page, folder = with_page(path), path.parent / "zz"
    folder.mkdir()
    for one in list(path.parent.iterdir()):
        if one.name.endswith((".journal.jsonl", ".ipynb")):
            (folder / one.name).symlink_to(f"../{one.name}")
        elif one.is_file():
            shutil.copy(one, folder)
    page.write_text("<h3>REFUSED</h3>")


def unsealed_behind_links(path: Path) -> None:
    hidden_by_links(path)
    for one in path.parent.glob("*.seal.json"):
        one.unlink()


def in_linked_folder(path: Path) -> None:
    """The run of a folder that is a link, where another one can be verified."""
    elsewhere = path.parent.parent / "elsewhere"
    shutil.copytree(path.parent, elsewhere)
    (path.parent / "2026").symlink_to(elsewhere)


def alone(name: str, says: str) -> Callable[[Path], None]:
    """Put a forged copy without a journal beside a record."""

    def changed(path: Path) -> None:
        text = path.read_text("utf-8").replace("SWITCHED", "REFUSED ")
        path.with_name(name).write_text(text.replace("from second_edition import steps", says), "utf-8")

    return changed


def stripped(source: str = "", keep: str = "steps.") -> Callable[[Path], None]:
    """Leave a record without its journal and seals: no run's name, one empty error, other code where ``source`` is."""

    def changed(path: Path) -> None:
        for file in path.parent.glob(f"{path.stem}.*.json*"):
            file.unlink()
        path.with_suffix(".html").unlink(missing_ok=True)
        notebook = json.loads(path.read_text("utf-8"))
        del bundle(notebook, "begin")[RUN], bundle(notebook, "headline")[JOURNAL]
        for one in code(notebook):
            one["outputs"] = one["outputs"] if keep in "".join(one["source"]) else []
        if source:
            for one in code(notebook):
                one["source"] = [source]
        else:
            code(notebook)[-1]["outputs"].append(EMPTY)
        save(path, notebook)

    return changed


def refused_with_page(path: Path) -> None:
    """The outputs gone too, and the page of the run left in place."""
    page = write_page(path)
    stripped(keep="none")(path)
    in_notebook(lambda n: (code(n)[-1]["outputs"].clear(), code(n)[-1]["outputs"].append(FAILED)))(path)
    path.with_suffix(".html").write_text(page, "utf-8")


def page_alone(path: Path) -> None:
    """An emptied journal, the seals deleted, no more left than the page, and a journal of nobody beside it."""
    page, journal = write_page(path), journal_of(path)
    for one in path.parent.glob(f"{path.stem}.*"):
        one.unlink()
    journal.touch()
    journal.with_name(f"{path.stem}.x{SUFFIX}").write_text("{}\n")
    path.with_suffix(".html").write_text(page, "utf-8")


def journal_emptied(path: Path) -> None:
    """A journal with nothing in it, the seals deleted, and the notebook's outputs kept."""
    journal = journal_of(path)
    stripped()(path)
    journal.touch()


def page_seal_alone(path: Path) -> None:
    """All removed but the page's signature."""
    journal = journal_of(path)
    for one in path.parent.glob(f"{path.stem}.*"):
        one.unlink()
    journal.with_name(journal.name.removesuffix(SUFFIX) + PAGE_SUFFIX).touch()


def write_page(path: Path) -> str:
    from second_edition.display.page import page
    from second_edition.evidence.archived import open_record

    return page(open_record(path))


def beside(ending: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Put something that is no file where a file of the record could be."""

    def changed(path: Path) -> None:
        make(path.with_name(journal_of(path).name.removesuffix(SUFFIX) + ending))

    return changed


def no_file_for_seal(path: Path) -> None:
    """Replace the seal of a forged journal by a folder."""
    sealed = seal_path(forged_journal(path))
    sealed.unlink()
    sealed.mkdir()


def request_changed(path: Path) -> None:
    (sheet,) = path.parent.glob("*.dns-request.csv")
    sheet.write_bytes(sheet.read_bytes().replace(b"p=", b"p=A"))


def with_short_decoy(path: Path) -> None:
    """A journal of one line that seems to be newer, and a notebook that was altered."""
    journal = journal_of(path)
    run = journal.name.split(".")[-3]
    write(journal.with_name(journal.name.replace(run, "99991231T000000Z-0")), [{"format": 2}])
    in_notebook(lambda n: bundle(n, "compare").update({"text/html": "<p>REFUSED</p>"}))(path)


def with_empty(path: Path) -> None:
    """A run that was killed as it began would have this notebook."""
    journal = journal_of(path)
    run = journal.name.split(".")[-3]
    journal.with_name(journal.name.replace(run, "20991231T000000Z-0")).touch()

    def change(notebook: Notebook) -> None:
        del bundle(notebook, "begin")[RUN], bundle(notebook, "headline")[JOURNAL]

    in_notebook(change)(path)


def with_decoy(path: Path) -> None:
    """Another journal under the record's name, whose run seems to be newer."""
    journal = journal_of(path)
    run = journal.name.split(".")[-3]
    other = f"20991231T000000Z-{run.rpartition('-')[2]}"
    events = events_of(journal)
    events[0]["run"] = other
    write(journal.with_name(journal.name.replace(run, other)), events)


def sealed_by_another(path: Path) -> None:
    journal = journal_of(path)
    events = events_of(journal)
    events[0]["reason"] = "x"
    write(journal, events)
    reseal(journal, Ed25519PrivateKey.generate())


def stated(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Say something else of the run under a good signature, as who tricked the custodian into signing might."""

    def changed(path: Path) -> None:
        from second_edition.evidence.journal import read
        from second_edition.evidence.seal import statement

        told = statement(read(journal_of(path)))
        change(told)
        sealed = seal_path(journal_of(path))
        sealed.unlink()
        sealed.write_bytes(envelope(told, signer()))

    return changed


def of_another_run(archive: Archive) -> Callable[[Path], object]:
    return lambda path: shutil.copy(seal_path(journal_of(archive("refused"))), seal_path(journal_of(path)))


def truncated(path: Path) -> None:
    journal = journal_of(path)
    write(journal, events_of(journal)[:-1])


def launder(path: Path) -> None:
    """Rewrite a closed run and take its seal away, for the next one to make."""
    in_journal(lambda events: events[0].update(reason="x", ticket="CHG-1"))(path)
    seal_path(journal_of(path)).unlink()


def digest_too(path: Path) -> None:
    """Rewrite what a step shows, and the digest in the journal with it."""
    from second_edition.evidence.cells import digest_of_bundle

    notebook = json.loads(path.read_text("utf-8"))
    bundle(notebook, "plan")["text/plain"] = "Nothing would change."
    save(path, notebook)
    whole = {mime: "".join(text) for mime, text in bundle(notebook, "plan").items()}

    def change(events: Events) -> None:
        (one,) = (entry for event in events for entry in event.get("shown", ()) if entry["step"] == "plan")
        one["sha256"] = digest_of_bundle(whole)

    in_journal(change)(path)


def missed(rows: Sequence[Forgery], archive: Archive, folder: Path) -> list[tuple[str, str, list[str]]]:
    """Return the rows that verifying does not report, with what it finds in their place."""
    found = []
    for number, row in enumerate(rows):
        path = archive.copy(row.record, folder / str(number))
        row.change(path)
        runs = judge(path.parent, language="ja" if number % 2 else "en")
        told = {code for one in runs for code in codes(one)}
        if row.found not in told or all(one.sound for one in runs):
            found.append((row.name, row.found, sorted(told)))
        shutil.rmtree(folder / str(number))
    return found


def forgeries(archive: Archive) -> Iterator[Forgery]:
    """Yield the rows: outputs, cells, the file, the copy, the journal, the seal."""
    rows: Sequence[tuple[str, Change, str]] = (
        ("html reworded", lambda n: bundle(n, "compare").update({"text/html": "<p>SUCCESS</p>"}), "outputs"),
        ("markdown reworded", lambda n: bundle(n, "check").update({"text/markdown": "PASS"}), "outputs"),
        ("plain text reworded", lambda n: bundle(n, "close").update({"text/plain": "SWITCHED"}), "outputs"),
        ("headline reworded", lambda n: bundle(n, "headline").update({"text/html": "<h3>UNCHANGED</h3>"}), "outputs"),
        ("headline of a run under way", unfinished, "outputs"),
        ("picture replaced", lambda n: bundle(n, "observe", 0).update({"image/svg+xml": "<svg/>"}), "outputs"),
        ("picture dropped", lambda n: cell(n, "steps.observe(")["outputs"].pop(0), "outputs"),
        ("MIME type added", lambda n: bundle(n, "plan").update({"text/latex": "x"}), "outputs"),
        ("SVG added", lambda n: bundle(n, "plan").update({"image/svg+xml": "<svg/>"}), "outputs"),
        ("MIME type dropped", lambda n: bundle(n, "plan").pop("text/html"), "outputs"),
        ("JSON for a text", lambda n: bundle(n, "plan").update({"text/html": {"a": "b"}}), "outputs"),
        ("number among the lines", lambda n: bundle(n, "plan").update({"text/html": ["a", 1]}), "outputs"),
        ("outputs swapped between cells", swapped, "outputs"),
        ("outputs swapped within a cell", lambda n: cell(n, "steps.observe(")["outputs"].reverse(), "outputs"),
        ("output doubled", lambda n: cell(n, "steps.prove(")["outputs"].append(output(n, "prove")), "outputs"),
        ("output dropped", lambda n: cell(n, "steps.plan(")["outputs"].clear(), "outputs"),
        ("middle outputs emptied", emptied, "outputs"),
        ("last output dropped", lambda n: cell(n, "steps.close(")["outputs"].clear(), "outputs"),
        ("all replaced, and an empty error", replaced, "notebook-unbegun"),
        ("stream added", lambda n: cell(n, "steps.prove(")["outputs"].append(STREAM), "outputs"),
        ("output added", lambda n: cell(n, "steps.prove(")["outputs"].append(SHOWN), "outputs"),
        ("error added", lambda n: cell(n, "steps.prove(")["outputs"].append(FAILED), "outputs"),
        ("error added at the end", lambda n: cell(n, "steps.close(")["outputs"].append(FAILED), "outputs"),
        ("output of the parameters", lambda n: cell(n, "selector: str")["outputs"].append(STREAM), "outputs"),
        ("output of a text", lambda n: n["cells"][0].update(outputs=[SHOWN]), "outputs"),
        ("output's metadata", lambda n: output(n, "plan").update(metadata={"isolated": True}), "outputs"),
        ("output's unknown key", lambda n: output(n, "plan").update(note="x"), "outputs"),
        ("output's unknown type", lambda n: output(n, "plan").update(output_type="pyout"), "outputs"),
        ("output's other count", lambda n: output(n, "plan").update(execution_count=99), "counts"),
        ("run's name elsewhere", lambda n: bundle(n, "plan").update({RUN: bundle(n, "begin")[RUN]}), "outputs"),
        ("run's name changed", lambda n: bundle(n, "begin")[RUN].update(run="x"), "notebook-other"),
        ("copy elsewhere", lambda n: bundle(n, "plan").update({JOURNAL: bundle(n, "headline")[JOURNAL]}), "outputs"),
        ("copy dropped", lambda n: bundle(n, "headline").pop(JOURNAL), "copy-absent"),
        ("copy altered", lambda n: bundle(n, "headline")[JOURNAL][0].update(reason="x"), "copy-differs"),
        ("copy of another type", lambda n: bundle(n, "headline")[JOURNAL][1].update(n=True), "copy-differs"),
        ("copy that is no list", lambda n: bundle(n, "headline").update({JOURNAL: "0" * 32}), "copy-differs"),
        ("copy under another name", renamed_copy, "copy-absent"),
        ("copy cut", lambda n: bundle(n, "headline")[JOURNAL].pop(), "copy-differs"),
        ("text reworded", lambda n: n["cells"][0].update(source=["# Nothing"]), "cells"),
        ("text's HTML", lambda n: n["cells"][0]["source"].append("\n<p>All is well.</p>"), "cells"),
        ("count of a text", lambda n: n["cells"][0].update(execution_count=7), "cells"),
        ("attachment", lambda n: n["cells"][0].update(attachments={"x.png": {"image/png": "aGVsbG8="}}), "cells"),
        ("cell added", lambda n: n["cells"].insert(5, text("All is well.")), "cells"),
        ("cell dropped", lambda n: n["cells"].remove(cell(n, "## Check ")), "cells"),
        ("cells swapped", swapped_cells, "cells"),
        ("last cell dropped", lambda n: n["cells"].pop(), "cells"),
        ("raw cell", lambda n: n["cells"][0].update(cell_type="raw"), "cells"),
        ("code for text", lambda n: cell(n, "steps.prove(").update(source=["steps.prove(run) "]), "code"),
        ("outputs hidden", lambda n: cell(n, "steps.check(")["metadata"].update(collapsed=True), "cells"),
        ("source hidden", lambda n: cell(n, "steps.check(")["metadata"].update(jupyter={"x": True}), "cells"),
        ("slide skipped", lambda n: cell(n, "steps.check(")["metadata"].update(slideshow={"x": "skip"}), "cells"),
        ("tagged to be removed", lambda n: cell(n, "steps.check(")["metadata"].update(tags=["remove-cell"]), "cells"),
        ("banner added", lambda n: n["cells"].insert(0, text("Approved.", BANNER)), "cells"),
        ("parameter changed", lambda n: cell(n, "# Parameters").update(source=['# Parameters\nticket = "x"']), "cells"),
        ("parameters moved", lambda n: n["cells"].append(popped(n, "# Parameters")), "cells"),
        ("parameters doubled", lambda n: n["cells"].insert(4, dict(cell(n, "# Parameters"), id="x")), "cells"),
        ("parameters attached", lambda n: cell(n, "# Parameters").update(attachments={}), "cells"),
        ("sources hidden", lambda n: [one["metadata"].update(jupyter=HIDDEN) for one in code(n)], "cells"),
        ("parameters hidden", lambda n: cell(n, "# Parameters")["metadata"].update(jupyter=HIDDEN), "cells"),
        ("parameters without an id", lambda n: cell(n, "# Parameters").pop("id"), "cells"),
        ("parameter with a comment", lambda n: injected(n, "  # approved by all"), "cells"),
        ("parameter twice", lambda n: injected(n, '\nselector = "mail-20261124-1"'), "cells"),
        ("line cut in two", cut_line, "notebook-spelling"),
        ("unfinished, with an error", interrupted, "outputs"),
        ("count as true", lambda n: code(n)[0].update(execution_count=True), "counts"),
        ("id doubled", lambda n: n["cells"][1].update(id=n["cells"][0]["id"]), "notebook-spelling"),
        ("id with markup", lambda n: n["cells"][1].update(id='"><p>'), "notebook-spelling"),
        ("count dropped", lambda n: cell(n, "steps.prove(").update(execution_count=None), "counts"),
        ("worksheets", lambda n: n.update(worksheets=[{"cells": []}]), "notebook-spelling"),
        ("nbformat 3", lambda n: n.update(nbformat=3), "notebook-spelling"),
        ("nbformat 5", lambda n: n.update(nbformat=5), "notebook-spelling"),
        ("nbformat 4.0", lambda n: n.update(nbformat=4.0), "notebook-spelling"),
        ("unknown key", lambda n: n.update(note="all is well"), "notebook-spelling"),
        ("title", lambda n: n["metadata"].update(title="All is well"), "notebook-spelling"),
        ("widgets", lambda n: n["metadata"].update(widgets={}), "notebook-spelling"),
        ("HTML in metadata", lambda n: n["metadata"]["language_info"].update(name="<p>x</p>"), "notebook-spelling"),
        ("cells in a key", lambda n: n.update(cells={"0": n["cells"][0]}), "notebook-spelling"),
    )
    for name, change, found in rows:
        yield Forgery(name, in_notebook(change), found)
    yield Forgery("key doubled", in_text('"nbformat": 4', '"nbformat": 3,\n "nbformat": 4'), "notebook-spelling")
    yield Forgery("keys out of order", in_text(VERSION, SWAPPED), "notebook-spelling")
    yield Forgery("journal by a link, notebook forged", linked, "outputs")
    yield Forgery("empty journal of a later name", with_empty, "notebook-other")
    yield Forgery("page hidden by links", hidden_by_links, "page")
    yield Forgery("seal hidden by links", unsealed_behind_links, "unsealed")
    yield Forgery("a link to a folder", in_linked_folder, "not-plain")
    yield Forgery("import in brackets", alone("x.ipynb", "from second_edition import (steps)"), "journal-missing")
    yield Forgery("import of another kind", alone("x.ipynb", "import second_edition.steps as steps"), "journal-missing")
    yield Forgery("import escaped", alone("x.ipynb", "from\\u0020byodkim import steps"), "journal-missing")
    yield Forgery("capital letters", alone("switched.IPYNB", "from second_edition import steps"), "journal-missing")
    yield Forgery("seal in capital letters", beside(".SEAL.JSON", Path.touch), "not-plain")
    yield Forgery("a pipe", beside(".ipynb", os.mkfifo), "not-plain")
    yield Forgery("a device", beside(".ipynb", lambda one: one.symlink_to("/dev/zero")), "not-plain")
    yield Forgery("a folder for a timestamp", beside(".seal.tsr", Path.mkdir), "not-plain")
    yield Forgery("a folder for a seal", no_file_for_seal, "unsealed")
    yield Forgery("a line of another format for a decoy", with_short_decoy, "outputs")
    yield Forgery("request to the DNS team", request_changed, "request-file", "refused")
    yield Forgery("import line escaped", escaped, "notebook-spelling")
    yield Forgery("no journal, all outputs, an error", stripped(), "journal-missing")
    yield Forgery("no journal, the headline, an error", stripped(keep="headline"), "journal-missing")
    yield Forgery("no journal, other code", stripped("import second_edition"), "journal-missing")
    yield Forgery("no journal, code that looks around", stripped("from second_edition import explore"), "journal-missing")
    yield Forgery("emptied journal, all outputs, an error", journal_emptied, "emptied")
    yield Forgery("no journal, an error, the page", refused_with_page, "journal-missing")
    yield Forgery("emptied journal, the page", page_alone, "emptied")
    yield Forgery("no more than the page's seal", page_seal_alone, "journal-missing")
    for name, change in REFUSALS:
        yield Forgery(f"refusal: {name}", in_notebook(change), "journal-missing", "unbegun")
    yield Forgery("NaN", in_text('"nbformat_minor": 5', '"nbformat_minor": NaN'), "notebook-spelling")
    yield Forgery("NaN in the copy", in_text('"previous": null', '"previous": NaN'), "notebook-spelling")
    yield Forgery("BOM", in_text("{", "\ufeff{"), "notebook-spelling")
    yield Forgery("white space", in_text('"nbformat": 4', '"nbformat":  4'), "notebook-spelling")
    yield Forgery("blank at the end", lambda path: path.write_bytes(path.read_bytes() + b" "), "notebook-spelling")
    yield Forgery("error reworded", in_notebook(untouched), "outputs", "refused")
    yield Forgery("error dropped", in_notebook(dropped), "outputs", "refused")
    yield Forgery("decoy journal", with_decoy, "unsealed")
    yield Forgery("reason changed", in_journal(lambda events: events[0].update(reason="x")), "seal-other-journal")
    yield Forgery("laundered", launder, "unsealed")
    yield Forgery("end taken away", truncated, "seal-other-journal")
    yield Forgery("end added", in_journal(lambda events: events.append(dict(events[-1]))), "seal-other-journal")
    yield Forgery("digest changed with the output", digest_too, "seal-other-journal")
    yield Forgery("digest dropped", in_journal(lambda events: event(events, "shown").clear()), "journal-foreign")
    yield Forgery("key record of a number", in_journal(record_of_a_number), "journal-foreign")
    yield Forgery("a clock beyond any", in_journal(lambda events: clock(events, 1e308)), "seal-other-journal")
    yield Forgery("year one", in_journal(lambda events: events[0].update(at=YEAR_ONE)), "journal-foreign")
    yield Forgery("another format", in_journal(lambda events: events[0].update(format=2)), "journal-foreign")
    yield Forgery("format as true", in_journal(lambda events: events[0].update(format=True)), "journal-foreign")
    yield Forgery("seal dropped", lambda path: seal_path(journal_of(path)).unlink(), "unsealed")
    yield Forgery("sealed by another key", sealed_by_another, "seal-unknown-key")
    yield Forgery("seal of another run", of_another_run(archive), "seal-other-run")
    yield Forgery("another predicate", stated(lambda told: told.update(predicateType="urn:x")), "seal-other-run")
    yield Forgery("another outcome", stated(lambda told: told["predicate"].update(outcome="X")), "seal-other-statement")
    yield Forgery("another head", stated(lambda told: told["predicate"].update(head="0" * 64)), "seal-other-journal")
    yield Forgery("another statement", stated(lambda told: told.update(_type="x")), "seal-malformed")


#: What may be changed of a run that was refused before it began.
REFUSALS: Sequence[tuple[str, Change]] = (
    ("headline", lambda n: bundle(n, "headline").update({"text/plain": "SWITCHED  all is well"})),
    ("HTML", lambda n: bundle(n, "headline").update({"text/html": "<h3>SWITCHED</h3>"})),
    ("Markdown", lambda n: bundle(n, "headline").update({"text/markdown": "### SWITCHED"})),
    ("a tag", lambda n: bundle(n, "headline").update({"text/html": "<img>"})),
    ("a picture", lambda n: bundle(n, "headline").update({"image/svg+xml": "<svg/>"})),
    ("output's metadata", lambda n: output(n, "headline").update(metadata={"isolated": True})),
    ("another output", lambda n: cell(n, "headline")["outputs"].append(SHOWN)),
    ("output of another cell", lambda n: cell(n, "steps.plan(")["outputs"].append(SHOWN)),
    ("output of a text", lambda n: n["cells"][0].update(outputs=[SHOWN])),
    ("error's text", lambda n: cell(n, "steps.begin(")["outputs"][-1].update(evalue="SWITCHED")),
    ("error's trace", lambda n: cell(n, "steps.begin(")["outputs"][-1].update(traceback=["SWITCHED"])),
    ("error without a name", lambda n: cell(n, "steps.begin(")["outputs"][-1].update(EMPTY)),
    ("error dropped", lambda n: cell(n, "steps.begin(")["outputs"].clear()),
    ("error moved", lambda n: cell(n, "steps.plan(")["outputs"].append(cell(n, "steps.begin(")["outputs"].pop())),
    ("a cell after it", lambda n: cell(n, "steps.plan(").update(execution_count=9)),
)
VERSION, SWAPPED = '"nbformat": 4,\n "nbformat_minor": 5', '"nbformat_minor": 5,\n "nbformat": 4'
BANNER = "papermill-error-cell-tag"
HIDDEN = {"source_hidden": True}


def text(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "x", "metadata": {"tags": list(tags)}, "source": [source]}


def popped(notebook: Notebook, source: str) -> dict[str, Any]:
    found = cell(notebook, source)
    notebook["cells"].remove(found)
    return found


def dropped(notebook: Notebook) -> None:
    cell(notebook, "steps.check(")["outputs"].pop()


def untouched(notebook: Notebook) -> None:
    """The error says that SES was touched."""
    error = cell(notebook, "steps.check(")["outputs"][-1]
    words = error["evalue"].replace("SES was not touched", "SES was touched")
    assert words != error["evalue"]
    error.update(evalue=words, traceback=[f"{error['ename']}: {words}"])
