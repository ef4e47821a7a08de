"""What nobody touched is verified: every outcome, every cell that a run can end in, both languages."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from errno import EACCES
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.display.placeholder import placeholder
from second_edition.evidence.archive import runs
from second_edition.evidence.folders import LARGEST_READ
from second_edition.evidence.journal import SUFFIX, run_of
from second_edition.evidence.seal import seal_path
from second_edition.evidence.verification_case import NOTES
from second_edition.evidence.verification_files import NothingToVerify, collect
from second_edition.launch.command_line import main
from tests.second_edition.display.archive import RUNS, Archive
from tests.second_edition.each import each
from tests.second_edition.verification.judged import codes, faults, files_of, journal_of, judge, own, seal_of
from tests.second_edition.verification.made import cut, events_of, follow, save, vouch

CLOSED = [name for name in RUNS if name not in ("unbegun", "killed")]


@each("name", CLOSED)
def test_a_run_that_came_to_its_end(archive: Archive, name: str) -> None:
    (one,) = judge(archive(name).parent)
    assert codes(one) == set()
    assert (one.verdict, one.domain) == ("verified", "example.jp")
    assert one.keyid in own().keys


def test_a_chain_of_runs(untouched: Path) -> None:
    runs = judge(untouched)
    assert [codes(one) for one in runs] == [set()] * 4
    assert [one.outcome for one in runs] == ["PLANNED", "SWITCHED", "UNCHANGED", "SWITCHED"]
    links = [one.link for one in runs]
    assert [link.previous if link else "" for link in links] == [
        "",
        *(one.run for one in runs[:-1]),
    ]


def test_verify_counts_what_the_site_lists(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    folder = archive("unbegun").parent
    main(["verify", str(folder), "--language", "en"])
    assert "\n1 run: 0 verified, 1 not begun, 0 off" in capsys.readouterr().out
    assert len(runs(folder)) == 1


@pytest.mark.parametrize("shows", [0, 1])
def test_a_notebook_without_a_journal_shows_no_run_or_is_off(archive: Archive, tmp_path: Path, shows: int) -> None:
    """Killed before the first event, a run leaves a notebook that says at most that it was to begin."""
    content = json.loads(archive("switched").read_bytes())
    headline, _, parameters, *_ = code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        cell |= {"outputs": [], "execution_count": None}
    headline["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": placeholder()}][:shows]
    left = tmp_path / "left.ipynb"
    save(left, content)
    (one,) = judge(tmp_path)
    assert (one.verdict, codes(one)) == ("no-run", {"unbegun"})
    content["metadata"]["papermill"]["parameters"]["ticket"] = float("nan")  # as papermill takes the word nan
    save(left, content)
    (one,) = judge(tmp_path)
    assert (one.verdict, codes(one)) == ("no-run", {"unbegun"})
    parameters["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1"]}]
    save(left, content)
    (one,) = judge(tmp_path)
    assert (one.verdict, codes(one)) == ("off", {"journal-missing"})


def test_a_run_that_was_killed_never_closed_and_shows_nothing_else(archive: Archive, tmp_path: Path) -> None:
    (one,) = judge(archive.copy("killed", tmp_path).parent)  # its own journal is still held by the tests' process
    assert codes(one) - NOTES == {"open"}
    assert one.outcome == ""


def test_the_signed_page_of_one_run_is_not_said_of_another_of_its_name(chain: Path, tmp_path: Path) -> None:
    """Two runs were executed into one notebook, and the first left none."""
    (page := chain / "back.html").write_text("Page")
    vouch(journal_of(chain, "back"), page)
    (chain / "again.ipynb").unlink()
    for path in files_of(chain, "again"):
        path.rename(chain / path.name.replace("again", "back"))
    found = judge(chain)
    assert not any("page-uncovered" in codes(one) for one in found)
    assert [one.outcome for one in found if "page-of-another" in codes(one)] == ["UNCHANGED"]
    own = next(path for path in chain.glob("back.*.journal.jsonl") if events_of(path)[-1]["outcome"] == "SWITCHED")
    moved = own.rename(tmp_path / own.name)
    (alone,) = judge(next(chain.glob("back.*.journal.jsonl")))
    assert "page-uncovered" in codes(alone)  # a page with its seal that was brought here, without its run
    moved.rename(own)
    page.write_text("Page of nobody")
    assert {code for one in judge(chain) for code in codes(one)} >= {"page", "page-uncovered"}


def test_a_killed_run_is_accounted_for_by_the_one_that_found_it_stopped(chain: Path) -> None:
    """The last run of a chain, cut off as by a kill, and then followed."""
    cut(chain, "back", events=3)
    assert faults(judge(chain)) == {"back": {"open"}}
    with journal_of(chain, "back").open("ab") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)  # as a run that is under way
        assert [one.verdict for one in judge(chain)] == [*["verified"] * 3, "cannot-tell"]
    run = run_of(follow(chain, "later", after="back"))
    assert faults(judge(chain)) == {}
    (told,) = [found.text for one in judge(chain) for found in one.findings if found.code == "taken-up"]
    assert told == f"it never closed; run {run}, which ended UNCHANGED, found it stopped"
    (alone,) = judge(journal_of(chain, "back"))
    assert "no run in the files given found it stopped" in next(
        one.text for one in alone.findings if one.code == "open"
    )


def test_a_run_that_is_still_at_work_is_not_judged_by_what_it_has_not_made_yet(chain: Path) -> None:
    """Between its closing event and its seal; and before its first event."""
    seal_of(chain, "back").unlink()
    (first := chain / f"first.20300101T000000Z-0001{SUFFIX}").touch()
    with journal_of(chain, "back").open("ab") as journal, first.open("ab") as begun:
        for one in (journal, begun):
            fcntl.flock(one, fcntl.LOCK_EX)
        assert faults(judge(chain)) == {"back": {"under-way"}, "first": {"under-way"}}
    assert faults(judge(chain)) == {"back": {"unsealed"}}


@pytest.mark.parametrize(("sealed", "found"), [(True, "seal-unknown-key"), (False, "unsealed")])
def test_a_run_without_a_trusted_seal_accounts_for_no_other_and_is_named(chain: Path, sealed: bool, found: str) -> None:
    cut(chain, "back", events=3)
    later = follow(chain, "later", after="back", key=Ed25519PrivateKey.generate())
    if not sealed:
        seal_path(later).unlink()
    runs = judge(chain)
    assert faults(runs) == {"back": {"taken-up-untrusted"}, "later": {found}}
    (told,) = [one.text for run in runs for one in run.findings if one.code == "taken-up-untrusted"]
    assert f"run {run_of(later)} found it stopped, and no key that is trusted here signed that run" in told


def test_a_run_counts_once_by_however_many_names(untouched: Path, tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.symlink_to(untouched)
    folder.mkdir()
    for path in untouched.glob("apply.*"):
        (folder / path.name).symlink_to(path)
    named = [folder / "apply.ipynb", *folder.glob("*.jsonl")]
    assert len(collect([untouched, elsewhere, *named], "en")) == len(collect([untouched], "en")) == 4


def alone(text: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    """A notebook of one cell that was not executed, but for ``more``."""
    one = {"cell_type": kind, "source": ["# Why\n", text], "outputs": [], "execution_count": None}
    return {"cells": [{**one, **{name: value for name, value in more.items() if name != "metadata"}}], **more}


OURS = "from second_edition import steps"


@each(
    ("notebook", "counts"),
    [
        (alone(OURS, metadata={}), False),
        (alone(OURS, metadata={}, execution_count=1), True),
        (alone(OURS, metadata={}, outputs=["x"]), True),
        (alone(OURS, metadata={"papermill": {}}), True),
        (alone(OURS, "markdown", metadata={"papermill": {}}, execution_count=1), False),
        (alone("import os", metadata={"papermill": {}}, execution_count=1), False),
        (alone("import os", metadata={}, outputs=["application/vnd.byodkim.run"]), True),
        (alone(OURS), True),  # none that can be read
    ],
)
def test_which_notebooks_without_a_journal_are_looked_at(
    tmp_path: Path, notebook: dict[str, Any], counts: bool
) -> None:
    path = tmp_path / "alone.ipynb"
    for text in (json.dumps(notebook), json.dumps(notebook).replace("byod", r"\u0062yod").replace("second_", r"\u0073econd_")):
        path.write_text(text)
        assert [one.notebook for one in collect([tmp_path], "en")] == [path] * counts
    os.truncate(path, LARGEST_READ + 1)  # which cannot be read
    assert [one.notebook for one in collect([tmp_path], "en")] == [path]
    path.write_bytes(b"\xff" + text.encode())  # none that can be read, but for its letters
    assert [one.notebook for one in collect([tmp_path], "en")] == [path] * ("second" in json.dumps(notebook) or "byod" in json.dumps(notebook))


def test_a_folder_that_cannot_be_read_is_said(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be root who runs this, whom no mode keeps out."""
    (closed := chain / "closed").mkdir()
    read = os.scandir

    def scandir(path: Path) -> Any:
        if path == closed:
            raise OSError(EACCES, os.strerror(EACCES))
        return read(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert faults(judge(chain)) == {"closed": {"not-plain"}}
    with pytest.raises(NothingToVerify, match=r"closed を読み取れません（アクセス権がありません）") as raised:
        collect([closed], "ja")
    assert raised.value.todo.startswith("実行済みのノートブック")


def test_a_notebook_that_cannot_be_read_is_said_with_the_reason(chain: Path) -> None:
    os.truncate(chain / "again.ipynb", LARGEST_READ + 1)
    (text,) = (found.text for one in judge(chain) for found in one.findings if found.code == "notebook-unread")
    assert text == "its notebook cannot be read (File too large)"


def test_an_empty_journal_is_a_run_that_was_stopped_as_it_began_where_something_says_so(
    chain: Path, archive: Archive
) -> None:
    """Another run of its name, whose page that may be, or a notebook that shows a refusal; else somebody emptied it."""
    shutil.copy(next(archive("unbegun").parent.glob("*.ipynb")), chain / "refused.ipynb")
    for number, (stem, code) in enumerate((("again", "unbegun"), ("other", "emptied"), ("refused", "unbegun"))):
        path = chain / f"{stem}.20300101T000000Z-0000000{number}{SUFFIX}"
        path.touch()
        if stem != "refused":
            (chain / f"{stem}.html").write_text("SWITCHED")
            (chain / f"{stem}.ipynb").unlink(missing_ok=True)
        (one,) = (one for one in judge(chain) if one.files.journal == path)
        assert codes(one) == {code}, stem
        path.with_name(path.name.replace(SUFFIX, ".seal.json")).touch()  # more of it is left than a run that began has
        (one,) = (one for one in judge(chain) if one.files.journal == path)
        assert codes(one) == {"emptied"}, stem
        path.with_name(path.name.replace(SUFFIX, ".seal.json")).unlink()
