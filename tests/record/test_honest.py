"""Archives that nobody forged verify, wherever they are copied to."""

import shutil
import subprocess
from pathlib import Path

import pytest

from byodkim.errors import RecordError
from byodkim.record.verify import verify_folder, verify_run
from tests.record.archives import said


def git_clone(folder: Path, place: Path) -> Path:
    mail = ["-c", "user.name=mori", "-c", "user.email=mori@example.jp"]
    shutil.copytree(folder, place / "repository" / "outputs")
    (place / "repository/outputs/.gitattributes").write_text("* -text\n")
    for arguments in (["init", "-q"], ["add", "."], [*mail, "commit", "-qm", "records"]):
        subprocess.run(["git", *arguments], cwd=place / "repository", check=True)
    clone = ["git", "clone", "-q", "-c", "core.autocrlf=true", "repository", "clone"]
    subprocess.run(clone, cwd=place, check=True)
    return place / "clone/outputs"


def test_an_archive_survives_being_copied(original, tmp_path):
    report = original.verify(git_clone(original.folder, tmp_path))
    assert report.verified, said(report)
    assert [(run.name, run.verdict, run.outcome) for run in report.runs] == [
        ("plan-1", "VERIFIED", "PLANNED"),
        ("apply-1", "VERIFIED", "SWITCHED"),
        ("rehearsal", "VERIFIED", "PLANNED"),
        ("apply-2", "VERIFIED", "REFUSED"),
        ("plan-2", "VERIFIED", "PLANNED"),
        ("killed", "UNSIGNED", ""),
    ]


def test_signers_and_rehearsals_are_named(original):
    runs = {run.name: run for run in original.verify().runs}
    assert [name for name, run in runs.items() if run.is_sandbox] == ["rehearsal"]
    assert (runs["apply-1"].signer, runs["apply-2"].signer) == ("mori", "sato")
    assert "nothing in it is proved" in str(runs["killed"].why)


def test_the_newest_run_is_named_until_a_head_is_given(original):
    report = original.verify()
    printed = subprocess.run(
        ["sha256sum", "plan-2.journal.jsonl"], cwd=original.folder, capture_output=True, text=True
    ).stdout.split()[0]
    assert report.head == printed
    assert f"The newest run is plan-2, head {printed}" in said(report)
    for run in report.runs[:5]:
        with_head = original.verify(head=f" {run.head.upper()}\n")
        assert with_head.verified
        assert with_head.notes == ()


def test_a_folder_without_runs_verifies(empty):
    assert empty.verify().verified
    assert not empty.verify(head="0" * 64).verified
    with pytest.raises(RecordError, match="cannot be read"):
        empty.verify(empty.folder / "missing")


def test_a_verifier_without_keys(original):
    report = verify_folder(original.folder, {})
    assert not report.verified
    sealed = [run for run in report.runs if run.name != "killed"]
    assert {run.verdict for run in sealed} == {"UNKNOWN"}
    assert sealed[0].signer == original.mori.public
    assert original.mori.public in str(sealed[0].why)
    assert sealed[0].outcome == ""


def test_a_run_may_be_called_like_an_approval(empty):
    empty.run("plan.approval-x")
    assert empty.verify().verified


def test_a_run_without_its_unsigned_notebook(empty):
    empty.run("stopped", "REFUSED", ends="sealed")
    assert "not covered by the seal" in said(empty.verify())
    (empty.folder / "stopped.ipynb").unlink()
    report = empty.verify()
    assert report.verified
    assert "The seal covers no notebook" in said(report)


@pytest.mark.parametrize("suffix", [".ipynb", ".journal.jsonl", ".seal.json", ".html", ".csv"])
def test_one_run_is_verified_by_any_of_its_files(original, suffix):
    report = verify_run(
        original.folder / f"apply-1{suffix}",
        {original.mori.public: "mori"},
        approvals_required=1,
        approvers={"tanaka": original.tanaka.public},
    )
    assert report.verified, said(report)
    assert [(run.name, run.verdict) for run in report.runs] == [("apply-1", "VERIFIED")]
    assert "not its place in the chain" in said(report)


def test_one_run_that_was_changed_or_is_missing_is_told(sample):
    trusted = {sample.mori.public: "mori"}
    (sample.folder / "plan-2.csv").write_text("x")
    assert not verify_run(sample.folder / "plan-2.ipynb", trusted).verified
    (sample.folder / "apply-1.csv").rename(sample.folder / ".csv")
    (sample.folder / "plan-1.csv").symlink_to(".csv")
    assert "No signature covers plan-1.csv" in said(
        verify_run(sample.folder / "plan-1.html", trusted)
    )
    (sample.folder / "plan-1.html").write_text("x")
    assert verify_run(sample.folder / "plan-1.html", trusted).runs[0].verdict == "WRONG"
    with pytest.raises(RecordError, match="no record"):
        verify_run(sample.folder / "plan-9.ipynb", trusted)
