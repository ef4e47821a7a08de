"""A procedure is one package and one notebook: one that a copy of the library has besides runs, and is verified."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import nbformat

from tests.second_edition.notebooks.runs import ENTRY
from tests.second_edition.project.test_templates import text
from tests.second_edition.project.tracked import ROOT

#: The package ``note``: what a procedure has at least. It would write one note on an identity that signs.
PACKAGE: Final = {
    "__init__": """
        from second_edition.contributions import About
        ABOUT = About("run notebooks/note.ipynb: note that an identity signs", "note", 5)
    """,
    "steps": """
        from second_edition.evidence.journal import digest
        from second_edition.engine import closing, lifecycle, observing
        from second_edition.engine.stages import Procedure, Work
        from second_edition.procedures.note.checks import AFTER, BEFORE
        from second_edition.rotation.checks import Case
        from second_edition.rotation.plan import Plan, Write

        def plan(run, seen, findings):
            facts = {"identity.status": seen.identity.status}
            return Plan.of([Write("PutNote", seen.domain, seen.identity.selector)], facts, digest)

        PROCEDURE = Procedure(
            name="note", steps=lifecycle.STEPS, gather=observing.gather, outcome=closing.of_made,
            work=Work(lambda _, seen: (seen, {}), Case, BEFORE, AFTER, plan, writes=lambda *_: iter(())),
        )
    """,
    "checks": """
        from second_edition.rotation.checks import CHECKS
        from second_edition.rotation.findings import CheckFailed, Registry, phrase

        BEFORE, AFTER = Registry(), Registry()
        BEFORE.share(CHECKS, "SES-EXISTS")

        @BEFORE("NOTE-SELECTOR", phrase("one selector"))
        def selector(case):
            '''NOTE-SELECTOR: SES signs with one selector.

            Remedy: Look again when SES shows one.
            '''
            if len(case.identity().selectors) != 1:
                raise CheckFailed(phrase("none, or several"))
            return case.identity().selector
    """,
    "record": """
        from second_edition.display import checks, observed, summary, writes
        from second_edition.display.blocks import Paragraph
        from second_edition.display.sections import CLOSE, Row, said

        def plan(record, words):
            return [writes.planned(record.made.writes, lambda one: one.target, lambda *_: "", words)]

        def sentence(record, outcome, words):
            return said("note", f"came.{outcome}", words, domain=record.begin.domain)

        def meaning(record, outcome, words):
            return [Paragraph(words.record("meaning.planned", digest=record.made.digest))] if record.made else []

        def onward(record, outcome, words):
            return [summary.again(record, "apply")]

        def answers(record, words):
            return dict.fromkeys(("changed", "safe", "finished", "back"), (words("nothing was written"),))

        unfinished = summary.stopped
        SECTIONS = (
            Row("check", "checks", checks.checks), Row("plan", "plan", plan),
            Row("observe", "state", observed.current_state, folded=True), *CLOSE,
        )
    """,
    "words": """
        TEXTS = {"came.PLANNED": "A note on {domain} would be written", "untouched": "Nothing was noted."}
    """,
    "outcome": """
        from second_edition.evidence.decided import outcome_of_made
        from second_edition.rotation.outcome import Outcome

        APPLIED = frozenset({Outcome.PREPARED})
        begun = lambda record: False
        outcome_of = lambda record: outcome_of_made(record, Outcome.PREPARED, lambda _: False)
    """,
    "needs": """
        from second_edition.access.needs import LOOK, WHO
        NEEDS = (WHO, LOOK)
    """,
}
PROFILE: Final = '[default]\naccount = "123456789012"\nregion = "ap-northeast-1"\ndomain = "example.jp"\n'
CELLS: Final = (
    "from second_edition import steps\n\nsteps.headline()",
    'selector: str = ""\ntarget: str = "aws"\nmode: str = "plan"',
    'run = steps.begin("note", **steps.parameters())',
    *(f"steps.{step}(run)" for step in ("observe", "check", "plan", "apply", "close")),
)


def added(tree: Path) -> dict[str, str]:
    """Add the procedure to a copy of the library, and return the environment in which that is used."""
    shutil.copytree(ROOT / "lib/second_edition", tree / "second_edition", ignore=shutil.ignore_patterns("__pycache__"))
    package, notebook = tree / "second_edition/procedures/note", tree / "notebooks/note.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    cells[1].metadata["tags"] = ["parameters"]
    for folder in (package, notebook.parent, tree / "outputs"):
        folder.mkdir()
    metadata = nbformat.read(ROOT / "lib/second_edition/notebooks/rotate.ipynb", 4).metadata
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), notebook)
    (tree / "byodkim.toml").write_text(PROFILE, "utf-8")
    for name, source in PACKAGE.items():
        (package / f"{name}.py").write_text("\n".join(line[8:] for line in source.splitlines()), "utf-8")
    (package / "shipped.json").write_text(text(notebook), "utf-8")
    return {"PATH": os.environ["PATH"], "HOME": str(tree), "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join((str(tree), ENTRY))}


def test_a_new_procedure_is_one_package_and_one_notebook(tmp_path: Path) -> None:
    environment = added(tmp_path)

    def run(*words: str) -> str:
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("papermill", "notebooks/note.ipynb", "outputs/note.ipynb", "-p", "target", "sandbox")
    byodkim = "second_edition.launch.command_line"
    verified = run(byodkim, "verify", "outputs/note.ipynb")
    assert "1 run: 1 verified, 0 off." in verified
    assert "1 made from note.ipynb as this version ships it." in verified
    assert "PLANNED  A note on example.jp would be written" in run(
        byodkim, "record", "outputs/note.ipynb", "-o", "1.html"
    )
    page = (tmp_path / "1.html").read_text("utf-8")
    assert all(told in page for told in ("A note on example.jp", "SES signs with one selector", "PutNote"))
    assert "note that an identity signs" in run(byodkim, "--help")
    assert "ses:GetEmailIdentity" in run(byodkim, "policy", "note")
