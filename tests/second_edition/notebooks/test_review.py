"""The review notebook, run by the real papermill and by a kernel in its own folder, over an archive of sealed runs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from second_edition import review
from second_edition.errors import ParameterError
from second_edition.evidence.archive import ArchiveError
from tests.second_edition.evidence.pasts import SATO, Told, write_all
from tests.second_edition.golden.__main__ import ARCHIVE, KEY
from tests.second_edition.notebooks.runs import execute
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.rotation.world import CURRENT, NEXT

PAST = (
    Told(0, outcome="REFUSED", served=False, requested=True),
    Told(14),
    Told(60, asked=CURRENT, before=NEXT),
    Told(61, domain="other.example.jp"),
)
TEMPLATE = ROOT / "lib/second_edition/notebooks/review.ipynb"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with the notebook and an archive."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "notebooks").mkdir()
    (folder / "outputs").mkdir()
    shutil.copy(TEMPLATE, folder / "notebooks")
    write_all(folder / "outputs", PAST)
    return folder


def papermill(project: Path, *words: str, name: str = "review.ipynb") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", "notebooks/review.ipynb", name, "--no-progress-bar", *words]
    return execute(command, project)


def shown(notebook: Any) -> list[str]:
    """Return what each cell showed, as text and as Markdown."""
    return [
        json.dumps(output.get("data") or output, ensure_ascii=False)
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
    ]


def test_papermill_reviews_an_archive_and_leaves_it_as_it_was(project: Path) -> None:
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in (project / "outputs").iterdir()}
    done = papermill(project, "-p", "identity", "example.jp", "-p", "language", "en")
    assert done.returncode == 0, done.stderr
    cells = shown(json.loads((project / "review.ipynb").read_text("utf-8")))
    listed, outcomes, verified, compared, picture, history, switches = cells
    assert re.search(r"example\.jp +123456789012 ap-northeast-1 +1 +2", outcomes)  # one REFUSED, two SWITCHED
    assert "0 days 00:00:38" in switches
    assert listed.count(SATO) >= 3
    assert "other.example.jp" not in listed
    assert "Every run verifies" in verified
    assert PAST[1].run in compared
    assert PAST[2].run in compared
    assert "image/svg+xml" in picture
    assert "Which selector example.jp signed with, from 2026-11-10 11:00 to 2027-01-09 11:00" in picture
    assert "38 s" in history
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in (project / "outputs").iterdir()} == before


def test_two_runs_are_compared_as_they_are_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    found = review.begin(runs=f"{PAST[1].run}, {PAST[0].run}", language="en")
    shown = review.compare(found)
    assert repr(shown).index(PAST[0].run) < repr(shown).index(PAST[1].run)
    assert list(shown.frame.columns) == ["value", "earlier", "later"]
    assert shown.frame.set_index("value").loc["run.outcome"].tolist() == ["REFUSED", "SWITCHED"]
    # The newest run is the first of its identity: the pair is another identity's.
    shown = review.compare(review.begin(language="en"))
    assert repr(shown).index(PAST[1].run) < repr(shown).index(PAST[2].run)
    absent = review.begin(runs=f"{PAST[1].run}, 20200101T000000Z-0000")
    with pytest.raises(ArchiveError):
        review.compare(absent)


def test_what_does_not_verify_is_named_with_what_is_off(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / "outputs", tmp_path / "a")
    path = next(path for path in (tmp_path / "a").iterdir() if PAST[1].run in path.name and path.suffix == ".jsonl")
    path.write_bytes(path.read_bytes().replace(b"SUCCESS", b"SUCCESs", 1))
    found = review.begin(archive=str(tmp_path / "a"), language="en")
    told = repr(review.verify(found))
    assert "does not verify" in told
    assert PAST[1].run in told
    assert "does not hold together" in told
    assert PAST[1].run in set(review.verify(found).frame["run"])
    left_out = next(line for line in repr(review.history(found)).splitlines() if "does not verify" in line)
    assert f"The history leaves out runs whose evidence does not verify: {PAST[1].run} (" in left_out
    assert "does not hold together" in left_out


def test_campaigns_are_neither_two_runs_of_an_identity_nor_one_s_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest run is a campaign's, which has a plan run before it; its identities have one run each."""
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, [one for one in file if one.name.startswith("archive/campaign")], filter="data")
    shutil.copy(KEY, tmp_path)
    (tmp_path / "byodkim.toml").write_text(f'[default]\nsealing_keys = ["{KEY.name}"]\n')
    monkeypatch.chdir(tmp_path)
    found = review.begin(archive="archive", language="en")
    assert [one.procedure for one in found.runs].count("fleet") > 1
    assert found.runs[0].procedure == "fleet"
    assert found.runs[0].trace is not None
    assert "no two runs" in repr(review.compare(found))
    history = repr(review.history(found))
    assert "No run saw what it signs with" not in history
    assert "mail-20261124-1" in history


def test_each_world_of_an_identity_has_its_own_history(tmp_path: Path) -> None:
    played = dataclasses.replace(PAST[1], day=20, target="sandbox", sandbox="http://127.0.0.1:4599")
    write_all(tmp_path, (PAST[1], played))
    shown = review.history(review.begin(archive=str(tmp_path), language="en"))
    titles = re.findall(r"^(In AWS|Rehearsal in a sandbox): (.+)$", repr(shown), re.MULTILINE)
    assert [kind for kind, _ in titles] == ["In AWS", "Rehearsal in a sandbox"]
    assert len(set(shown.frames["switches"]["world"])) == 2


def test_an_empty_archive_is_told_as_one(tmp_path: Path) -> None:
    found = review.begin(archive=str(tmp_path), language="en")
    listed = review.list_runs(found)
    assert "There are no runs here yet." in repr(listed)
    assert listed.frame.groupby(["identity", "world", "outcome"], dropna=False).size().unstack(fill_value=0).empty
    assert "no two runs" in repr(review.compare(found))
    assert "No run saw" in repr(review.history(found))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"language": "fr"}, "must be one of: en | ja"),
        ({"runs": PAST[0].run}, "must name two runs"),
        ({"identity": "absent.example.jp"}, "it knows: example.jp, other.example.jp"),
        ({"runs": 20261110}, "came as the number 20261110, not as text"),
        ({"x": "y"}, "no parameter named x"),
    ],
)
def test_a_wrong_parameter_is_said_in_one_paragraph(
    project: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], told: str
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(ParameterError, match=told):
        review.begin(**given)
